/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_BATCH_H
#define PC_GRID_BATCH_H

#include "image/image.h"

#include <stdint.h>

/* Samples of a channel, a batch at a time: what gridders and predictors work on. All planes (Stokes) of a
 * channel share positions and weights. Arrays are borrowed. */

struct pc_batch {
    int64_t n;
    int nplane;
    double *u, *v, *w;                       /* wavelengths */
    double *weight;                          /* 0: passed over */
    double *re[PC_MAX_POL], *im[PC_MAX_POL]; /* Jy, for each plane */
    int64_t *at;                             /* row * nchan + chan in the block they are from */
};

#endif
