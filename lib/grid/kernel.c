/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/kernel.h"

#include <math.h>
#include <stddef.h>

/* beta / ntap minimises the largest alias within the image at that oversampling: a search by brute force over
 * sum over k != 0 of FT(x + k)^2 / FT(x)^2, the degree is the least with which the polynomials do not add to
 * it; tests/unit/test_kernel.c does the sum again. */
static const struct shape {
    double oversampling;
    int ntap, degree;
    double beta_per_tap, alias;
} shape[] = {{1.35, 4, 4, 1.776, 7.0e-3},    {1.35, 5, 4, 1.852, 1.8e-3},    {1.35, 6, 5, 1.892, 4.3e-4},
             {1.35, 7, 6, 1.914, 1.1e-4},    {1.35, 8, 6, 1.93, 2.5e-5},     {1.35, 9, 7, 1.94, 5.6e-6},
             {1.5, 5, 5, 1.978, 7.2e-4},     {1.5, 6, 5, 2.014, 1.5e-4},     {1.5, 7, 6, 2.036, 2.8e-5},
             {1.5, 8, 7, 2.05, 5.5e-6},      {1.5, 9, 7, 2.06, 1.0e-6},      {1.5, 10, 8, 2.05, 2.3e-7},
             {1.5, 11, 8, 2.058, 3.9e-8},    {1.5, 12, 9, 2.022, 5.3e-9},    {1.5, 13, 10, 2.034, 9.5e-10},
             {1.5, 14, 10, 1.976, 2.5e-10},  {1.5, 15, 11, 1.994, 4.2e-11},  {1.5, 16, 11, 2.08, 2.7e-12},
             {1.6, 8, 7, 2.116, 2.54e-6},    {1.65, 7, 6, 2.12, 1.2e-5},     {1.65, 8, 7, 2.146, 1.8e-6},
             {1.65, 9, 7, 2.156, 2.8e-7},    {1.65, 10, 8, 2.146, 5.5e-8},   {1.65, 11, 9, 2.154, 7.8e-9},
             {1.65, 12, 9, 2.12, 9.2e-10},   {1.65, 13, 10, 2.132, 1.3e-10}, {1.65, 14, 10, 2.078, 2.9e-11},
             {1.65, 15, 11, 2.134, 3.6e-12}, {1.65, 16, 12, 2.106, 5.5e-13}, {2.0, 4, 4, 2.2, 9.5e-4},
             {2.0, 5, 5, 2.256, 1.3e-4},     {2.0, 6, 6, 2.288, 1.7e-5},     {2.0, 7, 6, 2.306, 2.3e-6},
             {2.0, 8, 7, 2.318, 2.8e-7},     {2.0, 9, 8, 2.326, 3.7e-8},     {2.0, 10, 8, 2.332, 4.5e-9},
             {2.0, 11, 9, 2.28, 4.6e-10},    {2.0, 12, 9, 2.292, 5.8e-11},   {2.0, 13, 10, 2.302, 6.2e-12},
             {2.0, 14, 11, 2.31, 6.4e-13},   {2.0, 15, 12, 2.342, 8.1e-14}};
enum { NSHAPE = sizeof shape / sizeof shape[0] };
/* Both axes alias, and so does what lies outside of the image and is brighter than what is in it. */
static const double margin = 3.9;
/* Larger images are short of memory: they take the smallest grid. */
static const int64_t large_npix = INT64_C(4) << 20;

double pc_kernel_finest(bool wide)
{
    return wide ? 1e-12 : 1e-6;
}

/* What the rounding of single precision, amplified by the correction at the edges, reaches. */
static double grain(double oversampling, bool wide)
{
    return wide ? 0 : oversampling < 1.5 ? 6e-5 : oversampling < 1.6 ? 2e-5 : oversampling < 2 ? 8e-6 : 0;
}

/* Nanoseconds, roughly: the transforms, and the taps of the samples. */
static double cost(const struct shape *s, int64_t npix, int64_t nsample)
{
    double cells = s->oversampling * s->oversampling * (double)npix;
    double taps = (double)nsample * (40 + 0.6 * s->ntap * s->ntap);
    return 4 * cells + (npix > large_npix ? 1e-6 * taps : taps);
}

/* NULL: none is good enough. */
static const struct shape *choose(double accuracy, bool wide, int64_t npix, int64_t nsample)
{
    const struct shape *best = NULL;
    if (!(accuracy >= pc_kernel_finest(wide)))
        return NULL;
    for (const struct shape *s = shape; s < shape + NSHAPE; s++)
        if (fmax(s->alias * margin, grain(s->oversampling, wide)) <= accuracy &&
            (best == NULL || cost(s, npix, nsample) < cost(best, npix, nsample)))
            best = s;
    return best;
}

double pc_kernel_oversampling(double accuracy, bool wide, int64_t npix, int64_t nsample)
{
    const struct shape *s = choose(accuracy, wide, npix, nsample);
    return s == NULL ? shape[NSHAPE - 1].oversampling : s->oversampling;
}

