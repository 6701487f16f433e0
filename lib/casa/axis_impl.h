/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_AXIS_IMPL_H
#define PC_CASA_AXIS_IMPL_H

#include "casa/axis.h"

/* What axis.c and axis_cube.c share. */

int pc_axis_alloc(struct pc_axis *a, int64_t nplane, struct pc_err *err) PC_MUST_CHECK;
/* Frequencies and widths of a cube's planes. a->restfreq_hz and a->frame are known. */
int pc_axis_fill_cube(struct pc_axis *a, const struct pc_axis_ask *ask, const struct pc_ms_window *const *w,
                      int n, struct pc_err *err) PC_MUST_CHECK;

#endif
