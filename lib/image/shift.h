/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_SHIFT_H
#define PC_IMAGE_SHIFT_H

#include <stdint.h>

/* Visibilities turned from one phase centre to another (spec/casa-imaging.md section 3.4; Thompson, Moran &
 * Swenson, section 3.1). uvw becomes the same baseline seen in the tangent frame of the new centre; what
 * changes in w turns the phase: V' = V exp(-2 pi i (w'-w) nu/c). The shift is exact, whatever its size. All
 * in double precision; pure, thread-safe. */

struct pc_shift {
    double turn[3][3]; /* uvw' = turn uvw */
    double path[3];    /* w' - w = path . uvw, without the cancellation of a difference */
};

/* Both places (ra, dec) in the frame of the image. twist_rad: how far the north in which uvw are given lies
 * to the east of the image's north, at `from`: not 0 when the data have another equator than the image. */
void pc_shift_init(struct pc_shift *s, const double from_rad[2], const double to_rad[2], double twist_rad);
/* Turns one baseline; returns w' - w in metres. */
double pc_shift_uvw(const struct pc_shift *s, double uvw_m[3]);
/* exp(-2 pi i path nu/c) */
void pc_shift_phasor(double path_m, double freq_hz, double *re, double *im);
/* The visibilities [nchan][ncorr][2] of one row. */
void pc_shift_vis(double path_m, const double *freq_hz, int nchan, int ncorr, float *vis_jy);

#endif
