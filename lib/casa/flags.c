/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/flags.h"

#include <math.h>
#include <string.h>

static const uint32_t exponent = 0x7f800000;

/* Whether nothing is to be done: nearly always, and by whole numbers, which vectorise. A weight of -0 counts
 * as bad here; the slow way keeps it. */
static bool all_good(int64_t n, const unsigned char *flag, const float *vis_jy, const float *weight)
{
    uint32_t bad = 0, flags = 0;
    for (int64_t i = 0; i < 2 * n; i++) {
        uint32_t bits;
        memcpy(&bits, vis_jy + i, sizeof bits);
        bad |= (bits & exponent) == exponent;
    }
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, weight + i, sizeof bits);
        bad |= bits >= exponent;
    }
    for (int64_t i = 0; i < n; i++)
        flags |= flag[i];
    return !(bad | flags);
}

void pc_flags_apply(int64_t n, const unsigned char *flag, bool all, float *vis_jy, float *weight)
{
    if (!all && all_good(n, flag, vis_jy, weight))
        return;
    for (int64_t i = 0; i < n; i++) {
        const bool finite = isfinite(vis_jy[2 * i]) && isfinite(vis_jy[2 * i + 1]);
        if (!finite)
            vis_jy[2 * i] = vis_jy[2 * i + 1] = 0;
        if (all || flag[i])
            weight[i] = -PC_LEFT_FLAGGED;
        else if (!finite)
            weight[i] = -PC_LEFT_NAN;
        else if (!(isfinite(weight[i]) && weight[i] >= 0))
            weight[i] = -PC_LEFT_WEIGHT;
    }
}
