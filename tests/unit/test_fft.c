/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/convolve.h"
#include "image/fft.h"
#include "tests/unit/casaref.h"

static const double arcsec = M_PI / 180 / 3600;

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

/* By the definition, direct sum over the image without wrapping; the source keeps clear of the edges. */
static double direct(const float *pix, int nx, int ny, const double cell[2], const struct pc_beam *b, int x,
                     int y)
{
    double sum = 0;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double l = (x - i) * cell[0], m = (y - j) * cell[1], s = sin(b->pa_rad), c = cos(b->pa_rad);
            double t = (l * s + m * c) / b->maj_rad, u = (l * c - m * s) / b->min_rad;
            sum += pix[j * nx + i] * exp(-4 * log(2) * (t * t + u * u));
        }
    return sum;
}

static void test_convolution(int nx, int ny)
{
    const double cell[2] = {-0.5 * arcsec, 0.4 * arcsec};
    const struct pc_beam b = {3 * arcsec, 1.7 * arcsec, 0.6};
    struct pc_err err;
    float *pix = calloc((size_t)(nx * ny), sizeof *pix), *keep = calloc((size_t)(nx * ny), sizeof *keep);
    double worst = 0, sum = 0;
    pix[ny / 2 * nx + nx / 2] = 1;
    pix[(ny / 2 + 7) * nx + nx / 2 - 9] = 0.5f;
    pix[(ny / 2 - 8) * nx + nx / 2 + 3] = -0.25f;
    memcpy(keep, pix, (size_t)(nx * ny) * sizeof *pix);
    is_int(pc_convolve_gaussian(pix, nx, ny, cell, &b, PC_CONVOLVE_PEAK1, &err), 0, "convolved");
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++)
            worst = fmax(worst, fabs((double)pix[y * nx + x] - direct(keep, nx, ny, cell, &b, x, y)));
    ok(worst < 1e-7, "%d x %d: as the direct sum within 1e-7 of the peak: %.1e", nx, ny, worst);
    memcpy(pix, keep, (size_t)(nx * ny) * sizeof *pix);
    is_int(pc_convolve_gaussian(pix, nx, ny, cell, &b, PC_CONVOLVE_SUM1, &err), 0, "smoothed");
    for (int i = 0; i < nx * ny; i++)
        sum += (double)pix[i];
    is_near(sum, 1.25, 1e-5, "smoothing keeps the sum");
    free(pix);
    free(keep);
}

/* Dense planes go through transforms, sparse ones are painted: the same convolution, edges and all. */
static void test_dense(int nx, int ny)
{
    const double cell[2] = {-0.5 * arcsec, 0.5 * arcsec};
    const struct pc_beam b = {3 * arcsec, 2 * arcsec, -0.4};
    struct pc_err err;
    int n = nx * ny;
    float *all = calloc((size_t)n, sizeof *all), *part = calloc((size_t)n, sizeof *part);
    double *sum = calloc((size_t)n, sizeof *sum), worst = 0;
    fill_noise(all, n);
    int rc = 0;
    for (int k = 0; k < 97; k++) {
        for (int i = 0; i < n; i++)
            part[i] = i % 97 == k ? all[i] : 0;
        rc |= pc_convolve_gaussian(part, nx, ny, cell, &b, PC_CONVOLVE_PEAK1, &err);
        for (int i = 0; i < n; i++)
            sum[i] += (double)part[i];
    }
    is_int(rc, 0, "97 sparse planes convolved");
    is_int(pc_convolve_gaussian(all, nx, ny, cell, &b, PC_CONVOLVE_PEAK1, &err), 0, "and their sum");
    for (int i = 0; i < n; i++)
        worst = fmax(worst, fabs(sum[i] - (double)all[i]));
    ok(worst < 5e-6, "%d x %d: the sum of painted planes is the transformed sum: %.1e", nx, ny, worst);
    free(all);
    free(part);
    free(sum);
}

static void test_refused(void)
{
    float pix[16] = {0};
    const double cell[2] = {-arcsec, arcsec};
    struct pc_beam b = {0};
    struct pc_err err = {0};
    is_int(pc_convolve_gaussian(pix, 4, 4, cell, &b, PC_CONVOLVE_PEAK1, &err), -1, "no beam is refused");
    b = (struct pc_beam){2 * arcsec, arcsec, 0};
    pix[6] = NAN;
    is_int(pc_convolve_gaussian(pix, 4, 4, cell, &b, PC_CONVOLVE_PEAK1, &err), -1,
           "a blank pixel is refused");
    has(err.msg, "(2, 1)", "with its place");
}

/* CASA's restored images are its models, convolved with its beams, and its residuals. */
static void one_run(const char *dir, void *ctx)
{
    struct pc_image image, model, residual;
    struct pc_err err = {0};
    double b[3] = {0}, worst = 0, peak = 0;
    char path[1024];
    (void)ctx;
    snprintf(path, sizeof path, "%s/model.fits.gz", dir);
    FILE *f = fopen(path, "r");
    if (!f || strstr(dir, "common"))
        return; /* not kept, or residuals that were smoothed too */
    fclose(f);
    char *json = casaref_params(dir);
    if (!json || casaref_numbers(json, "image_beams_arcsec_deg", b, 3) != 3 ||
        !casaref_load(dir, "model", 0, &model))
        return free(json);
    free(json);
    if (!casaref_load(dir, "image", 0, &image) || !casaref_load(dir, "residual", 0, &residual))
        return;
    const struct pc_beam beam = {b[0] * arcsec, b[1] * arcsec, b[2] * M_PI / 180};
    int nx = model.head.nx, ny = model.head.ny;
    is_int(pc_convolve_gaussian(model.pix, nx, ny, model.head.cell_rad, &beam, PC_CONVOLVE_PEAK1, &err), 0,
           "convolved");
    for (int i = 0; i < nx * ny; i++) {
        double d = fabs((double)(model.pix[i] + residual.pix[i]) - (double)image.pix[i]);
        worst = d > worst ? d : worst;
        peak = image.pix[i] > peak ? (double)image.pix[i] : peak;
    }
    ok(worst < 1e-7 * peak, "%s: model * beam + residual is CASA's image: %.1e of the peak", casaref_run(dir),
       worst / peak);
    pc_image_fini(&model);
    pc_image_fini(&image);
    pc_image_fini(&residual);
}

int main(void)
{
    test_sizes();
    against_sum(12, 10);
    against_sum(15, 9);
    against_sum(7, 16);
    test_same_bytes();
    test_convolution(64, 64);
    test_convolution(75, 60);
    test_dense(64, 48);
    test_dense(45, 81);
    test_refused();
    casaref_each("image", one_run, NULL);
    return tap_done();
}
