/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_IMAGE_H
#define PC_IMAGE_PB_IMAGE_H

#include "image/image.h"

/* A primary beam (power pattern) that somebody else measured or made, as an image of the sky. */

/* Fills one plane [ny][nx] from it: copied where both grids are one, else by position on the sky, bilinearly.
 * It is 0 beyond the image's edge, where that is blank, and where <= |pblimit|. An image without a position
 * must have the plane's size, else 65; so is one whose axes are turned, or in a projection that is neither
 * SIN nor TAN. `name` is the image's. It has one Stokes plane that counts, the first.
 *
 * Beams shrink as frequencies grow: where both headers have a frequency the image counts for its own, and
 * around centre_rad (RA, Dec; where the dishes look) distances are those in the plane times freq_plane /
 * freq_image. With centre_rad NULL, or an image without a position, it is taken as it is. */
int pc_pb_resample(const struct pc_image *beam, const char *name, const struct pc_imhead *head,
                   const double centre_rad[2], double pblimit, float *plane,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
