/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BLUR_H
#define PC_IMAGE_BLUR_H

#include "image/beam.h"

/* Convolution of a plane with an elliptical Gaussian of unit sum whose transform is taken from its formula,
 * not from pixels: right for any width, down to 0 in one direction or both, where image/convolve.h, faster
 * and without holding a plane, needs Gaussians that pixels resolve. Periodic on the image's size, single
 * precision; the transform (a plane's worth of memory) is held. Pixels must be finite. */

/* In place. beam: min_rad may be 0. cell_rad[0] < 0. */
int pc_blur(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
            struct pc_err *err) PC_MUST_CHECK;

#endif
