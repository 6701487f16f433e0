/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/fft.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <string.h>

/* A plane of noise, always the same. */
static void fill_noise(float *v, int n)
{
    unsigned long long s = 88172645463325252ULL;
    for (int i = 0; i < n; i++) {
        s ^= s << 13, s ^= s >> 7, s ^= s << 17;
        v[i] = (float)((double)(s >> 40) / (1 << 24) - 0.5);
    }
}

static void test_sizes(void)
{
    is_int(pc_fft_good_size(97, 0), 100, "97 -> 100");
    is_int(pc_fft_good_size(125, 0), 125, "125 is 5^3");
    is_int(pc_fft_good_size(125, 1), 128, "the next even one is 128");
    is_int(pc_fft_good_size(8000, 1), 8000, "8000 is good");
    is_int(pc_fft_good_size(0, 0), 1, "nothing is smaller than 1");
    is_int(pc_fft_fast_size(10800), 11520, "2^8 45 is faster than 2^4 675");
    is_int(pc_fft_fast_size(8000), 8000, "8192 is a power of two");
    is_int(pc_fft_fast_size(64), 64, "nothing else is near");
}

/* Against the definition, exp(-2 pi i ...), for odd and even sizes. */
static void against_sum(int nx, int ny)
{
    struct pc_err err;
    float *pix = pc_mem_new(nx * ny, sizeof *pix, "plane", &err),
          *keep = pc_mem_new(nx * ny, sizeof *pix, "plane", &err);
    float complex *f = pc_mem_new((nx / 2 + 1) * ny, sizeof *f, "transform", &err);
    if (!ok(pix && keep && f, "memory"))
        return;
    fill_noise(pix, nx * ny);
    memcpy(keep, pix, (size_t)(nx * ny) * sizeof *pix);
    is_int(pc_fft_r2c(pix, f, nx, ny, &err), 0, "forward");
    double worst = 0;
    for (int v = 0; v < ny; v++)
        for (int u = 0; u <= nx / 2; u++) {
            double re = 0, im = 0;
            for (int y = 0; y < ny; y++)
                for (int x = 0; x < nx; x++) {
                    double phase = -2 * M_PI * ((double)u * x / nx + (double)v * y / ny);
                    re += keep[y * nx + x] * cos(phase);
                    im += keep[y * nx + x] * sin(phase);
                }
            float complex got = f[v * (nx / 2 + 1) + u];
            worst = fmax(worst, hypot(re - (double)crealf(got), im - (double)cimagf(got)));
        }
    ok(worst < 1e-5, "%d x %d is the sum of exp(-2 pi i): %.1e", nx, ny, worst);
    is_int(pc_fft_c2r(f, pix, nx, ny, &err), 0, "and back");
    worst = 0;
    for (int i = 0; i < nx * ny; i++)
        worst = fmax(worst, fabs((double)pix[i] / (nx * ny) - (double)keep[i]));
    ok(worst < 1e-6, "%d x %d there and back is the number of pixels: %.1e", nx, ny, worst);
    pc_mem_free(pix);
    pc_mem_free(keep);
    pc_mem_free(f);
}

/* Two equal inputs give equal bytes, whatever was transformed in between. */
static void test_same_bytes(void)
{
    enum { N = 60 };
    static float a[N * N], b[N * N], c[48 * 80];
    static float complex fa[(N / 2 + 1) * N], fb[(N / 2 + 1) * N], fc[25 * 80];
    struct pc_err err;
    fill_noise(a, N * N);
    fill_noise(b, N * N);
    fill_noise(c, 48 * 80);
    int rc = pc_fft_r2c(a, fa, N, N, &err) + pc_fft_r2c(c, fc, 48, 80, &err) + pc_fft_r2c(b, fb, N, N, &err);
    ok(rc == 0 && memcmp(fa, fb, sizeof fa) == 0, "the same plane gives the same bytes");
}

/* Rows are what planes of one row are; and there and back. */
static void test_row(int n)
{
    struct pc_fft_row row;
    struct pc_err err;
    float *keep = pc_mem_new(n, sizeof *keep, "row", &err), *pix = pc_mem_new(n, sizeof *pix, "row", &err);
    float complex *f = pc_mem_new(n / 2 + 1, sizeof *f, "transform", &err);
    double worst = 0;
    if (!ok(keep && pix && f && !pc_fft_row_init(&row, n, &err), "a row of %d", n))
        return;
    fill_noise(keep, n);
    memcpy(pix, keep, (size_t)n * sizeof *pix);
    memcpy(row.real, keep, (size_t)n * sizeof *pix);
    pc_fft_row_forward(&row);
    is_int(pc_fft_r2c(pix, f, n, 1, &err), 0, "as a plane");
    for (int u = 0; u <= n / 2; u++)
        worst = fmax(worst, (double)cabsf(row.half[u] - f[u]));
    ok(worst < 1e-5, "is transformed alike: %.1e", worst);
    pc_fft_row_back(&row);
    worst = 0;
    for (int x = 0; x < n; x++)
        worst = fmax(worst, fabs((double)row.real[x] / n - (double)keep[x]));
    ok(worst < 1e-6, "and comes back: %.1e", worst);
    pc_fft_row_fini(&row);
    pc_mem_free(keep);
    pc_mem_free(pix);
    pc_mem_free(f);
}

int main(void)
{
    test_sizes();
    against_sum(12, 10);
    against_sum(15, 9);
    against_sum(7, 16);
    test_same_bytes();
    test_row(75);
    test_row(64);
    return tap_done();
}
