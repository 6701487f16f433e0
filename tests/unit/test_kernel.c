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
    int64_t first = pc_kernel_taps(k, 100 - d, tap);
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

static void test_shape(double accuracy, int ntap)
{
    struct pc_kernel k;
    ok(pc_kernel_init(&k, accuracy, &err) == 0 && k.ntap == ntap, "accuracy %g takes %d taps", accuracy,
       ntap);
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
    ok(pc_kernel_init(&k, 1e-4, &err) == 0, "begun");
    is_int(pc_kernel_taps(&k, 0, tap), -4, "eight taps around 0 begin at -4");
    is_int(pc_kernel_taps(&k, -0.25, tap), -4, "a quarter to the left too");
    is_int(pc_kernel_taps(&k, 0.25, tap), -3, "a quarter to the right: -3");
    is_int(pc_kernel_taps(&k, 1e6 + 0.5, tap), 1000000 - 3, "far out");
    ok(tap[3] == tap[4] || fabsf(tap[3] - tap[4]) < 1e-6F, "halfway the two in the middle are equal");
}

/* Everything that aliases into the image at an oversampling of 1.5, and the correction. */
static void test_alias(double accuracy)
{
    enum { N = 64, NGRID = 96 };
    struct pc_kernel k;
    float corr[N];
    ok(pc_kernel_init(&k, accuracy, &err) == 0, "begun");
    pc_kernel_correction(&k, N, NGRID, corr);
    double worst = 0, wrong = 0;
    for (int i = 0; i < N; i += 4) {
        double x = (double)(i - N / 2) / NGRID, own = transform(&k, x), alias = 0;
        for (int m = -6; m <= 6; m++)
            alias += m == 0 ? 0 : pow(transform(&k, x + m), 2);
        worst = fmax(worst, sqrt(alias) / own);
        wrong = fmax(wrong, fabs((double)corr[i] * own - 1));
    }
    ok(worst < 1.1 * k.alias && worst < accuracy / 4, "aliasing is %.2g, promised %.2g", worst, k.alias);
    ok(wrong < 1e-6, "the correction is the inverse of the transform within %.2g", wrong);
}

int main(void)
{
    struct pc_kernel k;
    test_shape(1e-4, 8);
    test_shape(1e-3, 6);
    test_shape(1e-2, 5);
    test_taps();
    test_alias(1e-4);
    test_alias(1e-3);
    test_alias(1e-2);
    ok(pc_kernel_init(&k, 9e-6, &err) != 0 && err.code == PC_EX_USAGE, "no kernel for 9e-6: %s", err.msg);
    ok(pc_kernel_init(&k, NAN, &err) != 0, "nor for NaN");
    return tap_done();
}
