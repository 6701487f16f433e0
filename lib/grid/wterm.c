/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE 1 /* jn() */
#include "grid/wterm.h"

#include "base/clones.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>

/* Steps of the table of a Bessel function. Interpolation between six points errs by less than 3e-3 step^6:
 * 3e-9, and 3e-15 for accuracies of double precision. */
static const double step_rad = 0.1, fine_step_rad = 0.01, fine_accuracy = 1e-6;
/* Of the accuracy, what the terms left out may take of a sample of the largest w in the farthest corner. */
static const double share = 0.75;
enum { MAX_TURN = 20000, LANES = 8 };

int pc_wterm_needed(const struct pc_geom *geom, double max_w, double accuracy)
{
    return pc_geom_wphase_rad(geom, max_w) > accuracy;
}

/* The terms beyond contribute at most 2 sum |J_k(X)|. */
static int count_terms(double turn_rad, double tolerance)
{
    int n = (int)(turn_rad * 1.01) + 1;
    while (fabs(jn(n, turn_rad)) > 1e-3 * tolerance)
        n++;
    for (double left = 0; n > 1; n--) {
        left += 2 * fabs(jn(n - 1, turn_rad));
        if (left > tolerance)
            break;
    }
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
    w->nstep = (int)ceil(w->turn_rad / (accuracy < fine_accuracy ? fine_step_rad : step_rad)) + 1;
    w->bessel = pc_mem_new(w->nstep + 6, sizeof *w->bessel, "a table of the w-term", err);
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
    w->term = k;
    for (int i = 0; i < w->nstep + 6; i++)
        w->bessel[i] = (k == 0 ? 1 : 2) * jn(k, (i - 2) * step);
}

/* Lagrange's polynomial through y at -2 .. 3, at t in [0, 1]. */
static double between(const double *y, double t)
{
    const double a = t + 2, b = t + 1, c = t, d = t - 1, e = t - 2, f = t - 3;
    return -b * c * d * e * f * y[0] / 120 + a * c * d * e * f * y[1] / 24 - a * b * d * e * f * y[2] / 12 +
           a * b * c * e * f * y[3] / 12 - a * b * c * d * f * y[4] / 24 + a * b * c * d * e * y[5] / 120;
}

void pc_wterm_sample(const struct pc_wterm *w, double w_lambda, double weight, double *re, double *im)
{
    double phase = 2 * M_PI * w_lambda * w->half_n; /* c = -h */
    double pos = w->max_w > 0 ? fmin(fabs(w_lambda) / w->max_w, 1) * w->nstep : 0;
    int at = (int)pos;
    double f = weight * between(w->bessel + at, pos - at);
    if (w_lambda < 0 && w->term % 2 != 0)
        f = -f;
    const double cosine = f * cos(phase), sine = f * sin(phase);
    switch (w->term & 3) { /* (-i)^k */
    case 0:
        *re = cosine, *im = sine;
        break;
    case 1:
        *re = sine, *im = -cosine;
        break;
    case 2:
        *re = -cosine, *im = -sine;
        break;
    default:
        *re = -sine, *im = cosine;
    }
}

/* T_k of LANES arguments, by doubling from the highest bit of k: (T_j, T_j+1) becomes those of 2j or 2j+1. */
PC_INLINE void chebyshev(int k, const double *b, double *out)
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

/* 1-n of LANES pixels at r^2 = l^2 + m^2. The series, exact to the last digit up to narrow_r2, is much the
 * faster. */
static const double narrow_r2 = 1e-3;
PC_INLINE void depth(const double *r2, bool narrow, double *out)
{
    for (int i = 0; i < LANES; i++) {
        const double r = r2[i], under = r < 1 ? 1 - r : 0;
        out[i] = narrow ? r * (0.5 + r * (0.125 + r * (0.0625 + r * (5.0 / 128 + r * (7.0 / 256)))))
                        : r / (1 + sqrt(under));
    }
}

/* T_k at the pixels first .. first+n-1 columns from the centre of a row at distance m; n a multiple of LANES.
 */
PC_INLINE void piece(const struct pc_wterm *w, int k, double m, double beyond, int first, int n, bool narrow,
                     double *out)
{
    const double cell = w->geom.cell_rad[0], per_h = w->half_n > 0 ? 1 / w->half_n : 0;
    for (int col = 0; col < n; col += LANES) {
        double b[LANES], t[LANES], r2[LANES];
        for (int i = 0; i < LANES; i++) {
            double l = (first + col + i) * cell;
            r2[i] = l * l + m * m;
        }
        depth(r2, narrow, b);
        for (int i = 0; i < LANES; i++)
            b[i] = 1 - b[i] * per_h;
        chebyshev(k, b, t);
        for (int i = 0; i < LANES; i++)
            out[col + i] = r2[i] < 1 ? t[i] : beyond;
    }
}

PC_CLONES static void narrow_piece(const struct pc_wterm *w, int k, double m, double beyond, int first, int n,
                                   double *out)
{
    piece(w, k, m, beyond, first, n, true, out);
}

PC_CLONES static void wide_piece(const struct pc_wterm *w, int k, double m, double beyond, int first, int n,
                                 double *out)
{
    piece(w, k, m, beyond, first, n, false, out);
}

void pc_wterm_row(const struct pc_wterm *w, int k, int y, double beyond, double *factor)
{
    enum { PIECE = 512 };
    const int nx = w->geom.nx, mid = nx / 2;
    const double m = (y - w->geom.ny / 2) * w->geom.cell_rad[1];
    const double edge = mid * w->geom.cell_rad[0], r2 = edge * edge + m * m;
    double out[PIECE];
    if (k == 0 && r2 < 1) {
        for (int x = 0; x < nx; x++)
            factor[x] = 1;
        return;
    }
    for (int col = 0; col <= mid; col += PIECE) { /* the row is the same to the east and to the west */
        const int left = mid + 1 - col, n = left < PIECE ? left : PIECE;
        const int whole = (n + LANES - 1) / LANES * LANES;
        if (r2 < narrow_r2)
            narrow_piece(w, k, m, beyond, col, whole, out);
        else
            wide_piece(w, k, m, beyond, col, whole, out);
        for (int i = 0; i < n; i++) {
            factor[mid - col - i] = out[i];
            if (mid + col + i < nx)
                factor[mid + col + i] = out[i];
        }
    }
}
