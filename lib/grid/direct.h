/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_H
#define PC_GRID_DIRECT_H

#include "grid/batch.h"
#include "grid/gridder.h"

#include <stdbool.h>

/* Visibilities of a model by a direct sum over the pixels that are not zero, its components:
 *
 *   V = sum_lm model exp(+2 pi i (u l + v m + w(n-1)))
 *
 * with l, m of the pixel centres, n-1 = -r2/(1+sqrt(1-r2)) or, without the w-term, 0. No grid, no transform:
 * it costs as many operations as there are components times samples, and is as exact for any position as for
 * those on a gridder's grid.
 *
 * Without the w-term pixels share exp(2 pi i u l) with their column and exp(2 pi i v m) with their row: a
 * sample needs one complex number per column and row that is occupied, and of a component the product with
 * its flux. The w-term goes with columns and rows but for a rest, which is a few terms of a series where it
 * is small (max_w says so) and that is cheaper; else each component takes a cosine and sine of its own.
 * Samples lie side by side in vectors, each is summed by itself in a fixed order: neither the number of
 * threads nor the split into batches changes a bit (as long as no |w| is above max_w: such samples are right
 * all the same, to the same accuracy).
 *
 * Error, relative to sum |model|: below 1e-13 (for phases of 1e6 turns and more). In single precision below
 * 1e-6, and 2e-7 for more than a few dozen components; that takes about half the time, and a third where
 * components have their own phases. */

struct pc_direct_conf {
    struct pc_geom geom;
    int nplane;            /* 1 .. PC_MAX_POL */
    bool wfull;            /* with the w-term */
    double max_w;          /* with it: the largest |w| there will be, wavelengths; 0: not known */
    bool single;           /* in single precision */
    int64_t max_component; /* a model with more is dense; 0: no limit */
    int nthread;
};

/* Holds some 40 bytes per component (and 12 more per further plane and term), and for each thread 256 bytes
 * per occupied column. */
struct pc_direct;
/* Finds the components: the pixels of model[nplane][ny][nx] that are not zero in some plane, but for those
 * beyond the horizon (l^2 + m^2 >= 1); a NaN is one and makes every visibility NaN. The model is not needed
 * afterwards. 0; 1 when it is dense (*d is NULL; the search ends where it is known); -1. */
int pc_direct_new(struct pc_direct **d, const struct pc_direct_conf *conf, const float *model,
                  struct pc_err *err) PC_MUST_CHECK;
void pc_direct_free(struct pc_direct *d);
/* Overwrites re, im of all planes (as many as the model's) of all samples; weight is not looked at. Samples
 * without a position (NaN, infinite) get 0. Not to be called by two threads at a time: they would share
 * working memory. */
void pc_direct_predict(const struct pc_direct *d, struct pc_batch *b);

int64_t pc_direct_ncomponent(const struct pc_direct *d);
/* Columns and rows of pixels that hold a component. */
int pc_direct_ncol(const struct pc_direct *d);
int pc_direct_nrow(const struct pc_direct *d);
/* What the prediction of nsample samples is expected to take one core (of about 2023), seconds. The second is
 * for components anywhere in the image, in ncol columns and nrow rows, where no model is at hand: an upper
 * limit with the w-term, each component then having its own phase. */
double pc_direct_predict_s(const struct pc_direct *d, int64_t nsample);
double pc_direct_cost_s(const struct pc_direct_conf *conf, int64_t ncomponent, int nrow, int ncol,
                        int64_t nsample);

#endif
