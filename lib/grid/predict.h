/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_PREDICT_H
#define PC_GRID_PREDICT_H

#include "grid/gridder.h"
#include "grid/stokes.h"
#include "image/vis.h"

/* The visibilities that a model makes, in the correlations of the blocks: by a direct sum over its components
 * where that is cheaper, as for a sparse model, else by the gridder's adjoint; of the middle of the model
 * (grid/middle.h) where it does not fill the image. The blocks pass once for each of npass():
 *
 *   for pass in 0 .. npass-1: begin(pass), add() every block */

struct pc_predict_conf {
    struct pc_gridder_conf gridder; /* nplane is set from the planes */
    struct pc_planes planes;
    bool imaged;        /* only the samples that are imaged, whose weight is not 0, are wanted */
    const float *model; /* [planes][ny][nx] Jy/pixel, borrowed until begin() of the last pass returns */
};

struct pc_predictor;
int pc_predictor_new(struct pc_predictor **p, const struct pc_predict_conf *conf,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_predictor_free(struct pc_predictor *p);
/* Whether it sums directly. */
bool pc_predictor_direct(const struct pc_predictor *p);
int pc_predictor_npass(const struct pc_predictor *p);
void pc_predictor_begin(struct pc_predictor *p, int pass);
/* Adds factor times the visibilities of the model to vis_jy[nrow][nchan][ncorr][2]: of flagged samples too
 * unless only the imaged are wanted; nothing to samples beyond the grid. */
int pc_predictor_add(struct pc_predictor *p, const struct pc_visblock *b, double factor, float *vis_jy,
                     struct pc_err *err) PC_MUST_CHECK;
#endif
