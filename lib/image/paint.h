/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PAINT_H
#define PC_IMAGE_PAINT_H

#include "image/beam.h"
#include "image/rows.h"

#include <stdint.h>

/* Convolution with a Gaussian by adding it up at every pixel that is not 0: for the sparse models of a CLEAN
 * this is faster than transforms (image/smear.h), and exact to the rounding of the result. What leaves the
 * plane on one side enters on the other. One at a time per painter. */

struct pc_painter;
/* Of a plane of which `count` pixels are not 0; it is read here. */
int pc_painter_new(struct pc_painter **painter, const struct pc_rows *rows, int64_t count, int nx, int ny,
                   const struct pc_beam_form *form, double scale, struct pc_err *err) PC_MUST_CHECK;
void pc_painter_free(struct pc_painter *painter);
/* Row y of the convolution: 1; or 0 when nothing reaches it, and row (nx) is left as it was. Rows may be
 * asked for in any order. */
int pc_painter_row(struct pc_painter *painter, int y, float *row);

#endif
