/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_TOUCH_H
#define PC_GRID_TOUCH_H

#include "grid/gridder.h"
#include "grid/halfplane.h"

/* Samples onto a half-plane and back: spreading by the kernel's taps, and collecting with the same taps, its
 * adjoint. A sample at u < 0 acts through its conjugate, at -u,-v. Everything runs in the order of the
 * samples: the bytes depend on nothing else. */

struct pc_touch {
    const struct pc_geom *geom;
    const struct pc_kernel *kernel;
    struct pc_halfplane *grid;
};

/* Adds weight (NULL: 1) times re,im of n samples; those of weight 0 and those beyond the grid are passed
 * over, the latter are returned. */
int64_t pc_touch_spread(const struct pc_touch *t, const struct pc_samples *s, const float *weight);
/* Fills re,im of the samples; those beyond the grid get 0. */
void pc_touch_collect(const struct pc_touch *t, struct pc_samples *s);

#endif
