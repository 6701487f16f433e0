/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_USERMASK_H
#define PC_MASK_USERMASK_H

#include "image/image.h"

/* Masks of a user (spec/casa-imaging.md section 5, "Initial masks"). */

/* Adds (or) one plane of a user's mask image, 1 where it exceeds 0.5 (NaN: no), to the plane `pol` of the
 * image's mask; a mask of one plane serves all. A mask on the image's grid (the same size, and where it has a
 * WCS the same cell to 1e-6 and place to half a pixel) is taken pixel by pixel, one on another grid at the
 * nearest pixel of each of the image's; outside of it is 0. PC_EX_DATA: another size without a WCS, or a WCS
 * other than RA and DEC in the projections SIN or TAN along the axes. `name` is the mask's. */
int pc_usermask_add(const struct pc_image *given, const char *name, const struct pc_imhead *image, int pol,
                    unsigned char *mask, struct pc_err *err) PC_MUST_CHECK;

#endif
