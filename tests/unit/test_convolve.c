/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/convolve.h"
#include "image/paint.h"
#include "image/smear.h"
#include "tests/unit/casaref.h"

/* Convolutions with a clean beam against the sum over all pixels; and CASA's images. */

static const double arcsec = M_PI / 180 / 3600;
static const double cell[2] = {-0.5 / 206264.80624709636, 0.4 / 206264.80624709636};

/* Numbers between -0.5 and 0.5, always the same. */
static void fill_noise(float *v, int n)
{
    unsigned long long s = 88172645463325252ULL;
    for (int i = 0; i < n; i++) {
        s ^= s << 13, s ^= s >> 7, s ^= s << 17;
        v[i] = (float)((double)(s >> 40) / (1 << 24) - 0.5);
    }
}

/* The Gaussian of the definition at an offset of pixels; zero where its exponent passes 20. */
static double gaussian(const struct pc_beam *b, int dx, int dy)
{
    double l = dx * cell[0], m = dy * cell[1], s = sin(b->pa_rad), c = cos(b->pa_rad);
    double t = (l * s + m * c) / b->maj_rad, u = (l * c - m * s) / b->min_rad;
    double e = 4 * log(2) * (t * t + u * u);
    return e > 20 ? 0 : exp(-e);
}

/* Row y of the convolution on an image that repeats itself. */
static void direct_row(const float *pix, int nx, int ny, const struct pc_beam *b, int y, double *row)
{
    for (int x = 0; x < nx; x++)
        row[x] = 0;
    for (int dy = -(ny / 2); dy < ny - ny / 2; dy++)
        for (int dx = -(nx / 2); dx < nx - nx / 2; dx++) {
            double g = gaussian(b, dx, dy);
            const float *from = pix + (y - dy + ny) % ny * nx;
            for (int x = 0; x < nx && g > 0; x++)
                row[x] += g * (double)from[(x - dx + nx) % nx];
        }
}

struct plane {
    float *pix;
    int nx, ny, asked;
};

static int row_of(void *ctx, int y, float *row, struct pc_err *err)
{
    struct plane *p = ctx;
    const float *from = p->pix + y * p->nx;
    bool any = false;
    (void)err;
    p->asked++;
    for (int x = 0; x < p->nx; x++)
        any = any || from[x] != 0;
    if (any)
        memcpy(row, from, (size_t)p->nx * sizeof *row);
    return any;
}

/* How the rows are made. */
struct maker {
    struct pc_painter *painter;
    struct pc_smear *smear;
};

static int make(struct maker *m, int y, float *row)
{
    struct pc_err err;
    return m->painter ? pc_painter_row(m->painter, y, row) : pc_smear_row(m->smear, y, row, &err);
}

/* The largest difference from the direct sum, of some rows; the peak of the convolution in *peak. */
static double differs(struct maker *m, const struct plane *p, const struct pc_beam *b, double *peak)
{
    double *want = calloc((size_t)p->nx, sizeof *want), worst = 0;
    float *row = calloc((size_t)p->nx, sizeof *row);
    *peak = 0;
    for (int y = 0; y < p->ny; y++) {
        int any = make(m, y, row);
        if (y > 3 && y < p->ny - 3 && y % 7 != 0)
            continue;
        direct_row(p->pix, p->nx, p->ny, b, y, want);
        for (int x = 0; x < p->nx; x++) {
            worst = fmax(worst, fabs((any ? (double)row[x] : 0) - want[x]));
            *peak = fmax(*peak, fabs(want[x]));
        }
    }
    free(want);
    free(row);
    return worst;
}

