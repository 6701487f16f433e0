/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PAINT_H
#define PC_IMAGE_PAINT_H

#include "image/beam.h"

#include <stdbool.h>

/* Convolution with a Gaussian by adding it up at every pixel that is not 0: for the sparse models of a CLEAN
 * this is faster than transforms, and exact to the rounding of the result. What leaves the plane on one side
 * enters on the other, as with transforms of the image size. */

/* In place; pix finite. Decides first whether this is the cheaper way: *painted false leaves the plane as it
 * was. */
int pc_paint_gaussian(float *pix, int nx, int ny, const struct pc_beam_form *form, double scale,
                      bool *painted, struct pc_err *err) PC_MUST_CHECK;

#endif
