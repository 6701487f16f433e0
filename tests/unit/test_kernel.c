/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/kernel.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* The kernel as it is gridded with: its shape, its correction, and its aliasing, summed from its taps. */

static struct pc_err err;

/* The kernel at distance d from its centre, by way of the taps. */
static double kernel_at(const struct pc_kernel *k, double d)
{
    float tap[PC_KERNEL_TAPS];
    int64_t first = pc_kernel_taps(k, 100 - d, PC_KERNEL_TAPS, tap);
    int64_t i = 100 - first;
    return i >= 0 && i < k->ntap ? (double)tap[i] : 0;
}

/* Its Fourier transform at x cycles per cell, by the midpoint rule. */
static double transform(const struct pc_kernel *k, double x)
{
    const int n = 4000;
    double sum = 0, half = 0.5 * k->ntap;
    for (int i = 0; i < n; i++) {
        double d = (2 * (i + 0.5) / n - 1) * half;
        sum += kernel_at(k, d) * cos(2 * M_PI * x * d);
    }
    return sum * 2 * half / n;
}

/* Images of a billion pixels and of one: what costs is the transform, and the taps. */
enum { BIG = 1 << 30, MANY = 1 << 20 };

static void test_shape(double accuracy, int64_t npix, int64_t nsample, int ntap, double oversampling)
{
    struct pc_kernel k;
    int bad = pc_kernel_init(&k, accuracy, npix, nsample, &err);
    double grid = pc_kernel_oversampling(accuracy, npix, nsample);
    ok(!bad && k.ntap == ntap && fabs(k.oversampling - oversampling) < 1e-9 &&
           fabs(grid - oversampling) < 1e-9,
       "accuracy %g, %lld pixels, %lld samples: %d taps at an oversampling of %g", accuracy, (long long)npix,
       (long long)nsample, k.ntap, k.oversampling);
    is_near(kernel_at(&k, 0), 1, 1e-6, "1 in the middle");
    double odd = 0, edge = kernel_at(&k, 0.5 * ntap - 1e-9);
    for (double d = 0; d < 0.5 * ntap; d += 0.01)
        odd = fmax(odd, fabs(kernel_at(&k, d) - kernel_at(&k, -d)));
    ok(odd < 2e-6, "symmetric within %.2g", odd);
    ok(edge < accuracy, "small at its edge: %.2g", edge);
}

static void test_taps(void)
{
    struct pc_kernel k;
    float tap[PC_KERNEL_TAPS];
    ok(pc_kernel_init(&k, 1e-4, BIG, 0, &err) == 0, "begun");
    is_int(pc_kernel_taps(&k, 0, PC_KERNEL_TAPS, tap), -4, "eight taps around 0 begin at -4");
    is_int(pc_kernel_taps(&k, -0.25, PC_KERNEL_TAPS, tap), -4, "a quarter to the left too");
    is_int(pc_kernel_taps(&k, 0.25, PC_KERNEL_TAPS, tap), -3, "a quarter to the right: -3");
    is_int(pc_kernel_taps(&k, 1e6 + 0.5, PC_KERNEL_TAPS, tap), 1000000 - 3, "far out");
    ok(tap[3] == tap[4] || fabsf(tap[3] - tap[4]) < 1e-6F, "halfway the two in the middle are equal");
}

/* Everything that aliases into the image, and the correction. */
static void test_alias(double accuracy, int64_t npix, int64_t nsample)
{
    enum { N = 60 };
    struct pc_kernel k;
    float corr[N];
    ok(pc_kernel_init(&k, accuracy, npix, nsample, &err) == 0, "begun");
    const int ngrid = (int)lrint(k.oversampling * N);
    pc_kernel_correction(&k, N, ngrid, corr);
    double worst = 0, wrong = 0;
    for (int i = 0; i < N; i++) {
        double x = (double)(i - N / 2) / ngrid, own = transform(&k, x), alias = 0;
        for (int m = -6; m <= 6; m++)
            alias += m == 0 ? 0 : pow(transform(&k, x + m), 2);
        worst = fmax(worst, sqrt(alias) / own);
        wrong = fmax(wrong, fabs((double)corr[i] * own - 1));
    }
    /* single precision's own, amplified where the correction is large */
    const double grain = 3e-7;
    ok(worst < 1.1 * k.alias + grain && k.alias < accuracy / 4,
       "%d taps at %g: aliasing is %.2g, promised %.2g", k.ntap, k.oversampling, worst, k.alias);
    ok(wrong < 1e-6, "the correction is the inverse of the transform within %.2g", wrong);
}

int main(void)
{
    struct pc_kernel k;
    test_shape(1e-2, BIG, MANY, 5, 1.5);
    test_shape(1e-3, BIG, MANY, 6, 1.5);
    test_shape(1.5e-4, BIG, MANY, 7, 1.5);
    test_shape(1e-4, BIG, MANY, 8, 1.5);
    test_shape(1e-5, BIG, MANY, 8, 1.65);
    test_shape(5e-6, BIG, MANY, 8, 2);
    test_shape(2e-6, BIG, MANY, 8, 2);
    test_shape(1e-6, BIG, MANY, 9, 2);
    test_shape(1e-2, 1, MANY, 4, 2);
    test_shape(1e-3, 1, MANY, 5, 2);
    test_shape(1e-4, 1, MANY, 6, 2);
    test_shape(1e-5, 1, MANY, 7, 2);
    test_shape(1e-6, 1, MANY, 9, 2);
    test_taps();
    static const double accuracy[] = {1e-2, 1e-3, 1.5e-4, 1e-4, 1e-5, 1e-6};
    for (size_t i = 0; i < sizeof accuracy / sizeof accuracy[0]; i++) {
        test_alias(accuracy[i], BIG, MANY);
        test_alias(accuracy[i], 1, MANY);
    }
    ok(pc_kernel_init(&k, 9e-7, 1, 1, &err) != 0 && err.code == PC_EX_USAGE, "no kernel for 9e-7: %s",
       err.msg);
    ok(pc_kernel_init(&k, NAN, 1, 1, &err) != 0, "nor for NaN");
    return tap_done();
}
