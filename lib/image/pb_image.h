/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_IMAGE_H
#define PC_IMAGE_PB_IMAGE_H

#include "image/image.h"

/* A primary beam (power pattern) that somebody else measured or made, as an image of the sky. */

/* Fills one plane [ny][nx] from it: copied where both grids are one, else by position on the sky, bilinearly.
 * It is 0 beyond the image's edge, where that is blank, and where <= |pblimit|. An image without a position
 * must have the plane's size, else 65; `name` is the image's. It has one Stokes plane that counts, the first.
 */
int pc_pb_resample(const struct pc_image *beam, const char *name, const struct pc_imhead *head,
                   double pblimit, float *plane, struct pc_err *err) PC_MUST_CHECK;

#endif
