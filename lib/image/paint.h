/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PAINT_H
#define PC_IMAGE_PAINT_H

#include "image/beam.h"

#include <stdbool.h>
#include <stdint.h>

/* Convolution with a Gaussian by adding it up at every pixel that is not 0: for the sparse models of a CLEAN
 * this is faster than transforms, and exact to the rounding of the result. What leaves the plane on one side
 * enters on the other, as with transforms of the image size. */

/* In place; pix finite. Decides first whether this is the cheaper way: *painted false leaves the plane as it
 * was. */
int pc_paint_gaussian(float *pix, int nx, int ny, const struct pc_beam_form *form, double scale,
                      bool *painted, struct pc_err *err) PC_MUST_CHECK;

/* The same row by row, without a plane: sources are added in scan order, then rows are asked for in any
 * order.
 */
struct pc_painter;
/* *painter is NULL when `count` sources are so many that transforms are cheaper. */
int pc_painter_new(struct pc_painter **painter, int64_t count, int nx, int ny,
                   const struct pc_beam_form *form, double scale, struct pc_err *err) PC_MUST_CHECK;
void pc_painter_add(struct pc_painter *painter, int x, int y, float v);
/* Whether any source reaches row y; then row (nx) is set. */
bool pc_painter_row(const struct pc_painter *painter, int y, double *row);
void pc_painter_free(struct pc_painter *painter);

#endif
