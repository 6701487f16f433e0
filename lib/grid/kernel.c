/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/kernel.h"

#include <math.h>
#include <stddef.h>

/* beta / ntap minimises the largest alias within the image at that oversampling: a search by brute force over
 * sum over k != 0 of FT(x + k)^2 / FT(x)^2; tests/unit/test_kernel.c does the sum again. */
static const struct shape {
    double oversampling;
    int ntap;
    double beta_per_tap, alias;
    double
        finest; /* the rounding of single precision, amplified by the correction at the edges, reaches this */
} shape[] = {
    {1.5, 5, 1.9792, 7.3e-4, 2e-5}, {1.5, 6, 2.0106, 1.5e-4, 2e-5},  {1.5, 7, 2.0361, 2.8e-5, 2e-5},
    {1.5, 8, 2.0420, 6.0e-6, 2e-5}, {1.65, 8, 2.1482, 1.7e-6, 8e-6}, {2.0, 4, 2.1999, 9.5e-4, 0},
    {2.0, 5, 2.2569, 1.3e-4, 0},    {2.0, 6, 2.2878, 1.7e-5, 0},     {2.0, 7, 2.3065, 2.2e-6, 0},
    {2.0, 8, 2.2127, 2.8e-7, 0},    {2.0, 9, 2.2446, 3.3e-8, 0},
};
enum { NSHAPE = sizeof shape / sizeof shape[0] };
/* Both axes alias, and so does what lies outside of the image and is brighter than what is in it. */
static const double margin = 4.5;
/* Larger images are short of memory: they take the smallest grid. */
static const int64_t large_npix = INT64_C(4) << 20;

/* Nanoseconds, roughly: the transforms, and the taps of the samples. */
static double cost(const struct shape *s, int64_t npix, int64_t nsample)
{
    double cells = s->oversampling * s->oversampling * (double)npix;
    double taps = (double)nsample * (40 + 0.6 * s->ntap * s->ntap);
    return 4 * cells + (npix > large_npix ? 1e-6 * taps : taps);
}

/* NULL: none is good enough. */
static const struct shape *choose(double accuracy, int64_t npix, int64_t nsample)
{
    const struct shape *best = NULL;
    if (!(accuracy >= PC_KERNEL_BEST_ACCURACY))
        return NULL;
    for (const struct shape *s = shape; s < shape + NSHAPE; s++)
        if (fmax(s->alias * margin, s->finest) <= accuracy &&
            (best == NULL || cost(s, npix, nsample) < cost(best, npix, nsample)))
            best = s;
    return best;
}

double pc_kernel_oversampling(double accuracy, int64_t npix, int64_t nsample)
{
    const struct shape *s = choose(accuracy, npix, nsample);
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
    enum { N = PC_KERNEL_DEGREE + 1 };
    double value[N], power[N] = {0};
    for (int i = 0; i < N; i++) {
        double frac = 0.5 * (cos(M_PI * (i + 0.5) / N) + 1);
        value[i] = semicircle((frac + tap - 0.5 * k->ntap) / (0.5 * k->ntap), beta);
    }
    double before[N] = {0}, now[N] = {1}; /* the Chebyshev polynomials j-1 and j in powers of s */
    for (int j = 0; j < N; j++) {
        double c = 0;
        for (int i = 0; i < N; i++)
            c += value[i] * cos(M_PI * j * (i + 0.5) / N);
        c *= (j == 0 ? 1.0 : 2.0) / N;
        for (int p = 0; p < N; p++)
            power[p] += c * now[p];
        double next[N];
        for (int p = 0; p < N; p++)
            next[p] = (j == 0 ? 1 : 2) * (p > 0 ? now[p - 1] : 0) - (j == 0 ? 0 : before[p]);
        for (int p = 0; p < N; p++) {
            before[p] = now[p];
            now[p] = next[p];
        }
    }
    for (int p = 0; p < N; p++)
        k->coef[N - 1 - p][tap] = (float)power[p];
}

int pc_kernel_init(struct pc_kernel *k, double accuracy, int64_t npix, int64_t nsample, struct pc_err *err)
{
    const struct shape *s = choose(accuracy, npix, nsample);
    *k = (struct pc_kernel){0};
    if (s == NULL)
        return pc_err_set(err, PC_EX_USAGE,
                          "a gridding accuracy of %g is finer than this gridder has; the finest is %g",
                          accuracy, PC_KERNEL_BEST_ACCURACY);
    k->ntap = s->ntap;
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

static double piece(const struct pc_kernel *k, int tap, double s)
{
    double v = k->coef[0][tap];
    for (int d = 1; d <= PC_KERNEL_DEGREE; d++)
        v = v * s + (double)k->coef[d][tap];
    return v;
}

void pc_kernel_correction(const struct pc_kernel *k, int n, int ngrid, float *corr)
{
    double node[NODES], weight[NODES];
    double offset[PC_KERNEL_TAPS * NODES], value[PC_KERNEL_TAPS * NODES];
    gauss_legendre(node, weight);
    for (int tap = 0; tap < k->ntap; tap++)
        for (int i = 0; i < NODES; i++) {
            offset[tap * NODES + i] = 0.5 * (node[i] + 1) + tap - 0.5 * k->ntap;
            value[tap * NODES + i] = 0.5 * weight[i] * piece(k, tap, node[i]);
        }
    for (int i = 0; i < n; i++) {
        double x = (double)(i - n / 2) / ngrid, ft = 0;
        for (int j = 0; j < k->ntap * NODES; j++)
            ft += value[j] * cos(2 * M_PI * x * offset[j]);
        corr[i] = (float)(1 / ft);
    }
}
