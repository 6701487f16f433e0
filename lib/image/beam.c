/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam.h"

#include "image/stats.h"

#include <math.h>
#include <stddef.h>

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

/* The exponent beyond which it is 0. */
static const double LIMIT = 20;

double pc_beam_value(const struct pc_beam_form *f, double dx, double dy)
{
    double e = f->xx * dx * dx + f->xy * dx * dy + f->yy * dy * dy;
    return e > LIMIT ? 0 : exp(-e);
}

void pc_beam_reach(const struct pc_beam_form *f, double reach_px[2])
{
    double det = f->xx * f->yy - f->xy * f->xy / 4;
    reach_px[0] = sqrt(LIMIT * f->yy / det);
    reach_px[1] = sqrt(LIMIT * f->xx / det);
}

double pc_beam_sidelobe(const float *psf, int nx, int ny, const double cell_rad[2],
                        const struct pc_beam *beam)
{
    const struct pc_beam_form f = pc_beam_in_pixels(beam, cell_rad);
    struct pc_stats all, row;
    double excess = 0;
    pc_stats_basic(psf, NULL, (int64_t)nx * ny, &all);
    const int px = (int)(all.imax % nx), py = (int)(all.imax / nx);
    for (int y = 0; y < ny; y++) {
        const float *v = psf + (int64_t)y * nx;
        /* the Gaussian is positive: only what exceeds the best so far needs it */
        pc_stats_basic(v, NULL, nx, &row);
        for (int x = 0; x < nx && (double)row.max > excess; x++)
            if ((double)v[x] > excess)
                excess = fmax(excess, (double)v[x] - pc_beam_value(&f, x - px, y - py));
    }
    return fmax(fmax(-(double)all.min, 0), excess);
}
