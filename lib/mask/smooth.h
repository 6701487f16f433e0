/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_SMOOTH_H
#define PC_MASK_SMOOTH_H

#include "image/beam.h"
#include "image/runs.h"

/* Smooths a mask and cuts it: convolution of 0/1 with an elliptical Gaussian, then 1 where the result exceeds
 * `cut` times its largest value (spec/casa-imaging.md section 7, step 6). In place; an empty mask stays
 * empty; a beam of 0 leaves the mask as it is. Nothing wraps round the image's edge. cell_rad[0] < 0. */
int pc_mask_smooth(struct pc_runs *mask, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                   double cut, struct pc_err *err) PC_MUST_CHECK;

#endif
