/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURNING_H
#define PC_CASA_TURNING_H

#include "casa/flags.h"

/* The innermost part of turning a MeasurementSet: samples of some rows to where planes have them, big-endian,
 * with what they sum up to. Some rows at a time: swapped and summed along the row, where the processor does
 * many at a time, then dealt to the planes while its first cache has them. For one thread. */

struct pc_turning {
    int nrow_max;
    int64_t row_max, row;                 /* samples of a row: room, now */
    int64_t plane;                        /* of them, a plane's */
    uint32_t *vis, *weight;               /* [nrow_max][row][2 or 1], swapped */
    uint64_t *vis_sum;                    /* [row][2], since the start */
    uint64_t *weight_sum;                 /* [row] */
    double *total;                        /* [row] */
    int64_t (*left_out)[PC_LEFT_NREASON]; /* [row], of which planes are used */
};

struct pc_turned {
    uint32_t vis, weight;    /* DATASUM */
    double total;            /* of the weights */
    const int64_t *left_out; /* [PC_LEFT_NREASON], borrowed */
};

/* Room for nrow rows of row_max samples. */
int pc_turning_init(struct pc_turning *u, int nrow, int64_t row_max, struct pc_err *err) PC_MUST_CHECK;
void pc_turning_fini(struct pc_turning *u);
/* Rows are from now on of nplane planes of so many samples. */
void pc_turning_start(struct pc_turning *u, int nplane, int64_t plane);
/* The next n rows, whose samples begin at vis_jy and weight and follow each other; `stride` samples from row
 * to row. A weight that is not above 0 says why (casa/flags.h), and becomes 0. */
void pc_turning_take(struct pc_turning *u, const float *vis_jy, const float *weight, int64_t stride, int n);
/* The n rows just taken, to where plane q has them. */
void pc_turning_deal(const struct pc_turning *u, int q, int n, void *vis, void *weight);
/* What plane q has got since the start. */
struct pc_turned pc_turning_sums(const struct pc_turning *u, int q);

#endif
