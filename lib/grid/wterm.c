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
/* Of the accuracy, what the terms left out may take in the farthest corner. */
static const double share = 0.75;
enum { MAX_TURN = 20000 };

int pc_wterm_needed(const struct pc_geom *geom, double max_w, double accuracy)
{
    return pc_geom_wphase_rad(geom, max_w) > accuracy;
}

/* What is left out of samples, when only the terms before some k are taken: of those of a bin at most
 * 2 sum |J_j(X a)|, j >= k. */
struct left_out {
    double power, all;              /* sum of squared weights: of what is left out, and of everything */
    double amount[PC_WSPREAD_BINS]; /* of one sample */
};

static void leave_out(struct left_out *l, int k, double turn_rad, double max_w, const struct pc_wspread *s)
{
    l->power = l->all = 0;
    for (int i = 0; i < PC_WSPREAD_BINS; i++) {
        if (s->of[i] == 0)
            continue;
        l->amount[i] += 2 * fabs(jn(k, turn_rad * fmin((i + 1) * s->step / max_w, 1)));
        l->power += s->of[i] * l->amount[i] * l->amount[i];
        l->all += s->of[i];
    }
}

/* The least number of terms, from one that is large enough down. */
static int count_terms(double turn_rad, double tolerance, double max_w, const struct pc_wspread *spread)
{
    struct left_out l = {0};
    int n = (int)(turn_rad * 1.01) + 1;
    while (fabs(jn(n, turn_rad)) > 1e-3 * tolerance)
        n++;
    for (; n > 1; n--) {
        leave_out(&l, n - 1, turn_rad, max_w, spread);
        if (l.power > tolerance * tolerance * l.all)
            break;
    }
    return n;
}

static double turn_of(const struct pc_geom *geom, double max_w)
{
    return 0.5 * pc_geom_wphase_rad(geom, max_w);
}

int pc_wterm_count(const struct pc_geom *geom, double max_w, double accuracy, const struct pc_wspread *spread)
{
    const struct pc_wspread largest = {.step = max_w, .of = {1}};
    const double turn_rad = turn_of(geom, max_w);
    if (!(turn_rad > 0) || !(turn_rad <= 0.5 * MAX_TURN))
        return 1;
    return count_terms(turn_rad, share * accuracy, max_w, spread != NULL ? spread : &largest);
}

int pc_wterm_init(struct pc_wterm *w, const struct pc_geom *geom, double max_w, double accuracy, int nterm,
                  struct pc_err *err)
{
    const double phase = pc_geom_wphase_rad(geom, max_w);
    *w = (struct pc_wterm){.geom = *geom, .max_w = max_w, .turn_rad = turn_of(geom, max_w)};
    if (!(phase <= MAX_TURN))
        return pc_err_set(err, PC_EX_DATA,
                          "the w-term turns phases by up to %g rad in the corner of the image, more than %d",
                          phase, MAX_TURN);
    w->half_n = max_w > 0 ? w->turn_rad / (2 * M_PI * max_w) : 0;
    w->nterm = nterm > 0 ? nterm : pc_wterm_count(geom, max_w, accuracy, NULL);
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

/* A row is made in pieces that the nearest cache holds. */
enum { PIECE = 256 };

/* T_k of n arguments, by doubling from the highest bit of k: (p, q) = (T_j, T_j+1) becomes those of 2j or
 * 2j+1. */
PC_INLINE void chebyshev(int k, int n, const double *b, double *p)
{
    double q[PIECE];
    int bit = 1;
    while (bit <= k / 2)
        bit *= 2;
    for (int i = 0; i < n; i++) {
        p[i] = 1;
        q[i] = b[i];
    }
    for (; bit > 0 && k > 0; bit /= 2)
        for (int i = 0; i < n; i++) {
            const double mixed = 2 * p[i] * q[i] - b[i];
            const double same = (k & bit) != 0 ? q[i] : p[i], twice = 2 * same * same - 1;
            p[i] = (k & bit) != 0 ? mixed : twice;
            q[i] = (k & bit) != 0 ? twice : mixed;
        }
}

/* 1-n at r^2 = l^2 + m^2. The series, exact to the last digit up to narrow_r2, is much the faster. */
static const double narrow_r2 = 1e-3;
PC_INLINE double depth(double r2, bool narrow)
{
    if (narrow)
        return r2 * (0.5 + r2 * (0.125 + r2 * (0.0625 + r2 * (5.0 / 128 + r2 * (7.0 / 256)))));
    return r2 / (1 + sqrt(r2 < 1 ? 1 - r2 : 0));
}

/* T_k at the pixels first .. first+n-1 columns from the centre of a row at distance m. */
PC_INLINE void piece(const struct pc_wterm *w, int k, double m, double beyond, int first, int n, bool narrow,
                     double *out)
{
    const double cell = w->geom.cell_rad[0], per_h = w->half_n > 0 ? 1 / w->half_n : 0, m2 = m * m;
    double b[PIECE], r2[PIECE];
    for (int i = 0; i < n; i++) {
        const double l = (first + i) * cell;
        r2[i] = l * l + m2;
        b[i] = 1 - depth(r2[i], narrow) * per_h;
    }
    chebyshev(k, n, b, out);
    for (int i = 0; !narrow && i < n; i++)
        out[i] = r2[i] < 1 ? out[i] : beyond;
}

PC_CLONES static void narrow_piece(const struct pc_wterm *w, int k, double m, int first, int n, double *out)
{
    piece(w, k, m, 0, first, n, true, out);
}

PC_CLONES static void wide_piece(const struct pc_wterm *w, int k, double m, double beyond, int first, int n,
                                 double *out)
{
    piece(w, k, m, beyond, first, n, false, out);
}

void pc_wterm_row(const struct pc_wterm *w, int k, int y, double beyond, double *factor)
{
    const int nx = w->geom.nx, mid = nx / 2;
    const double m = (y - w->geom.ny / 2) * w->geom.cell_rad[1];
    const double edge = mid * w->geom.cell_rad[0], r2 = edge * edge + m * m;
    if (k == 0 && r2 < 1) {
        for (int x = 0; x < nx; x++)
            factor[x] = 1;
        return;
    }
    for (int x = 0; x < nx; x += PIECE) {
        const int n = nx - x < PIECE ? nx - x : PIECE;
        if (r2 < narrow_r2)
            narrow_piece(w, k, m, x - mid, n, factor + x);
        else
            wide_piece(w, k, m, beyond, x - mid, n, factor + x);
    }
}
