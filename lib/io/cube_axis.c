/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include <math.h>
#include <stdlib.h>

static double deviation(const double *freq_hz, int n, double step_hz)
{
    double worst = 0;
    for (int k = 0; k < n; k++)
        worst = fmax(worst, fabs(freq_hz[k] - (freq_hz[0] + k * step_hz)));
    return worst;
}

double pc_cube_linear_axis(const struct pc_cube *c, struct pc_imhead *h)
{
    const double *f = c->freq_hz + c->first;
    const char *width = pc_record_get(&c->axis, "width_hz");
    double step = strtod(width ? width : "0", NULL);
    if (c->count > 1 && deviation(f, c->count, step) > 1e-6 * fabs(step))
        step = (f[c->count - 1] - f[0]) / (c->count - 1);
    h->freq_hz = f[0];
    h->width_hz = step;
    double off = deviation(f, c->count, step);
    return off > 1e-3 * fabs(step) ? off : 0;
}
