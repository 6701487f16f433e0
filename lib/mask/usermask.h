/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_USERMASK_H
#define PC_MASK_USERMASK_H

#include "image/image.h"

/* Masks that do not depend on the residual: a user's, or the primary beam's (spec/casa-imaging.md section 5,
 * "Initial masks"). */

/* Whether a user's mask lies on the image's grid: the same size, and where it has a WCS the same cell (1e-6)
 * and position (half a pixel). PC_EX_DATA with a sentence that names both; `name` is the mask's. */
int pc_usermask_check(const struct pc_imhead *mask, const char *name, const struct pc_imhead *image,
                      struct pc_err *err) PC_MUST_CHECK;

/* Fills one plane of npix pixels and returns how many are 1: those where `given` exceeds 0.5 (NULL: all; NaN:
 * no), pb > pblimit when that is positive, and pb > pbmask unless that is negative. pb NULL is 1 everywhere.
 */
int64_t pc_usermask_fill(unsigned char *mask, int64_t npix, const float *given, const float *pb,
                         double pblimit, double pbmask);

#endif
