/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"
#include "base/text.h"
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FUZZ_TEXT_SEEDS("0.0046arcsec", "4mJy/beam", "268.5GHz", "-10km/s", "16GiB", "1e-3 deg", "2'", "+.5", "30s",
                "7\"")

/* What is read is finite, and reads back the same from its SI form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pc_err err = {0};
    char *s = malloc(size + 1);
    if (!s)
        return 0;
    memcpy(s, data, size);
    s[size] = '\0';
    pc_quantity_dim(s);
    for (int dim = PC_DIM_NONE; dim <= PC_DIM_TIME; dim++) {
        double v, again;
        char si[40], both[64];
        if (pc_quantity_parse(s, (enum pc_dim)dim, &v, &err)) {
            fuzz_check(err.code == PC_EX_USAGE && err.msg[0]);
            continue;
        }
        fuzz_check(isfinite(v));
        snprintf(both, sizeof both, "%s%s", pc_text_double(si, v), pc_dim_unit((enum pc_dim)dim));
        fuzz_check(pc_quantity_parse(both, (enum pc_dim)dim, &again, &err) == 0 && again == v);
    }
    free(s);
    return 0;
}
