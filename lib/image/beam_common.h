/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_COMMON_H
#define PC_IMAGE_BEAM_COMMON_H

#include "image/beam.h"

/* The common beam of a cube: one that every plane's beam can be convolved to, by CASA's rule
 * (spec/casa-imaging.md section 8). The beam of the largest area is taken when all others deconvolve from it
 * (image/beam_deconvolve.h; "the same within a tenth" does not count). Otherwise it is replaced by the
 * smallest ellipse that encloses it and the last beam that does not, enlarged by 1.001 until both deconvolve,
 * and so on. */

/* Beams of no size (planes without data) do not count; *common has no size when there is no other. The order
 * of the beams decides which is enlarged for first; CASA's is all channels of the first Stokes plane, then
 * those of the next. common's pa is within +-90 degrees. PC_EX_DATA when a beam is none (an axis that is
 * negative or not finite, the minor one above the major). */
int pc_beam_common(const struct pc_beam *beam, int64_t n, struct pc_beam *common,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
