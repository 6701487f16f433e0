/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/scales.h"

#include "base/mem.h"
#include "image/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Half planes of transforms, two of which serve as planes in between. */
struct work {
    float complex *field, *one, *other, *product;
};

static int64_t half_of(const struct pc_scales *s)
{
    return (int64_t)(s->nx / 2 + 1) * s->ny;
}

static int work_init(struct work *w, const struct pc_scales *s, struct pc_err *err)
{
    float complex **all[] = {&w->field, &w->one, &w->other, &w->product};
    for (int i = 0; i < 4; i++)
        if (!(*all[i] = pc_mem_new(half_of(s), sizeof(float complex), "a transform of the plane", err)))
            return -1;
    return 0;
}

static void work_fini(struct work *w)
{
    pc_mem_free(w->field), pc_mem_free(w->one), pc_mem_free(w->other), pc_mem_free(w->product);
}

/* Schwab's spheroidal function (m = 6, alpha = 1) of 0 <= nu <= 1: spec section 3.1. */
static double spheroidal(double nu)
{
    static const double p[2][5] = {{8.203343e-2, -3.644705e-1, 6.278660e-1, -5.335581e-1, 2.312756e-1},
                                   {4.028559e-3, -3.697768e-2, 1.021332e-1, -1.201436e-1, 6.412774e-2}};
    static const double q[2][3] = {{1, 8.212018e-1, 2.078043e-1}, {1, 9.599102e-1, 2.918724e-1}};
    int part = nu >= 0.75;
    double end = part ? 1 : 0.75, d = nu * nu - end * end;
    double top = p[part][0] + d * (p[part][1] + d * (p[part][2] + d * (p[part][3] + d * p[part][4])));
    return nu > 0 ? top / (q[part][0] + d * (q[part][1] + d * q[part][2])) : 1;
}

static int kernel_init(struct pc_scales *s, int i, struct pc_err *err)
{
    const double size = s->size_px[i];
    const int r = s->radius[i] = (int)size, side = 2 * r + 1;
    float *k = s->kernel[i] = malloc((size_t)side * (size_t)side * sizeof *k);
    double sum = 0;
    if (!k)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a scale of %g pixels", size);
    for (int y = -r; y <= r; y++)
        for (int x = -r; x <= r; x++) {
            double r2 = size > 0 ? ((double)x * x + (double)y * y) / (size * size) : 0;
            float v = r2 < 1 ? (float)((1 - r2) * spheroidal(sqrt(r2))) : 0;
            k[(y + r) * side + x + r] = v;
            sum += (double)v;
        }
    for (int j = 0; j < side * side; j++)
        k[j] /= (float)sum;
    return 0;
}

/* The transform of scale i, by way of `plane`, a half plane of scratch. */
static int kernel_transform(const struct pc_scales *s, int i, float complex *plane, float complex *out,
                            struct pc_err *err)
{
    float *pix = (float *)plane;
    const int r = s->radius[i];
    memset(pix, 0, (size_t)s->nx * (size_t)s->ny * sizeof *pix);
    for (int y = -r; y <= r; y++)
        for (int x = -r; x <= r; x++)
            pix[(int64_t)((y + s->ny) % s->ny) * s->nx + (x + s->nx) % s->nx] =
                s->kernel[i][(y + r) * (2 * r + 1) + x + r];
    return pc_fft_r2c(pix, out, s->nx, s->ny, err);
}

/* out = inverse transform of field * one (* other), normalised. */
static int product_inverse(const struct pc_scales *s, struct work *w, bool two, float *out,
                           struct pc_err *err)
{
    const float scale = 1 / ((float)s->nx * (float)s->ny);
    for (int64_t i = 0, n = half_of(s); i < n; i++)
        w->product[i] = (two ? w->field[i] * w->one[i] * w->other[i] : w->field[i] * w->one[i]) * scale;
    return pc_fft_c2r(w->product, out, s->nx, s->ny, err);
}

