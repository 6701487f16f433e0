/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_MORPH_H
#define PC_IMAGE_MORPH_H

#include "image/runs.h"

/* Morphology of masks. */

/* Labels 4-connected regions and drops those with fewer than min_px pixels. Counts regions before and after.
 */
int pc_morph_prune(struct pc_runs *mask, double min_px, int64_t *nbefore, int64_t *nafter,
                   struct pc_err *err) PC_MUST_CHECK;
/* Dilates by a 3x3 cross, at most `iterations` passes, between pixels above `low` (a NaN is not): a pixel of
 * `from` that is not spreads not. out (empty before): the pixels above `low` of the result. CASA's
 * constrained binary dilation, spec section 7 step 7. Takes a bit per pixel. */
int pc_morph_grow(const struct pc_runs *from, const float *pix, float low, int nx, int ny, int iterations,
                  struct pc_runs *out, struct pc_err *err) PC_MUST_CHECK;

#endif
