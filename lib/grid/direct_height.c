/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/direct_impl.h"

#include <math.h>

/* The w-term of a direct sum: heights n-1 of its components. In two parts each, as phases of a million turns
 * take more digits than a double has. */

static void halve(long double x, double *high, double *low)
{
    *high = (double)(float)x;
    *low = (double)(x - (long double)*high);
}

/* sqrt(1-r2) - 1 */
static long double height(long double r2)
{
    return -r2 / (1 + sqrtl(1 - r2));
}

static long double lm_of(int k, double cell_rad)
{
    return (long double)k * (long double)cell_rad;
}

static int pixel_x(const struct pc_direct *d, int64_t at)
{
    return (int)(at % d->conf.geom.nx) - d->conf.geom.nx / 2;
}

static int pixel_y(const struct pc_direct *d, int64_t at)
{
    return (int)(at / d->conf.geom.nx) - d->conf.geom.ny / 2;
}

/* n-1, and what f(l) + f(m) leaves of it. */
static long double height_at(const struct pc_direct *d, int64_t at, long double *rest)
{
    long double l = lm_of(pixel_x(d, at), d->conf.geom.cell_rad[0]);
    long double m = lm_of(pixel_y(d, at), d->conf.geom.cell_rad[1]);
    long double h = height(l * l + m * m);
    *rest = h - height(l * l) - height(m * m);
    return h;
}

/* Terms for a phase of at most x; what follows is below the accuracy. */
static int terms_for(double x, double accuracy)
{
    double next = x;
    int n = 1;
    for (; n <= PC_DIRECT_MAX_TERM && next > accuracy; n++)
        next *= x / (n + 1);
    return n;
}

static int axis_heights(struct pc_direct_axis *a, double cell_rad, struct pc_err *err)
{
    if (!(a->height_high = pc_mem_new(a->n + 1, sizeof *a->height_high, "columns of components", err)) ||
        !(a->height_low = pc_mem_new(a->n + 1, sizeof *a->height_low, "columns of components", err)))
        return -1;
    for (int i = 0; i < a->n; i++) {
        long double l = lm_of(a->k[i], cell_rad);
        halve(height(l * l), &a->height_high[i], &a->height_low[i]);
    }
    return 0;
}

/* Fluxes times powers of the rest. */
static int take_terms(struct pc_direct *d, const int64_t *at, struct pc_err *err)
{
    const int64_t n = d->n;
    double *value = pc_mem_new(d->conf.nplane * d->nterm * n + 1, sizeof *value, "components", err);
    if (!value)
        return -1;
    for (int64_t c = 0; c < n; c++) {
        long double rest;
        height_at(d, at[c], &rest);
        for (int p = 0; p < d->conf.nplane; p++) {
            double part = d->value[p * n + c];
            for (int j = 0; j < d->nterm; j++) {
                value[(p * d->nterm + j) * n + c] = part;
                part *= d->most_rest > 0 ? (double)rest / d->most_rest : 0;
            }
        }
    }
    pc_mem_free(d->value);
    d->value = value;
    return 0;
}

static int take_apart(struct pc_direct *d, int nterm, const int64_t *at, struct pc_err *err)
{
    d->apart = true;
    d->nterm = nterm;
    if (axis_heights(&d->col, d->conf.geom.cell_rad[0], err) ||
        axis_heights(&d->row, d->conf.geom.cell_rad[1], err))
        return -1;
    return take_terms(d, at, err);
}

int pc_direct_take_heights(struct pc_direct *d, const int64_t *at, struct pc_err *err)
{
    const double tau = 6.283185307179586, accuracy = d->conf.single ? 2e-8 : 2e-14;
    long double rest;
    d->nterm = 1;
    if (!d->conf.wfull)
        return 0;
    if (!(d->nh = pc_mem_new(d->n + 1, sizeof *d->nh, "components", err)) ||
        !(d->nl = pc_mem_new(d->n + 1, sizeof *d->nl, "components", err)))
        return -1;
    for (int64_t c = 0; c < d->n; c++) {
        halve(height_at(d, at[c], &rest), &d->nh[c], &d->nl[c]);
        d->most_rest = fmax(d->most_rest, (double)fabsl(rest));
    }
    int nterm = terms_for(tau * d->conf.max_w * d->most_rest, accuracy);
    if (!(d->conf.max_w > 0) || nterm > PC_DIRECT_MAX_TERM ||
        pc_direct_sample_ns(d, nterm) >= pc_direct_sample_ns(d, 0))
        return 0;
    return take_apart(d, nterm, at, err);
}