/* The transform of a plane; blank pixels count as 0. */
static int field_transform(const struct pc_scales *s, struct work *w, const float *pix, struct pc_err *err)
{
    float *copy = (float *)w->product;
    for (int64_t i = 0, n = (int64_t)s->nx * s->ny; i < n; i++)
        copy[i] = isfinite(pix[i]) ? pix[i] : 0;
    return pc_fft_r2c(copy, w->field, s->nx, s->ny, err);
}

static float *plane_new(const struct pc_scales *s, struct pc_err *err)
{
    return pc_mem_new((int64_t)s->nx * s->ny, sizeof(float), "a scale's plane", err);
}

static int residuals_init(struct pc_scales *s, struct work *w, const float *residual, struct pc_err *err)
{
    if (field_transform(s, w, residual, err))
        return -1;
    for (int i = 0; i < s->n; i++) {
        if (!(s->residual[i] = plane_new(s, err)))
            return -1;
        if (s->size_px[i] > 0) {
            if (kernel_transform(s, i, w->product, w->one, err) ||
                product_inverse(s, w, false, s->residual[i], err))
                return -1;
            continue;
        }
        for (int64_t k = 0, n = (int64_t)s->nx * s->ny; k < n; k++)
            s->residual[i][k] = isfinite(residual[k]) ? residual[k] : 0;
    }
    return 0;
}

/* The mask within the finite pixels; then smoothed, in a plane that is not needed yet. */
static int masks_init(struct pc_scales *s, struct work *w, const float *residual, const unsigned char *mask,
                      struct pc_err *err)
{
    const int nx = s->nx, ny = s->ny;
    const int64_t n = (int64_t)nx * ny;
    float *smooth = (float *)w->other, *flat = (float *)w->product;
    for (int64_t k = 0; k < n; k++)
        flat[k] = isfinite(residual[k]) && (!mask || mask[k]) ? 1 : 0;
    if (pc_fft_r2c(flat, w->field, nx, ny, err))
        return -1;
    for (int i = 0; i < s->n; i++) {
        const int border = (int)(1.5 * s->size_px[i]);
        if (!(s->mask[i] = pc_mem_new(n, 1, "a scale's mask", err)))
            return -1;
        if (s->size_px[i] > 0 &&
            (kernel_transform(s, i, w->product, w->one, err) || product_inverse(s, w, false, smooth, err)))
            return -1;
        for (int64_t k = 0; k < n; k++) {
            int x = (int)(k % nx), y = (int)(k / nx);
            bool within = s->size_px[i] > 0 ? smooth[k] > 0.9f : isfinite(residual[k]) && (!mask || mask[k]);
            s->mask[i][k] = within && x > border && x < nx - border - 1 && y > border && y < ny - border - 1;
        }
    }
    return 0;
}

/* Largest |value|, with its sign. */
static float peak_of(const float *pix, int64_t n)
{
    float peak = 0;
    for (int64_t i = 0; i < n; i++)
        if (fabsf(pix[i]) > fabsf(peak))
            peak = pix[i];
    return peak;
}

static int psfs_init(struct pc_scales *s, struct work *w, const float *psf, struct pc_err *err)
{
    const int64_t n = (int64_t)s->nx * s->ny;
    if (field_transform(s, w, psf, err))
        return -1;
    for (int i = 0; i < s->n; i++) {
        if (kernel_transform(s, i, w->product, w->one, err))
            return -1;
        for (int j = i; j < s->n; j++) {
            if (!(s->psf[i][j] = plane_new(s, err)))
                return -1;
            if (s->size_px[j] <= 0)
                memcpy(s->psf[i][j], psf, (size_t)n * sizeof *psf);
            else if (kernel_transform(s, j, w->product, w->other, err) ||
                     product_inverse(s, w, true, s->psf[i][j], err))
                return -1;
        }
        s->peak[i] = peak_of(s->psf[i][i], n);
        if (!(s->peak[i] > 0))
            return pc_err_set(err, PC_EX_DATA, "psf smoothed twice by a scale of %g pixels has a peak of %g",
                              s->size_px[i], (double)s->peak[i]);
    }
    return 0;
}

