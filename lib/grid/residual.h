/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_RESIDUAL_H
#define PC_GRID_RESIDUAL_H

#include "grid/gridder.h"
#include "image/vis.h"

/* The residual of one plane, block by block: sum W (V - M) / sum W, M the visibilities of the model, Jy/beam.
 */

struct pc_residual_conf {
    struct pc_gridder_conf gridder;
    const struct pc_gridder_ops *engine;
    int stokes;         /* FITS code */
    const float *model; /* [ny][nx] Jy/pixel, borrowed until the first block; NULL: none */
};
struct pc_residual_count {
    int64_t nused, npassed, noutside; /* samples gridded, passed over (weight 0), beyond the grid */
};

struct pc_residual;
int pc_residual_new(struct pc_residual **r, const struct pc_residual_conf *conf,
                    struct pc_err *err) PC_MUST_CHECK;
int pc_residual_add(struct pc_residual *r, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
/* Overwrites image[ny][nx]. sumwt counts both hands, as pc_sampler's. */
int pc_residual_image(struct pc_residual *r, double sumwt, float *image, struct pc_residual_count *count,
                      struct pc_err *err) PC_MUST_CHECK;
void pc_residual_free(struct pc_residual *r);

#endif
