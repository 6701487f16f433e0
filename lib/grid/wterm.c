/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE 1 /* jn() */
#include "grid/wterm.h"

#include "base/mem.h"

#include <math.h>

/* Steps of the table of a Bessel function: cubic interpolation then errs by less than 1e-7. */
static const double step_rad = 0.04;
/* Of the accuracy, what the terms left out may take. */
static const double share = 0.1;
enum { MAX_TURN = 20000, LANES = 8 };

int pc_wterm_needed(const struct pc_geom *geom, double max_w, double accuracy)
{
    return pc_geom_wphase_rad(geom, max_w) > accuracy;
}

/* The terms beyond contribute at most 2 sum |J_k(X)|, which falls by more than half from one to the next
 * there.
 */
static int count_terms(double turn_rad, double tolerance)
{
    int n = (int)turn_rad + 1;
    while (4 * fabs(jn(n, turn_rad)) > tolerance || (double)n < turn_rad * 1.01)
        n++;
    return n;
}

int pc_wterm_init(struct pc_wterm *w, const struct pc_geom *geom, double max_w, double accuracy,
                  struct pc_err *err)
{
    const double phase = pc_geom_wphase_rad(geom, max_w);
    *w = (struct pc_wterm){.geom = *geom, .max_w = max_w, .turn_rad = 0.5 * phase};
    if (!(phase <= MAX_TURN))
        return pc_err_set(err, PC_EX_DATA,
                          "the w-term turns phases by up to %g rad in the corner of the image, more than %d",
                          phase, MAX_TURN);
    w->half_n = max_w > 0 ? w->turn_rad / (2 * M_PI * max_w) : 0;
    w->nterm = w->turn_rad > 0 ? count_terms(w->turn_rad, share * accuracy) : 1;
    w->nstep = (int)ceil(w->turn_rad / step_rad) + 1;
    w->bessel = pc_mem_new(w->nstep + 4, sizeof *w->bessel, "a table of the w-term", err);
    return w->bessel == NULL ? -1 : 0;
}

void pc_wterm_fini(struct pc_wterm *w)
{
    pc_mem_free(w->bessel);
    w->bessel = NULL;
}

void pc_wterm_choose(struct pc_wterm *w, int k)
{
    double step = w->turn_rad / w->nstep;
    for (int i = 0; i < w->nstep + 4; i++)
        w->bessel[i] = (k == 0 ? 1 : 2) * jn(k, (i - 1) * step);
}

float pc_wterm_sample(const struct pc_wterm *w, int k, double w_lambda)
{
    if (w->max_w <= 0)
        return 1;
    double pos = fmin(fabs(w_lambda) / w->max_w, 1) * w->nstep;
    int i = (int)pos;
    double t = pos - i;
    const double *y = w->bessel + i; /* at -1, 0, 1, 2 */
    double a = -t * (t - 1) * (t - 2) / 6, b = (t + 1) * (t - 1) * (t - 2) / 2,
           c = -(t + 1) * t * (t - 2) / 2, d = (t + 1) * t * (t - 1) / 6;
    double v = a * y[0] + b * y[1] + c * y[2] + d * y[3];
    return (float)(w_lambda < 0 && k % 2 != 0 ? -v : v);
}

/* T_k of LANES arguments, by doubling from the highest bit of k: (T_j, T_j+1) becomes those of 2j or 2j+1. */
static void chebyshev(int k, const double *b, double *out)
{
    double p[LANES], q[LANES];
    int bit = 1;
    while (bit <= k / 2)
        bit *= 2;
    for (int i = 0; i < LANES; i++) {
        p[i] = 1;
        q[i] = b[i];
    }
    for (; bit > 0 && k > 0; bit /= 2)
        for (int i = 0; i < LANES; i++) {
            double mixed = 2 * p[i] * q[i] - b[i];
            double same = (k & bit) != 0 ? q[i] : p[i];
            double twice = 2 * same * same - 1;
            p[i] = (k & bit) != 0 ? mixed : twice;
            q[i] = (k & bit) != 0 ? twice : mixed;
        }
    for (int i = 0; i < LANES; i++)
        out[i] = p[i];
}

/* b at distance `col` columns and m from the centre; above 1 where there is no sky. */
static double place(const struct pc_wterm *w, int col, double m)
{
    double l = col * w->geom.cell_rad[0], r2 = l * l + m * m;
    if (r2 >= 1)
        return 2;
    return w->half_n > 0 ? 1 - r2 / (1 + sqrt(1 - r2)) / w->half_n : 1;
}

void pc_wterm_row(const struct pc_wterm *w, int k, int y, float beyond, float *factor)
{
    const int nx = w->geom.nx, mid = nx / 2;
    const double m = (y - w->geom.ny / 2) * w->geom.cell_rad[1];
    for (int col = 0; col <= mid; col += LANES) { /* the row is the same to the east and to the west */
        double b[LANES], t[LANES];
        for (int i = 0; i < LANES; i++)
            b[i] = place(w, col + i, m);
        chebyshev(k, b, t);
        for (int i = 0; i < LANES && col + i <= mid; i++) {
            float v = b[i] > 1.5 ? beyond : (float)t[i];
            factor[mid - col - i] = v;
            if (mid + col + i < nx)
                factor[mid + col + i] = v;
        }
    }
}

void pc_wterm_centre(const struct pc_wterm *w, double w_lambda, float *cosine, float *sine)
{
    double phase = 2 * M_PI * w_lambda * w->half_n; /* c = -h */
    *cosine = (float)cos(phase);
    *sine = (float)sin(phase);
}
