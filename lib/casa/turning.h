/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURNING_H
#define PC_CASA_TURNING_H

#include "casa/flags.h"
#include "casa/resample.h"

/* The innermost part of turning a MeasurementSet: samples of some rows into one plane, big-endian, with what
 * they sum up to, in one go. Thread-safe. */

struct pc_turning {
    const float *vis_jy, *weight; /* the first row's; a weight that is not above 0 says why (casa/flags.h) */
    int64_t row;                  /* samples of a row there: channels times ncorr */
    const struct pc_tap *tap;     /* [nper], whose channels are taken; NULL: the first nper */
    int lo;                       /* the first channel that is there */
    int nper, ncorr;              /* of a row of the plane; ncorr 1 to 4 */
    int64_t n;                    /* rows */
    void *to_vis, *to_weight;     /* aligned to 4 bytes; the weight of what does not count is 0 */
};

struct pc_turned {
    uint32_t vis, weight; /* DATASUM */
    double total;         /* of the weights */
    int64_t left_out[PC_LEFT_NREASON];
};

void pc_turning_do(const struct pc_turning *u, struct pc_turned *sums);

#endif
