/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FUZZ_TEXT_SEEDS("pcs=1\n", "nchan=3\nspecmode=cube\nframe=LSRK\nfreq_hz=2.3e11\nfreq_hz=2.4e11\n",
                "# note\n\nindex=42\nfreq_hz=230524928600\nwidth_hz=-422900\n",
                "iterdone=7\nstopcode=0\ncycle=1 2 3\ncycle=4 5 6\nresidual_model=0",
                "member=psf.fits 5760\n")

/* What is read formats to something that reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pc_err err = {0};
    struct pc_record r, again;
    struct pc_text one = {0}, two = {0};
    if (pc_record_parse(&r, (const char *)data, size, "record", &err)) {
        fuzz_check(err.code == PC_EX_DATA && err.msg[0]);
        return 0;
    }
    double d;
    long long i;
    for (size_t k = 0; k < r.n; k++) {
        if (pc_record_double(&r, r.line[k].key, &d, &err) == 0 &&
            pc_record_int(&r, r.line[k].key, &i, &err) == 0)
            fuzz_check(d == (double)i);
    }
    fuzz_check(pc_record_format(&r, &one, &err) == 0);
    fuzz_check(pc_record_parse(&again, pc_text_str(&one), one.len, "record", &err) == 0 && again.n == r.n);
    fuzz_check(pc_record_format(&again, &two, &err) == 0);
    fuzz_check(one.len == two.len && memcmp(pc_text_str(&one), pc_text_str(&two), one.len) == 0);
    pc_record_free(&r);
    pc_record_free(&again);
    pc_text_free(&one);
    pc_text_free(&two);
    return 0;
}
