/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_RESTORE_H
#define PC_CLEAN_RESTORE_H

#include "image/beam.h"
#include "image/rows.h"

#include <stdbool.h>
#include <stdint.h>

/* Restoring: model (Jy/pixel) convolved with the clean beam (peak 1), plus residual, is the image (Jy/beam);
 * spec/casa-imaging.md section 8. A plane row by row, none of it held (image/convolve.h).
 *
 * Where the residual is blank (not finite), the image is. For another beam than the psf's the residual is
 * brought to it, as CASA does: convolved with what deconvolves the one from the other and, from Jy per beam
 * of its own, scaled to Jy per new beam; blanks count as zero there. Where that would be narrower than a
 * pixel's diagonal, or is not possible, it is left as it is, unit and all. */

struct pc_restore_in {
    int nx, ny;
    double cell_rad[2];             /* cell_rad[0] < 0 */
    struct pc_beam own, beam;       /* the psf's and the image's; no size (no data): blank all of it */
    struct pc_rows model, residual; /* model: no function when there is none, finite else */
};
struct pc_restorer;
/* *smaller: the new beam is, and the residual keeps its own: for the caller to warn of. */
int pc_restorer_new(struct pc_restorer **r, const struct pc_restore_in *in, bool *smaller,
                    struct pc_err *err) PC_MUST_CHECK;
void pc_restorer_free(struct pc_restorer *r);
/* Row y of the image, best in ascending order: then it may take the place of the residual's row. */
int pc_restorer_row(struct pc_restorer *r, int y, float *image, struct pc_err *err) PC_MUST_CHECK;
/* Whether making it a second time costs more than keeping the first. */
bool pc_restorer_is_slow(const struct pc_restorer *r);

/* Blanks pixels outside the primary beam: pb not above pblimit, or blank. Nothing happens when pblimit < 0.
 */
void pc_restore_blank(float *image, const float *pb, double pblimit, int64_t n);
/* image / pb where pb > 0; blank elsewhere. corrected may be image. */
void pc_restore_pbcor(float *corrected, const float *image, const float *pb, int64_t n);

#endif
