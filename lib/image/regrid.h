/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGRID_H
#define PC_IMAGE_REGRID_H

#include "image/image.h"

/* An image of flux per pixel (Jy/pixel) onto the grid of another, without loss.
 *
 * Every pixel is taken for a patch of even brightness. The patch's corners are carried over the sky and
 * joined by straight lines, and its flux is dealt to the pixels of the other grid, each point of the patch to
 * the four around it as in bilinear interpolation, which is integrated exactly. So flux is conserved, and so
 * are the place of every pixel's flux (a point of a finer grid keeps its place between the pixels) and an
 * even sky. Where pixels fall on pixels (pc_skymap_shift) nothing is spread at all. A conservative remapping
 * as Jones 1999, MWR 127, 2204, with the cloud-in-cell weights of Hockney & Eastwood 1981 for cells. */

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
