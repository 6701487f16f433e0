/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_SKYMAP_H
#define PC_IMAGE_SKYMAP_H

#include "image/image.h"

/* From the pixels of one image to those of another that shows the same sky: projections SIN and TAN (FITS WCS
 * paper II), any centre and cell, axes along RA and Dec. Where one image says FK5 and the other ICRS the 23
 * mas between them count (SOFA's iauFk5hip: epx -19.9, epy -9.1, epz 22.9 mas). What all else resamples by.
 */

struct pc_skymap {
    double r[3][3]; /* direction cosines about the centre of `from` to those about the centre of `to` */
    struct pc_skygrid {
        double at[2], cell_rad[2]; /* the pixel, counted from 0, of the centre */
        bool tan;
    } from, to;
};

/* PC_EX_DATA unless the header's axes and projection are such. `name` is the file's, what its role: "mask".
 */
int pc_skymap_check(const struct pc_imhead *h, const char *name, const char *what,
                    struct pc_err *err) PC_MUST_CHECK;
/* Both headers have been checked, or are ours. */
void pc_skymap_init(struct pc_skymap *m, const struct pc_imhead *from, const struct pc_imhead *to);
/* Pixels counted from 0, fractions too. NaN where that direction is beyond the horizon of either. */
void pc_skymap_at(const struct pc_skymap *m, double x, double y, double *to_x, double *to_y);
/* Whether pixels fall on pixels: all of `from` are shifted by one whole number of pixels in x and in y, to
 * 1e-4 of a pixel. */
bool pc_skymap_shift(const struct pc_skymap *m, const struct pc_imhead *from, int64_t shift_px[2]);

#endif
