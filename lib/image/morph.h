/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_MORPH_H
#define PC_IMAGE_MORPH_H

#include "base/err.h"

#include <stdint.h>

/* Morphology on byte planes (0 or 1). */

/* Labels 4-connected regions and clears those with fewer than min_px pixels. Counts regions before and after.
 */
int pc_morph_prune(unsigned char *mask, int nx, int ny, double min_px, int64_t *nbefore, int64_t *nafter,
                   struct pc_err *err) PC_MUST_CHECK;
/* Dilates by a 3x3 cross, at most `iterations` passes, between pixels where `allow` is 1: a pixel of the mask
 * that is not allowed stays but does not spread. Stops when nothing changes. CASA's constrained binary
 * dilation, spec section 7 step 7, once the caller has cut the result to `allow`. */
int pc_morph_dilate(unsigned char *mask, const unsigned char *allow, int nx, int ny, int iterations,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
