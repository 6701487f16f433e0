/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_H
#define PC_IMAGE_BEAM_H

#include "base/err.h"

#include <stdint.h>

/* Clean beams: elliptical Gaussians, full widths at half maximum; position angle from north through east.
 * maj_rad == 0 means "no beam" (a plane without data). */

struct pc_beam {
    double maj_rad, min_rad, pa_rad;
};

/* Solid angle, pi*maj*min/(4 ln 2). */
double pc_beam_area_sr(const struct pc_beam *b);

/* The unit Gaussian of a beam on a grid of pixels: exp(-(xx dx^2 + xy dx dy + yy dy^2)), 0 where the exponent
 * passes 20 (CASA's limit). dx, dy: offsets from its centre, pixels. */
struct pc_beam_form {
    double xx, xy, yy;
};
struct pc_beam_form pc_beam_in_pixels(const struct pc_beam *b, const double cell_rad[2]);
double pc_beam_value(const struct pc_beam_form *f, double dx, double dy);
/* How far from its centre it is not 0, along x and along y. */
void pc_beam_reach(const struct pc_beam_form *f, double reach_px[2]);

/* Fits a beam to a PSF plane by CASA's method (spec/casa-imaging.md section 4.2): points of the main lobe
 * above `cutoff` (0.35), resampled bicubically, Levenberg-Marquardt on a unit Gaussian at the peak. psf: ny
 * rows of nx, peak 1 near (nx/2, ny/2); cell_rad[0] < 0 (RA), cell_rad[1] > 0. The result's pa is within +-90
 * degrees. PC_EX_DATA when nothing can be fitted (peak below 1e-7 or outside the inner half). */
int pc_beam_fit(const float *psf, int nx, int ny, const double cell_rad[2], double cutoff,
                struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

/* The same where the peak is the centre, pixel (nx/2, ny/2), as in the PSF of positive weights; of the image
 * there are rows y0 and those after it, PC_BEAM_NEAR rows to either side of the centre at least. */
enum { PC_BEAM_NEAR = 25 };
int pc_beam_fit_centre(const float *rows, int y0, int nx, int ny, const double cell_rad[2], double cutoff,
                       struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

/* CASA's largest sidelobe: max(|min PSF|, max(PSF - unit Gaussian of the beam at the peak)). Section 4.2,
 * end. */
double pc_beam_sidelobe(const float *psf, int nx, int ny, const double cell_rad[2],
                        const struct pc_beam *beam);
/* The same row by row, in any order: of a row its smallest and largest value are known, NaNs apart. */
struct pc_sidelobe {
    struct pc_beam_form form;
    int px, py; /* the peak */
    double excess, lowest;
};
struct pc_sidelobe pc_sidelobe_begin(const double cell_rad[2], const struct pc_beam *beam, int px, int py);
void pc_sidelobe_row(struct pc_sidelobe *s, const float *row, int nx, int y, float min, float max);
void pc_sidelobe_join(struct pc_sidelobe *s, const struct pc_sidelobe *other);
double pc_sidelobe_end(const struct pc_sidelobe *s);

#endif
