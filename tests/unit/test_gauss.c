/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussians on pixels: sums, transform and square against plain loops. */
#include "clean/gauss.h"
#include "tap.h"

#include <stdlib.h>

enum { N = 96, NPIX = N * N };

static double tap_at(int d)
{
    return abs(d) <= 11 ? exp(-0.5 * d * d / (2.6 * 2.6)) : 0;
}

static void test_sums(const struct pc_gauss *g, double norm)
{
    static float pix[NPIX];
    double sum = 0, part = 0, total = 0;
    for (int p = 0; p < NPIX; p++) {
        double v = tap_at(p % N - 5) * tap_at((int)(p / N) - 90) / (norm * norm); /* over two edges */
        pix[p] = (float)((p * 7919) % 1009) / 1009 - 0.5f;
        sum += (double)pix[p] * v;
        part += v;
    }
    is_near(pc_gauss_sum(g, pix, N, N, 5, 90), sum, 1e-9, "a sum over the edge");
    memset(pix, 0, sizeof pix);
    pc_gauss_add(g, pix, N, N, 5, 90, 3);
    for (int p = 0; p < NPIX; p++)
        total += (double)pix[p];
    is_near(total, 3 * part, 1e-6, "what lies on the plane is added");
    is_near((double)pix[92 * N + 4], 3 * tap_at(-1) * tap_at(2) / (norm * norm), 1e-7, "where it belongs");
}

static void test_transform(const struct pc_gauss *g, double norm)
{
    static double cosine[N];
    float out[N / 2 + 1];
    double worst = 0;
    for (int k = 0; k < N; k++)
        cosine[k] = cos(2 * M_PI * k / N);
    pc_gauss_transform(g, N, cosine, out);
    for (int k = 0; k <= N / 2; k++) {
        double want = 0;
        for (int d = -11; d <= 11; d++)
            want += tap_at(d) / norm * cos(2 * M_PI * k * d / N);
        worst = fmax(worst, fabs(want - (double)out[k]));
    }
    ok(worst < 1e-7, "its transform, to %.2g", worst);
}

static void test_square(const struct pc_gauss *g, double norm)
{
    struct pc_gauss twice;
    struct pc_err err = {0};
    double worst = 0;
    ok(!pc_gauss_square(&twice, g, &err), "with itself");
    is_int(twice.radius, 22, "twice as wide");
    for (int i = 0; i <= 22; i++) {
        double want = 0;
        for (int j = -11; j <= 11; j++)
            want += tap_at(j) * tap_at(i - j) / (norm * norm);
        worst = fmax(worst, fabs(want - twice.tap[i]));
    }
    ok(worst < 1e-12, "convolved, to %.2g", worst);
    pc_gauss_fini(&twice);
}

int main(void)
{
    struct pc_gauss g;
    struct pc_err err = {0};
    double norm = 0;
    for (int d = -11; d <= 11; d++)
        norm += tap_at(d);
    ok(!pc_gauss_init(&g, 2.6, &err), "a Gaussian of 2.6 pixels");
    is_int(g.radius, 11, "cut off at 4 sigma");
    test_sums(&g, norm);
    test_transform(&g, norm);
    test_square(&g, norm);
    pc_gauss_fini(&g);
    ok(!pc_gauss_init(&g, 0, &err) && g.radius == 0 && g.tap[0] == 1, "of 0: a point");
    pc_gauss_fini(&g);
    return tap_done();
}