static double semicircle(double z, double beta)
{
    double under = 1 - z * z;
    return under > 0 ? exp(beta * (sqrt(under) - 1)) : exp(-beta);
}

/* Chebyshev interpolation of the piece of one tap, turned into powers of s in [-1, 1]. */
static void fit_tap(struct pc_kernel *k, int tap, double beta)
{
    enum { MAX = PC_KERNEL_DEGREE + 1 };
    const int n = k->degree + 1;
    double value[MAX], power[MAX] = {0};
    for (int i = 0; i < n; i++) {
        double frac = 0.5 * (cos(M_PI * (i + 0.5) / n) + 1);
        value[i] = semicircle((frac + tap - 0.5 * k->ntap) / (0.5 * k->ntap), beta);
    }
    double before[MAX] = {0}, now[MAX] = {1}; /* the Chebyshev polynomials j-1 and j in powers of s */
    for (int j = 0; j < n; j++) {
        double c = 0;
        for (int i = 0; i < n; i++)
            c += value[i] * cos(M_PI * j * (i + 0.5) / n);
        c *= (j == 0 ? 1.0 : 2.0) / n;
        for (int p = 0; p < n; p++)
            power[p] += c * now[p];
        double next[MAX];
        for (int p = 0; p < n; p++)
            next[p] = (j == 0 ? 1 : 2) * (p > 0 ? now[p - 1] : 0) - (j == 0 ? 0 : before[p]);
        for (int p = 0; p < n; p++) {
            before[p] = now[p];
            now[p] = next[p];
        }
    }
    for (int p = 0; p < n; p++) {
        k->coef[n - 1 - p][tap] = power[p];
        k->coef_f32[n - 1 - p][tap] = (float)power[p];
    }
}

int pc_kernel_init(struct pc_kernel *k, double accuracy, bool wide, int64_t npix, int64_t nsample,
                   struct pc_err *err)
{
    const struct shape *s = choose(accuracy, wide, npix, nsample);
    *k = (struct pc_kernel){0};
    if (s == NULL)
        return pc_err_set(err, PC_EX_USAGE,
                          "a gridding accuracy of %g is finer than %s precision has; the finest is %g%s",
                          accuracy, wide ? "double" : "single", pc_kernel_finest(wide),
                          wide ? "" : " (--precision double: 1e-12)");
    k->ntap = s->ntap;
    k->degree = s->degree;
    k->oversampling = s->oversampling;
    k->alias = s->alias;
    for (int tap = 0; tap < k->ntap; tap++)
        fit_tap(k, tap, s->beta_per_tap * k->ntap);
    return 0;
}

enum { NODES = 16 };

/* Nodes and weights of Gauss-Legendre quadrature on [-1, 1], by Newton's iteration. */
static void gauss_legendre(double node[NODES], double weight[NODES])
{
    for (int i = 0; i < NODES; i++) {
        double x = cos(M_PI * (i + 0.75) / (NODES + 0.5)), slope = 1;
        for (int iter = 0; iter < 100; iter++) {
            double p0 = 1, p1 = x;
            for (int j = 2; j <= NODES; j++) {
                double p2 = ((2 * j - 1) * x * p1 - (j - 1) * p0) / j;
                p0 = p1;
                p1 = p2;
            }
            slope = NODES * (x * p1 - p0) / (x * x - 1);
            double step = p1 / slope;
            x -= step;
            if (fabs(step) < 1e-15)
                break;
        }
        node[i] = x;
        weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

static double piece(const struct pc_kernel *k, bool wide, int tap, double s)
{
    double v = 0;
    for (int d = 0; d <= k->degree; d++)
        v = v * s + (wide ? k->coef[d][tap] : (double)k->coef_f32[d][tap]);
    return v;
}

/* Kernel and transform are even: half of the taps and half of the axis will do. */
void pc_kernel_correction(const struct pc_kernel *k, bool wide, int n, int ngrid, double *corr)
{
    double node[NODES], weight[NODES];
    double offset[PC_KERNEL_TAPS * NODES], value[PC_KERNEL_TAPS * NODES];
    const int half = (k->ntap + 1) / 2;
    gauss_legendre(node, weight);
    for (int tap = 0; tap < half; tap++)
        for (int i = 0; i < NODES; i++) {
            const bool middle = 2 * tap + 1 == k->ntap;
            offset[tap * NODES + i] = 0.5 * (node[i] + 1) + tap - 0.5 * k->ntap;
            value[tap * NODES + i] = (middle ? 0.5 : 1) * weight[i] * piece(k, wide, tap, node[i]);
        }
    for (int i = 0; i <= n / 2; i++) {
        double x = (double)i / ngrid, ft = 0;
        for (int j = 0; j < half * NODES; j++)
            ft += value[j] * cos(2 * M_PI * x * offset[j]);
        corr[n / 2 - i] = 1 / ft;
        if (n / 2 + i < n)
            corr[n / 2 + i] = 1 / ft;
    }
}
