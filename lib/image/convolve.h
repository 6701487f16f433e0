/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_CONVOLVE_H
#define PC_IMAGE_CONVOLVE_H

#include "image/beam.h"

/* Convolution of a plane with an elliptical Gaussian, periodic on the image size, no padding, as CASA's (by
 * FFT there; spec/casa-imaging.md sections 7 step 6 and 8): the Gaussian is exp(-4 ln2 (x'^2/maj^2 +
 * y'^2/min^2)), zero where the exponent passes 20. Planes with few non-zero pixels (a CLEAN model) are
 * painted, exact to rounding; else single precision transforms, which need two more planes of memory. Pixels
 * must be finite (PC_EX_DATA else). */

enum pc_convolve_norm {
    PC_CONVOLVE_PEAK1, /* kernel's peak is 1: Jy/pixel becomes Jy/beam */
    PC_CONVOLVE_SUM1   /* kernel's sum is 1: smoothing */
};
/* In place. cell_rad[0] < 0. */
int pc_convolve_gaussian(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                         enum pc_convolve_norm norm, struct pc_err *err) PC_MUST_CHECK;

/* What of a beam is refused: PC_EX_DATA. */
int pc_convolve_check(const struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

#endif
