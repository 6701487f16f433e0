/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/freqs.h"

#include "io/bintable.h"

int pc_freqs_format(const double *freq_hz, int nchan, struct pc_text *out, struct pc_err *err)
{
    static const struct pc_bintable_col columns[] = {{"CHAN", "1J", NULL}, {"FREQ", "1D", "Hz"}};
    struct pc_bintable t = {.extname = "FREQ", .col = columns, .ncol = 2};
    for (int k = 0; k < nchan; k++) {
        pc_bintable_put_int(&t, k);
        pc_bintable_put_double(&t, freq_hz[k]);
    }
    int ret = pc_bintable_format(&t, NULL, out, err);
    pc_bintable_fini(&t);
    return ret;
}
