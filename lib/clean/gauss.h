/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_GAUSS_H
#define PC_CLEAN_GAUSS_H

#include "base/err.h"

#include <stdint.h>

/* A round Gaussian on a grid of pixels: the scale function of the adaptive scale pixel deconvolution
 * (Bhatnagar & Cornwell 2004, A&A 426, 747). Sampled at the pixels, cut off at 4 sigma along each axis, with
 * sum 1; sigma 0 is one pixel. It is the product of the same row of taps along x and y, and so are its
 * transform and its convolution with itself: sums and transforms are exact for the pixels as they are. */

enum { PC_GAUSS_REACH = 4 };

struct pc_gauss {
    double sigma_px;
    int radius;
    double *tap; /* [radius + 1], from the centre */
};

int pc_gauss_init(struct pc_gauss *g, double sigma_px, struct pc_err *err) PC_MUST_CHECK;
/* A Gaussian convolved with itself: another row of taps, twice as long. */
int pc_gauss_square(struct pc_gauss *g, const struct pc_gauss *of, struct pc_err *err) PC_MUST_CHECK;
void pc_gauss_fini(struct pc_gauss *g);

/* pix += flux * g centred on pixel (x, y), as far as it lies on the plane. */
void pc_gauss_add(const struct pc_gauss *g, float *pix, int nx, int ny, int x, int y, double flux);
/* The sum of pix * g centred on (x, y); what is off the plane counts as 0. */
double pc_gauss_sum(const struct pc_gauss *g, const float *pix, int nx, int ny, int x, int y);
/* One axis of its transform on n pixels, periodic, centred on the origin: out[n / 2 + 1], real. cosine:
 * cos(2 pi k / n), [n]. */
void pc_gauss_transform(const struct pc_gauss *g, int n, const double *cosine, float *out);

#endif
