/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/kernel.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* The kernel as it is gridded with: its shape, its correction, and its aliasing, summed from its taps. */

static struct pc_err err;

static bool wide; /* what is tested is for double precision */

/* The kernel at distance d from its centre, by way of the taps. */
static double kernel_at(const struct pc_kernel *k, double d)
{
    double s, tap = 0;
    int64_t i = 100 - pc_kernel_place(k, 100 - d, &s);
    for (int p = 0; p <= k->degree && i >= 0 && i < k->ntap; p++)
        tap = tap * s + (wide ? k->coef[p][i] : (double)k->coef_f32[p][i]);
    return tap;
}

/* Its Fourier transform at x cycles per cell: each tap by Simpson's rule, corrected by Richardson's. */
static double simpson(const struct pc_kernel *k, double x, int n)
{
    double sum = 0, h = 1.0 / n;
    for (int tap = 0; tap < k->ntap; tap++)
        for (int i = 0; i <= n; i++) {
            /* from within the tap: its polynomials do not quite meet */
            double d = 0.5 * k->ntap - tap - fmin(fmax(i * h, 1e-13), 1 - 1e-13);
            double f = kernel_at(k, d) * cos(2 * M_PI * x * d);
            sum += f * (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2);
        }
    return sum * h / 3;
}

static double transform(const struct pc_kernel *k, double x)
{
    double coarse = simpson(k, x, 60), fine = simpson(k, x, 120);
    return fine + (fine - coarse) / 15;
}

/* Images of a billion pixels and of one: what costs is the transform, and the taps. */
enum { BIG = 1 << 30, MANY = 1 << 20 };

static void test_shape(double accuracy, int64_t npix, int64_t nsample, int ntap, double oversampling)
{
    struct pc_kernel k;
    int bad = pc_kernel_init(&k, accuracy, wide, npix, nsample, &err);
    double grid = pc_kernel_oversampling(accuracy, wide, npix, nsample);
    ok(!bad && k.ntap == ntap && fabs(k.oversampling - oversampling) < 1e-9 &&
           fabs(grid - oversampling) < 1e-9,
       "accuracy %g, %lld pixels, %lld samples: %d taps at an oversampling of %g", accuracy, (long long)npix,
       (long long)nsample, k.ntap, k.oversampling);
    is_near(kernel_at(&k, 0), 1, fmax(accuracy, 1e-6), "1 in the middle");
    double odd = 0, edge = kernel_at(&k, 0.5 * ntap - 1e-9);
    for (double d = 0; d < 0.5 * ntap; d += 0.01)
        odd = fmax(odd, fabs(kernel_at(&k, d) - kernel_at(&k, -d)));
    ok(odd < fmax(accuracy, 2e-6), "symmetric within %.2g", odd);
    ok(edge < fmax(10 * accuracy, 2e-5), "small at its edge: %.2g", edge);
}

static void test_place(void)
{
    struct pc_kernel k;
    double s;
    ok(pc_kernel_init(&k, 1e-4, false, BIG, 0, &err) == 0, "begun");
    is_int(pc_kernel_place(&k, 0, &s), -4, "eight taps around 0 begin at -4");
    is_near(s, -1, 1e-15, "at the beginning of their polynomials");
    is_int(pc_kernel_place(&k, -0.25, &s), -4, "a quarter to the left too");
    is_near(s, -0.5, 1e-15, "a quarter on");
    is_int(pc_kernel_place(&k, 0.25, &s), -3, "a quarter to the right: -3");
    is_int(pc_kernel_place(&k, 1e6 + 0.5, &s), 1000000 - 3, "far out");
    is_near(s, 0, 1e-9, "halfway");
}

/* Everything that aliases into the image, and the correction. */
static void test_alias(double accuracy, int64_t npix, int64_t nsample)
{
    enum { N = 60 };
    struct pc_kernel k;
    double corr[N];
    ok(pc_kernel_init(&k, accuracy, wide, npix, nsample, &err) == 0, "begun");
    const int ngrid = (int)lrint(k.oversampling * N);
    pc_kernel_correction(&k, wide, N, ngrid, corr);
    double worst = 0, wrong = 0;
    for (int i = 0; i < N; i++) {
        double x = (double)(i - N / 2) / ngrid, own = transform(&k, x), alias = 0;
        for (int m = -6; m <= 6; m++)
            alias += m == 0 ? 0 : pow(transform(&k, x + m), 2);
        worst = fmax(worst, sqrt(alias) / own);
        wrong = fmax(wrong, fabs(corr[i] * own - 1));
    }
    /* single precision's own, amplified where the correction is large */
    const double grain = wide ? 1e-14 : 3e-7 * corr[0] / corr[N / 2];
    ok(worst < 1.3 * k.alias + grain && k.alias <= accuracy / 3.9,
       "%d taps at %g: aliasing is %.2g, promised %.2g", k.ntap, k.oversampling, worst, k.alias);
    ok(wrong < (wide ? 1e-11 : 1e-6), "the correction is the inverse of the transform within %.2g", wrong);
}

static void test_all(const double *accuracy, int n)
{
    for (int i = 0; i < n; i++) {
        test_alias(accuracy[i], BIG, MANY);
        test_alias(accuracy[i], 1, MANY);
    }
}

int main(void)
{
    static const double single[] = {1e-2, 1e-3, 1.5e-4, 1e-4, 1e-5, 1e-6};
    static const double finer[] = {1e-2, 1e-4, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12};
    struct pc_kernel k;
    test_shape(1e-2, BIG, MANY, 5, 1.35);
    test_shape(1e-3, BIG, MANY, 7, 1.35);
    test_shape(1e-4, BIG, MANY, 8, 1.35);
    test_shape(5e-5, BIG, MANY, 8, 1.5);
    test_shape(1e-5, BIG, MANY, 8, 1.6);
    test_shape(5e-6, BIG, MANY, 8, 2);
    test_shape(2e-6, BIG, MANY, 8, 2);
    test_shape(1e-6, BIG, MANY, 9, 2);
    test_shape(1e-2, 1, MANY, 4, 2);
    test_shape(1e-3, 1, MANY, 5, 2);
    test_shape(1e-4, 1, MANY, 6, 2);
    test_shape(1e-5, 1, MANY, 7, 2);
    test_shape(1e-6, 1, MANY, 9, 2);
    test_place();
    test_all(single, sizeof single / sizeof single[0]);
    wide = true;
    test_shape(1e-12, 1, MANY, 15, 2);
    test_all(finer, sizeof finer / sizeof finer[0]);
    ok(pc_kernel_init(&k, 9e-7, false, 1, 1, &err) != 0 && err.code == PC_EX_USAGE, "no kernel for 9e-7: %s",
       err.msg);
    ok(pc_kernel_init(&k, 9e-13, true, 1, 1, &err) != 0 && err.code == PC_EX_USAGE,
       "nor for 9e-13 in double precision: %s", err.msg);
    ok(pc_kernel_init(&k, NAN, true, 1, 1, &err) != 0, "nor for NaN");
    return tap_done();
}
