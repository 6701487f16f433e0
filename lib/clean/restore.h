/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_RESTORE_H
#define PC_CLEAN_RESTORE_H

#include "image/beam.h"

#include <stdbool.h>
#include <stdint.h>

/* Restoring: model (Jy/pixel) convolved with the clean beam (peak 1), plus residual, is the image (Jy/beam);
 * spec/casa-imaging.md section 8. One plane at a time; thread-safe. */

/* image holds the model on entry and the image on return; where the residual is blank (NaN), the image is. A
 * beam of size zero (a plane without data) blanks all of it. An empty model leaves the residual. */
int pc_restore_plane(float *image, const float *residual, int nx, int ny, const double cell_rad[2],
                     const struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

/* Brings a residual to another beam than its own, as CASA does: convolved with what deconvolves the one from
 * the other and, from Jy per beam of its own, scaled to Jy per new beam. Where that would be narrower than a
 * pixel's diagonal, or is not possible, it is left as it is, unit and all. *possible (false: the new beam is
 * smaller) is for the caller to warn of. Blanks count as zero and stay blank. */
int pc_restore_match(float *residual, int nx, int ny, const double cell_rad[2], const struct pc_beam *own,
                     const struct pc_beam *beam, bool *possible, struct pc_err *err) PC_MUST_CHECK;

/* n pixels of the convolved model (NULL: zeros) and of the residual make the image's. */
void pc_restore_add(const double *model, const float *residual, int64_t n, float *image);

/* Blanks pixels outside the primary beam: pb not above pblimit, or blank. Nothing happens when pblimit < 0.
 */
void pc_restore_blank(float *image, const float *pb, double pblimit, int64_t n);
/* image / pb where pb > 0; blank elsewhere. */
void pc_restore_pbcor(float *image, const float *pb, int64_t n);

#endif