static int kernels_init(struct pc_scales *s, struct pc_err *err)
{
    const int least = s->nx < s->ny ? s->nx : s->ny;
    for (int i = 0; i < s->n; i++) {
        if (2 * s->size_px[i] >= least)
            return pc_err_set(err, PC_EX_USAGE,
                              "a scale of %g pixels is %g across and does not fit into an image of %dx%d",
                              s->size_px[i], 2 * s->size_px[i], s->nx, s->ny);
        if (kernel_init(s, i, err))
            return -1;
    }
    return 0;
}

int pc_scales_init(struct pc_scales *s, const struct pc_minor_in *in, int pol, struct pc_err *err)
{
    const int64_t first = pol * (int64_t)in->nx * in->ny;
    const float *residual = in->residual + first;
    struct work w = {0};
    *s = (struct pc_scales){.n = in->options.nscale, .nx = in->nx, .ny = in->ny};
    memcpy(s->size_px, in->options.scale_px, sizeof s->size_px);
    if (s->n == 0)
        s->n = 1, s->size_px[0] = 0;
    int bad = kernels_init(s, err) || work_init(&w, s, err) ||
              masks_init(s, &w, residual, in->mask ? in->mask + first : NULL, err) ||
              residuals_init(s, &w, residual, err) || psfs_init(s, &w, in->psf + first, err);
    work_fini(&w);
    if (bad)
        pc_scales_fini(s);
    return bad ? -1 : 0;
}

void pc_scales_fini(struct pc_scales *s)
{
    for (int i = 0; i < s->n; i++) {
        pc_mem_free(s->residual[i]);
        pc_mem_free(s->mask[i]);
        free(s->kernel[i]);
        for (int j = i; j < s->n; j++)
            pc_mem_free(s->psf[i][j]);
    }
    *s = (struct pc_scales){0};
}

void pc_scales_add(const struct pc_scales *s, int i, float *pix, int64_t at, float flux)
{
    const int r = s->radius[i];
    for (int dy = -r; dy <= r; dy++) {
        int64_t y = at / s->nx + dy;
        for (int dx = -r; dx <= r && y >= 0 && y < s->ny; dx++) {
            int64_t x = at % s->nx + dx;
            if (x >= 0 && x < s->nx)
                pix[y * s->nx + x] += flux * s->kernel[i][(dy + r) * (2 * r + 1) + dx + r];
        }
    }
}

int pc_scales_subtract(const struct pc_scales *s, float *residual, const float *psf, float *change,
                       struct pc_err *err)
{
    struct work w = {0};
    float complex *swap;
    int bad = work_init(&w, s, err) || field_transform(s, &w, psf, err);
    swap = w.one, w.one = w.field, w.field = swap;
    bad = bad || field_transform(s, &w, change, err) || product_inverse(s, &w, false, change, err);
    for (int y = 0; y < s->ny && !bad; y++) { /* the psf's centre is half a plane off the origin */
        const float *row = change + (int64_t)((y + s->ny / 2) % s->ny) * s->nx;
        for (int x = 0; x < s->nx; x++)
            residual[(int64_t)y * s->nx + x] -= row[(x + s->nx / 2) % s->nx];
    }
    work_fini(&w);
    return bad ? -1 : 0;
}

int64_t pc_scales_mem_byte(int nx, int ny, int nscale)
{
    const int64_t n = (int64_t)nx * ny, half = (int64_t)(nx / 2 + 1) * ny * (int64_t)sizeof(float complex);
    const int64_t planes = nscale > 0 ? nscale : 1;
    /* a plane of floats and one of bytes a scale, one of floats a pair; then one for the change of the model
     */
    return planes * 5 * n + planes * (planes + 1) / 2 * 4 * n + 4 * half + 4 * n;
}
