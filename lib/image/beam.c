/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam.h"

#include <math.h>

double pc_beam_area_sr(const struct pc_beam *b)
{
    return M_PI * b->maj_rad * b->min_rad / (4 * M_LN2);
}

struct pc_beam_form pc_beam_in_pixels(const struct pc_beam *b, const double cell_rad[2])
{
    const double k = 4 * M_LN2;
    double s = sin(b->pa_rad), c = cos(b->pa_rad), dl = cell_rad[0], dm = cell_rad[1];
    double p = k / (b->maj_rad * b->maj_rad), q = k / (b->min_rad * b->min_rad);
    return (struct pc_beam_form){.xx = (p * s * s + q * c * c) * dl * dl,
                                 .xy = 2 * (p - q) * s * c * dl * dm,
                                 .yy = (p * c * c + q * s * s) * dm * dm};
}

double pc_beam_value(const struct pc_beam_form *f, double dx, double dy)
{
    const double limit = 20;
    double e = f->xx * dx * dx + f->xy * dx * dy + f->yy * dy * dy;
    return e > limit ? 0 : exp(-e);
}

double pc_beam_sidelobe(const float *psf, int nx, int ny, const double cell_rad[2],
                        const struct pc_beam *beam)
{
    float lowest = 0, highest = -INFINITY;
    int px = 0, py = 0;
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            float v = psf[(int64_t)y * nx + x];
            if (v < lowest)
                lowest = v;
            if (v > highest) {
                highest = v;
                px = x;
                py = y;
            }
        }
    struct pc_beam_form f = pc_beam_in_pixels(beam, cell_rad);
    double excess = 0;
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            double v = (double)psf[(int64_t)y * nx + x];
            /* the Gaussian is positive: only what exceeds the best so far needs it */
            if (v > excess && v - pc_beam_value(&f, x - px, y - py) > excess)
                excess = v - pc_beam_value(&f, x - px, y - py);
        }
    return fmax(fabs((double)lowest), excess);
}
