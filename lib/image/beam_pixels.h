/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_PIXELS_H
#define PC_IMAGE_BEAM_PIXELS_H

#include "image/beam.h"

#include <stdint.h>

/* The pixels of a clean beam's Gaussian (image/beam.h), about its centre: of each row those that are not 0.
 */

struct pc_beam_row {
    const double *v; /* of the columns x0 .. x0 + n - 1 */
    int x0, n;
};
struct pc_beam_pixels {
    int x0, x1, y0, y1;      /* as far as it was asked for */
    struct pc_beam_row *row; /* of y0 .. y1 */
    double *v;
    int64_t n;
    double sum;
};

/* Columns x0 .. x1 of rows y0 .. y1, times `scale`. */
int pc_beam_pixels_new(struct pc_beam_pixels *b, const struct pc_beam_form *form, const int x[2],
                       const int y[2], double scale, struct pc_err *err) PC_MUST_CHECK;
void pc_beam_pixels_fini(struct pc_beam_pixels *b);

/* On an image that repeats itself: as far as it reaches, and not beyond the image's middle. */
void pc_beam_extent(const struct pc_beam_form *form, int nx, int ny, int x[2], int y[2]);

#endif
