/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/asp_field.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t npix_of(const struct pc_asp_field *f)
{
    return (int64_t)f->nx * f->ny;
}

/* ---- the grid ---- */

struct bounds {
    int lo[2], hi[2]; /* of the pixels to clean, in the image; lo > hi: there are none */
};

static struct bounds bounds_of(const float *residual, const unsigned char *mask, int nx, int ny)
{
    struct bounds b = {{nx, ny}, {-1, -1}};
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            int64_t i = (int64_t)y * nx + x;
            if ((mask && !mask[i]) || !isfinite(residual[i]))
                continue;
            b.lo[0] = x < b.lo[0] ? x : b.lo[0];
            b.hi[0] = x > b.hi[0] ? x : b.hi[0];
            b.lo[1] = y < b.lo[1] ? y : b.lo[1];
            b.hi[1] = y;
        }
    return b;
}

/* One axis of the grid. The psf is needed as far as two pixels of the mask are apart, and the reach of two
 * scales beyond. */
static int axis_size(int lo, int hi, double largest_px, int n, int *first)
{
    const int half = hi - lo + 2 + 2 * (int)ceil(PC_GAUSS_REACH * largest_px);
    const int size = half < n ? pc_fft_good_size(2 * half, 1) : n;
    *first = size < n ? (lo + hi) / 2 - size / 2 : 0;
    return size < n ? size : n;
}

static void choose_grid(struct pc_asp_field *f, const struct pc_minor_in *in, const struct bounds *b)
{
    const double largest_px = f->size_px[f->n - 1];
    f->nx = in->nx, f->ny = in->ny, f->x0 = f->y0 = 0;
    if (in->whole_plane)
        return;
    f->nx = axis_size(b->lo[0], b->hi[0], largest_px, in->nx, &f->x0);
    f->ny = axis_size(b->lo[1], b->hi[1], largest_px, in->ny, &f->y0);
}

/* The image's pixel under one of the grid; -1: none. */
static int64_t image_at(const struct pc_asp_field *f, const struct pc_minor_in *in, int64_t at)
{
    int64_t x = at % f->nx + f->x0, y = at / f->nx + f->y0;
    return x < 0 || x >= in->nx || y < 0 || y >= in->ny ? -1 : y * in->nx + x;
}

/* ---- convolutions ---- */

static void axes_of(const struct pc_gauss *g, const struct pc_asp_field *f, float *const axis[2])
{
    pc_gauss_transform(g, f->nx, f->cosine[0], axis[0]);
    pc_gauss_transform(g, f->ny, f->cosine[1], axis[1]);
}

/* n complex numbers times as many real ones. */
PC_CLONES
static void scale_row(float *restrict v, const float *restrict x, float y, int n)
{
    for (int i = 0; i < n; i++) {
        const float factor = x[i] * y;
        v[2 * i] *= factor;
        v[2 * i + 1] *= factor;
    }
}

/* Inverse transform of `transform` times axis, normalised; transform may be the product itself. */
static int convolved(struct pc_asp_field *f, const float complex *transform, float *const axis[2], float *out,
                     struct pc_err *err)
{
    const int half = f->nx / 2 + 1;
    const float norm = 1 / ((float)f->nx * (float)f->ny);
    for (int y = 0; y < f->ny; y++) {
        const float of_row = axis[1][y <= f->ny / 2 ? y : f->ny - y] * norm;
        float complex *row = f->product + (int64_t)y * half;
        if (transform != f->product)
            memcpy(row, transform + (int64_t)y * half, (size_t)half * sizeof *row);
        scale_row((float *)row, axis[0], of_row, half);
    }
    return pc_fft_c2r(f->product, out, f->nx, f->ny, err);
}

static int smooth(struct pc_asp_field *f, int scale, struct pc_err *err)
{
    memcpy(f->beam, f->residual[0], (size_t)npix_of(f) * sizeof *f->beam);
    return pc_fft_r2c(f->beam, f->product, f->nx, f->ny, err) ||
                   convolved(f, f->product, f->axis[scale], f->residual[scale], err)
               ? -1
               : 0;
}

