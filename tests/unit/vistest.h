/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_VISTEST_H
#define PC_TESTS_VISTEST_H

#include "base/mem.h"
#include "image/vis.h"

#include <string.h>

/* Blocks of visibilities for tests: two linear hands, weight 1, no flags, uv 0, unless a test sets it
 * otherwise. */

static inline struct pc_visblock vistest_block(int64_t nrow, int nchan, int ncorr)
{
    struct pc_err err;
    struct pc_visblock b = {.nrow = nrow, .nchan = nchan, .ncorr = ncorr};
    static const int code[4][4] = {{-5}, {-5, -6}, {-1, -3, -2}, {-1, -3, -4, -2}};
    b.info.ncorr = ncorr;
    memcpy(b.info.corr, code[ncorr - 1], sizeof b.info.corr);
    snprintf(b.info.ms, sizeof b.info.ms, "test.ms");
    b.uvw_m = pc_mem_new0(nrow * 3, sizeof(double), "test", &err);
    b.freq_hz = pc_mem_new0(nchan, sizeof(double), "test", &err);
    b.vis_jy = pc_mem_new0(nrow * nchan * ncorr * 2, sizeof(float), "test", &err);
    b.weight = pc_mem_new0(nrow * nchan * ncorr, sizeof(float), "test", &err);
    for (int64_t i = 0; i < nrow * nchan * ncorr; i++)
        b.weight[i] = 1;
    for (int c = 0; c < nchan; c++)
        b.freq_hz[c] = 299792458.0; /* a wavelength of 1 m */
    return b;
}

#endif
