/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_MIDDLE_H
#define PC_GRID_MIDDLE_H

#include "grid/gridder.h"

/* The middle of a model: what is about the phase centre of it and holds all that is not zero. A model that
 * does not reach far is predicted from there by a small transform, with fewer terms of the w-term, on a uv
 * plane that caches hold. */

/* As many pixels as that takes of model[nplane][ny][nx], an odd number or all of an axis. */
struct pc_geom pc_middle_find(const struct pc_geom *geom, int nplane, const float *model);
/* A copy of these pixels, [nplane][middle.ny][middle.nx], freed by pc_mem_free(); NULL when there is no
 * memory. */
float *pc_middle_copy(const struct pc_geom *geom, int nplane, const float *model,
                      const struct pc_geom *middle, struct pc_err *err) PC_MUST_CHECK;

#endif