int pc_asp_field_response(const struct pc_asp_field *f, const struct pc_gauss *g, double *response,
                          struct pc_err *err)
{
    struct pc_gauss twice;
    if (pc_gauss_square(&twice, g, err))
        return -1;
    *response = pc_gauss_sum(&twice, f->psf, f->nx, f->ny, f->nx / 2, f->ny / 2);
    pc_gauss_fini(&twice);
    return 0;
}

/* ---- the planes ---- */

static int planes_init(struct pc_asp_field *f, struct pc_err *err)
{
    const int64_t n = npix_of(f), half = (int64_t)(f->nx / 2 + 1) * f->ny;
    const int size[2] = {f->nx, f->ny};
    if (!(f->psf_transform = pc_mem_new(half, sizeof(float complex), "the psf's transform", err)) ||
        !(f->product = pc_mem_new(half, sizeof(float complex), "a transform of the plane", err)) ||
        !(f->beam = pc_mem_new(n, sizeof(float), "a component's beam", err)))
        return -1;
    for (int k = 0; k < 2; k++) {
        f->cosine[k] = pc_mem_new(size[k], sizeof(double), "a table of cosines", err);
        f->component[k] = pc_mem_new(size[k] / 2 + 1, sizeof(float), "an axis", err);
        f->both[k] = pc_mem_new(size[k] / 2 + 1, sizeof(float), "an axis", err);
        if (!f->cosine[k] || !f->component[k] || !f->both[k])
            return -1;
        for (int i = 0; i < size[k]; i++)
            f->cosine[k][i] = cos(2 * M_PI * i / size[k]);
    }
    return 0;
}

static int psf_init(struct pc_asp_field *f, const struct pc_minor_in *in, const float *psf,
                    struct pc_err *err)
{
    f->psf = psf;
    if (f->nx != in->nx || f->ny != in->ny) {
        f->psf = f->own_psf = pc_mem_new(npix_of(f), sizeof(float), "a part of the psf", err);
        if (!f->psf)
            return -1;
        for (int y = 0; y < f->ny; y++)
            memcpy(f->own_psf + (int64_t)y * f->nx,
                   psf + (int64_t)(y - f->ny / 2 + in->ny / 2) * in->nx + in->nx / 2 - f->nx / 2,
                   (size_t)f->nx * sizeof *psf);
    }
    memcpy(f->beam, f->psf, (size_t)npix_of(f) * sizeof *f->beam);
    if (pc_psf_init(&f->point, f->psf, f->nx, f->ny, f->nx / 2, f->ny / 2, err))
        return -1;
    return pc_fft_r2c(f->beam, f->psf_transform, f->nx, f->ny, err);
}

/* The residual and its mask, within the finite pixels. */
static int first_init(struct pc_asp_field *f, const struct pc_minor_in *in, const float *residual,
                      const unsigned char *mask, struct pc_err *err)
{
    f->residual[0] = pc_mem_new(npix_of(f), sizeof(float), "the residual", err);
    f->mask[0] = pc_mem_new(npix_of(f), 1, "the mask", err);
    if (!f->residual[0] || !f->mask[0])
        return -1;
    for (int64_t i = 0, n = npix_of(f); i < n; i++) {
        int64_t at = image_at(f, in, i);
        bool valid = at >= 0 && isfinite(residual[at]);
        f->residual[0][i] = valid ? residual[at] : 0;
        f->mask[0][i] = valid && (!mask || mask[at]);
    }
    return pc_active_init(&f->outside, f->residual[0], f->mask[0], false, f->nx, f->ny, err);
}

/* Where nine tenths of a scale are within the mask, and one and a half times its size away from the edge of
 * the image, as in CASA. residual[scale] is not needed yet. */
