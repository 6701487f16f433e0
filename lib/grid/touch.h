/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_TOUCH_H
#define PC_GRID_TOUCH_H

#include "grid/bins.h"

/* Samples onto the cells of uv planes and back: spreading by the kernel's taps, and collecting with the same
 * taps, its adjoint. The cells hold the conjugate of the uv plane. */

struct pc_touch {
    const struct pc_kernel *kernel;
    int nplane;
    int64_t stride;         /* complex cells from one column to the next */
    void *cell[PC_MAX_POL]; /* column 0 of each plane: [...][stride][2], float or double */
    int64_t from, to;       /* samples bins->order[from .. to-1] */
};

/* Adds the values, in the order of the bins. */
void pc_touch_spread_f32(const struct pc_touch *t, const struct pc_bins *b);
void pc_touch_spread_f64(const struct pc_touch *t, const struct pc_bins *b);
/* Fills the values. */
void pc_touch_collect_f32(const struct pc_touch *t, struct pc_bins *b);
void pc_touch_collect_f64(const struct pc_touch *t, struct pc_bins *b);

#endif