/* Painted, and smeared: rows of zeros, rows of noise and points on the edges. */
static void test_both(int nx, int ny, double maj, double min, double pa)
{
    const struct pc_beam beam = {maj * arcsec, min * arcsec, pa};
    const struct pc_beam_form form = pc_beam_in_pixels(&beam, cell);
    struct plane p = {calloc((size_t)(nx * ny), sizeof(float)), nx, ny, 0};
    const struct pc_rows rows = {row_of, &p};
    struct maker m = {0};
    struct pc_err err;
    double peak, worst;
    int64_t count = 0;
    fill_noise(p.pix + ny / 2 * nx, ny / 4 * nx);
    p.pix[0] = 3, p.pix[nx * ny - 1] = -2, p.pix[(ny - 1) * nx + nx / 3] = 1;
    for (int i = 0; i < nx * ny; i++)
        count += p.pix[i] != 0;
    ok(!pc_painter_new(&m.painter, &rows, count, nx, ny, &form, 1, &err), "a painter");
    worst = differs(&m, &p, &beam, &peak);
    ok(worst < 1e-7 * peak, "%d x %d, %g x %g at %g: painted as the direct sum: %.1e of the peak", nx, ny,
       maj, min, pa, worst / peak);
    pc_painter_free(m.painter);
    m.painter = NULL;
    ok(!pc_smear_new(&m.smear, &rows, nx, ny, &form, 1, &err), "a smear");
    p.asked = 0;
    worst = differs(&m, &p, &beam, &peak);
    ok(worst < 1e-6 * peak, "and smeared: %.1e", worst / peak);
    double reach[2];
    pc_beam_reach(&form, reach);
    ok(p.asked <= ny + 2 * ceil(reach[1]), "which reads each row once, and few twice: %d of %d", p.asked, ny);
    /* in any order */
    float *one = calloc((size_t)nx, sizeof *one), *other = calloc((size_t)nx, sizeof *other);
    int wrong = 0;
    for (int y = ny - 1; y >= 0; y -= 5) {
        int a = pc_smear_row(m.smear, y, one, &err), b = pc_smear_row(m.smear, (y * 7) % ny, other, &err);
        b = pc_smear_row(m.smear, y, other, &err);
        wrong += a != b || (a && memcmp(one, other, (size_t)nx * sizeof *one) != 0);
    }
    is_int(wrong, 0, "the same bytes in any order");
    pc_smear_free(m.smear);
    free(one), free(other), free(p.pix);
}

/* In place, by the way that is cheaper. */
static void test_plane(int nx, int ny, bool is_dense)
{
    const struct pc_beam b = {3 * arcsec, 1.7 * arcsec, 0.6};
    struct pc_err err;
    float *pix = calloc((size_t)(nx * ny), sizeof *pix), *keep = calloc((size_t)(nx * ny), sizeof *keep);
    double *want = calloc((size_t)nx, sizeof *want), worst = 0, peak = 0, before = 0, sum = 0;
    if (is_dense)
        fill_noise(keep, nx * ny);
    keep[ny / 2 * nx + nx / 2] = 1;
    keep[(ny / 2 + 7) * nx + nx / 2 - 9] = 0.5f;
    keep[1] = -0.25f;
    memcpy(pix, keep, (size_t)(nx * ny) * sizeof *pix);
    is_int(pc_convolve_gaussian(pix, nx, ny, cell, &b, PC_CONVOLVE_PEAK1, &err), 0, "convolved");
    for (int y = 0; y < ny; y++) {
        direct_row(keep, nx, ny, &b, y, want);
        for (int x = 0; x < nx; x++) {
            worst = fmax(worst, fabs((double)pix[y * nx + x] - want[x]));
            peak = fmax(peak, fabs(want[x]));
        }
    }
    ok(worst < (is_dense ? 1e-6 : 1e-7) * peak, "%d x %d in place: as the direct sum: %.1e of the peak", nx,
       ny, worst / peak);
    memcpy(pix, keep, (size_t)(nx * ny) * sizeof *pix);
    is_int(pc_convolve_gaussian(pix, nx, ny, cell, &b, PC_CONVOLVE_SUM1, &err), 0, "smoothed");
    for (int i = 0; i < nx * ny; i++)
        before += (double)keep[i], sum += (double)pix[i];
    is_near(sum, before, 1e-5 * fmax(1, fabs(before)), "smoothing keeps the sum");
    free(pix), free(keep), free(want);
}

static void test_refused(void)
{
    float pix[16] = {0};
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
    test_both(128, 96, 3, 1.7, 0.6);
    test_both(75, 60, 2, 2, 0);
    test_both(64, 81, 0.8, 0.5, 1.2);
    test_both(240, 250, 7, 4, -0.4);
    test_both(160, 192, 20, 3, 0.8);
    test_both(48, 160, 15, 12, 0.3); /* wider than half the image */
    test_both(160, 49, 15, 12, 0.3); /* higher */
    test_both(31, 24, 60, 10, 1);    /* both */
    test_plane(64, 64, false);
    test_plane(75, 60, false);
    test_plane(64, 48, true);
    test_plane(45, 81, true);
    test_refused();
    casaref_each("image", one_run, NULL);
    return tap_done();
}