static int mask_init(struct pc_asp_field *f, const struct pc_minor_in *in, int scale, struct pc_err *err)
{
    const int border = (int)(1.5 * f->size_px[scale]);
    const int64_t n = npix_of(f);
    float *share = f->residual[scale];
    for (int64_t i = 0; i < n; i++)
        f->beam[i] = f->mask[0][i];
    if (pc_fft_r2c(f->beam, f->product, f->nx, f->ny, err) ||
        convolved(f, f->product, f->axis[scale], share, err))
        return -1;
    for (int64_t i = 0; i < n; i++) {
        int64_t x = i % f->nx + f->x0, y = i / f->nx + f->y0;
        f->mask[scale][i] =
            share[i] > 0.9f && x > border && x < in->nx - border - 1 && y > border && y < in->ny - border - 1;
    }
    return 0;
}

static int scale_init(struct pc_asp_field *f, const struct pc_minor_in *in, int scale, struct pc_err *err)
{
    struct pc_gauss g;
    if (pc_gauss_init(&g, f->size_px[scale], err))
        return -1;
    int rc = -1;
    for (int k = 0; k < 2; k++)
        if (!(f->axis[scale][k] = pc_mem_new((k ? f->ny : f->nx) / 2 + 1, sizeof(float), "an axis", err)))
            goto done;
    axes_of(&g, f, f->axis[scale]);
    if (pc_asp_field_response(f, &g, &f->response[scale], err))
        goto done;
    if (scale != 0) {
        f->residual[scale] = pc_mem_new(npix_of(f), sizeof(float), "a scale's residual", err);
        f->mask[scale] = pc_mem_new(npix_of(f), 1, "a scale's mask", err);
        if (!f->residual[scale] || !f->mask[scale] || mask_init(f, in, scale, err) || smooth(f, scale, err))
            goto done;
    }
    rc = pc_active_init(&f->active[scale], f->residual[scale], f->mask[scale], true, f->nx, f->ny, err);
done:
    pc_gauss_fini(&g);
    return rc;
}

/* Gives back what a scale that fits nowhere holds. */
static void scale_fini(struct pc_asp_field *f, int scale)
{
    pc_active_fini(&f->active[scale]);
    pc_mem_free(f->residual[scale]);
    pc_mem_free(f->mask[scale]);
    pc_mem_free(f->axis[scale][0]), pc_mem_free(f->axis[scale][1]);
    f->residual[scale] = NULL, f->mask[scale] = NULL, f->axis[scale][0] = f->axis[scale][1] = NULL;
}

static int field_init(struct pc_asp_field *f, const struct pc_minor_in *in, int pol, struct pc_err *err)
{
    const int64_t first = pol * (int64_t)in->nx * in->ny;
    const float *residual = in->residual + first;
    const unsigned char *mask = in->mask ? in->mask + first : NULL;
    const struct bounds b = bounds_of(residual, mask, in->nx, in->ny);
    const int width = b.hi[0] - b.lo[0] + 1, height = b.hi[1] - b.lo[1] + 1;
    if (width <= 0) {
        f->n = 0;
        return 0;
    }
    /* nine tenths of a Gaussian are within 1.64 sigma on either side */
    while (f->n > 1 && 2 * 1.64 * f->size_px[f->n - 1] > (width < height ? width : height))
        f->n--;
    choose_grid(f, in, &b);
    if (planes_init(f, err) || psf_init(f, in, in->psf + first, err) ||
        first_init(f, in, residual, mask, err))
        return -1;
    for (int i = 0; i < f->n; i++) {
        if (scale_init(f, in, i, err))
            return -1;
        if (i > 0 && (f->active[i].npix == 0 || !(f->response[i] > 0))) {
            scale_fini(f, i);
            f->n = i;
        }
    }
    return 0;
}

int pc_asp_field_init(struct pc_asp_field *f, const struct pc_minor_in *in, int pol, const double *size_px,
                      int nsize, struct pc_err *err)
{
    *f = (struct pc_asp_field){.n = nsize};
    memcpy(f->size_px, size_px, (size_t)nsize * sizeof *size_px);
    if (!field_init(f, in, pol, err))
        return 0;
    pc_asp_field_fini(f);
    return -1;
}

