/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_RANK_H
#define PC_IMAGE_RANK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Values by rank, exactly, without sorting: selection by histograms over the floats' bits. Private to
 * lib/image: statistics are asked for by image/stats.h. */

/* What is ranked: the pixels within [lo, hi] (finite ones) where `where` is not 0 (NULL: all), by their value
 * or (deviation) by their distance from `centre`. */
struct pc_ranked {
    const float *pix;
    const unsigned char *where;
    int64_t n;
    float lo, hi;
    double centre;
    bool deviation;
};

/* Bits that sort as the floats do. */
static inline uint32_t pc_float_key(float v)
{
    union {
        float f;
        uint32_t u;
    } b = {.f = v + 0.0F}; /* -0 becomes 0 */
    return b.u ^ ((b.u >> 31) ? 0xFFFFFFFFU : 0x80000000U);
}

static inline float pc_key_float(uint32_t key)
{
    union {
        float f;
        uint32_t u;
    } b = {.u = key ^ ((key >> 31) ? 0x80000000U : 0xFFFFFFFFU)};
    return b.f;
}

/* The values of two ranks, counted from 0; there must be as many pixels. Two passes when the ranks are near
 * each other. PC_EX_NOMEM only. */
int pc_rank_pair(const struct pc_ranked *r, int64_t first, int64_t second, double v[2],
                 struct pc_err *err) PC_MUST_CHECK;

#endif
