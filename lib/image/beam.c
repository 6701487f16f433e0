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

struct pc_sidelobe pc_sidelobe_begin(const double cell_rad[2], const struct pc_beam *beam, int px, int py)
{
    return (struct pc_sidelobe){.form = pc_beam_in_pixels(beam, cell_rad), .px = px, .py = py};
}

/* The Gaussian is positive: only what exceeds the best so far needs it. */
void pc_sidelobe_row(struct pc_sidelobe *s, const float *row, int nx, int y, float min, float max)
{
    double excess = s->excess;
    s->lowest = (double)min < s->lowest ? (double)min : s->lowest;
    for (int x = 0; x < nx && (double)max > excess; x++)
        if ((double)row[x] > excess)
            excess = fmax(excess, (double)row[x] - pc_beam_value(&s->form, x - s->px, y - s->py));
    s->excess = excess;
}

void pc_sidelobe_join(struct pc_sidelobe *s, const struct pc_sidelobe *other)
{
    s->excess = fmax(s->excess, other->excess);
    s->lowest = fmin(s->lowest, other->lowest);
}

double pc_sidelobe_end(const struct pc_sidelobe *s)
{
    return fmax(-s->lowest, s->excess);
}

double pc_beam_sidelobe(const float *psf, int nx, int ny, const double cell_rad[2],
                        const struct pc_beam *beam)
{
    struct pc_stats all, row;
    pc_stats_basic(psf, NULL, (int64_t)nx * ny, &all);
    struct pc_sidelobe s = pc_sidelobe_begin(cell_rad, beam, (int)(all.imax % nx), (int)(all.imax / nx));
    for (int y = 0; y < ny; y++) {
        const float *v = psf + (int64_t)y * nx;
        pc_stats_basic(v, NULL, nx, &row);
        pc_sidelobe_row(&s, v, nx, y, row.min, row.max);
    }
    return pc_sidelobe_end(&s);
}
