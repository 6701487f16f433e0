/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGRID_H
#define PC_IMAGE_REGRID_H

#include "image/image.h"

/* An image of flux per pixel (Jy/pixel) onto the grid of another, without loss: every pixel is taken for a
 * patch of even brightness, and each pixel of the other grid gets the share of its flux that the overlap has
 * of its area (the patch's corners are carried over and joined by straight lines; first-order conservative
 * remapping, Jones 1999, MWR 127, 2204, with flat pixels). A point of a model stays where it was, as one
 * pixel of its old grid; where pixels fall on pixels (pc_skymap_shift) nothing is spread at all. */

struct pc_regrid_tally {
    double flux;    /* sum of the image's pixels */
    double outside; /* how much of it fell beyond the other grid, or the horizon */
    int64_t nblank; /* NaN or infinite: taken for 0 */
};

/* Adds one plane `pix` of an image with the header `from` to the plane `sum` [ny][nx] of `to`, and to the
 * tally. A header without a position must have the other's size, else PC_EX_DATA; so is one that
 * pc_skymap_check() refuses. `name` is the image's. */
int pc_regrid_add(const struct pc_imhead *from, const float *pix, const char *name,
                  const struct pc_imhead *to, float *sum, struct pc_regrid_tally *tally,
                  struct pc_err *err) PC_MUST_CHECK;

#endif