void pc_asp_field_fini(struct pc_asp_field *f)
{
    for (int i = 0; i < PC_ASP_SCALES; i++)
        scale_fini(f, i);
    pc_active_fini(&f->outside);
    pc_psf_fini(&f->point);
    pc_mem_free(f->own_psf), pc_mem_free(f->beam);
    pc_mem_free(f->psf_transform), pc_mem_free(f->product);
    for (int k = 0; k < 2; k++)
        pc_mem_free(f->cosine[k]), pc_mem_free(f->component[k]), pc_mem_free(f->both[k]);
    *f = (struct pc_asp_field){0};
}

static void flush_residual(struct pc_asp_field *f)
{
    pc_active_flush(&f->active[0]);
    pc_active_flush(&f->outside);
}

/* Subtracts f->beam, which is another one next, from a scale or (scale 0) from the residual. */
static int subtract_beam(struct pc_asp_field *f, int scale, int64_t at, float flux, struct pc_err *err)
{
    struct pc_psf beam;
    if (pc_psf_init(&beam, f->beam, f->nx, f->ny, f->nx / 2, f->ny / 2, err))
        return -1;
    int bad = pc_active_subtract(&f->active[scale], &beam, at, flux, err) ||
              (scale == 0 && pc_active_subtract(&f->outside, &beam, at, flux, err));
    pc_active_flush(&f->active[scale]);
    if (scale == 0)
        pc_active_flush(&f->outside);
    pc_psf_fini(&beam);
    return bad ? -1 : 0;
}

int pc_asp_field_subtract(struct pc_asp_field *f, const struct pc_gauss *g, int64_t at, float flux,
                          struct pc_err *err)
{
    const int half[2] = {f->nx / 2 + 1, f->ny / 2 + 1};
    axes_of(g, f, f->component);
    if (g->sigma_px > 0) {
        if (convolved(f, f->psf_transform, f->component, f->beam, err) || subtract_beam(f, 0, at, flux, err))
            return -1;
    } else {
        if (pc_asp_field_subtract_point(f, at, flux, err))
            return -1;
        flush_residual(f);
    }
    for (int i = 1; i < f->n; i++) {
        for (int k = 0; k < 2; k++)
            for (int j = 0; j < half[k]; j++)
                f->both[k][j] = f->component[k][j] * f->axis[i][k][j];
        if (convolved(f, f->psf_transform, f->both, f->beam, err) || subtract_beam(f, i, at, flux, err))
            return -1;
    }
    return 0;
}

int pc_asp_field_subtract_point(struct pc_asp_field *f, int64_t at, float flux, struct pc_err *err)
{
    return pc_active_subtract(&f->active[0], &f->point, at, flux, err) ||
                   pc_active_subtract(&f->outside, &f->point, at, flux, err)
               ? -1
               : 0;
}

int pc_asp_field_renew(struct pc_asp_field *f, struct pc_err *err)
{
    flush_residual(f);
    for (int i = 1; i < f->n; i++) {
        pc_active_fini(&f->active[i]);
        if (smooth(f, i, err) ||
            pc_active_init(&f->active[i], f->residual[i], f->mask[i], true, f->nx, f->ny, err))
            return -1;
    }
    return 0;
}

void pc_asp_field_put(struct pc_asp_field *f, const struct pc_minor_in *in, int pol)
{
    float *residual = in->residual + pol * (int64_t)in->nx * in->ny;
    flush_residual(f);
    for (int64_t i = 0, n = npix_of(f); i < n; i++) {
        int64_t at = image_at(f, in, i);
        if (at >= 0 && isfinite(residual[at]) && (f->mask[0][i] || in->whole_plane))
            residual[at] = f->residual[0][i];
    }
}

int64_t pc_asp_field_mem_byte(int nx, int ny)
{
    const int64_t n = (int64_t)nx * ny, half = (int64_t)(nx / 2 + 1) * ny * (int64_t)sizeof(float complex);
    /* of each scale a plane of floats and one of bytes; the psf's transform, a product; a component's beam */
    return PC_ASP_SCALES * 5 * n + 2 * half + 4 * n;
}
