/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/convolve.h"

#include "base/mem.h"
#include "image/fft.h"
#include "image/paint.h"

#include <math.h>

/* The kernel with its centre moved to pixel (0, 0), wrapped round, so that no phase is left to undo. */
static void fill_kernel(float *kern, int nx, int ny, const struct pc_beam_form *form)
{
    for (int y = 0; y < ny; y++) {
        float *row = kern + (int64_t)((y + ny - ny / 2) % ny) * nx;
        for (int x = 0; x < nx; x++)
            row[(x + nx - nx / 2) % nx] = (float)pc_beam_value(form, x - nx / 2, y - ny / 2);
    }
}

int pc_convolve_check(const struct pc_beam *beam, struct pc_err *err)
{
    if (!(beam->min_rad > 0) || !(beam->maj_rad >= beam->min_rad) || !isfinite(beam->pa_rad))
        return pc_err_set(err, PC_EX_DATA, "a beam of %g x %g rad at %g rad cannot be convolved with",
                          beam->maj_rad, beam->min_rad, beam->pa_rad);
    return 0;
}

static int check(const float *pix, int nx, int ny, const struct pc_beam *beam, struct pc_err *err)
{
    if (pc_convolve_check(beam, err))
        return -1;
    for (int64_t i = 0; i < (int64_t)nx * ny; i++)
        if (!isfinite(pix[i]))
            return pc_err_set(err, PC_EX_DATA, "pixel (%d, %d) is %g: only finite pixels can be convolved",
                              (int)(i % nx), (int)(i / nx), (double)pix[i]);
    return 0;
}

/* a *= scale * b, in parts: C's complex product would call a function that looks after infinities. */
static void multiply(float complex *a, const float complex *b, int64_t n, double scale)
{
    float *p = (float *)a;
    const float *q = (const float *)b;
    for (int64_t i = 0; i < n; i++) {
        double pr = p[2 * i], pi = p[2 * i + 1], qr = scale * q[2 * i], qi = scale * q[2 * i + 1];
        p[2 * i] = (float)(pr * qr - pi * qi);
        p[2 * i + 1] = (float)(pr * qi + pi * qr);
    }
}

static double kernel_sum(int nx, int ny, const struct pc_beam_form *form)
{
    double sum = 0;
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++)
            sum += pc_beam_value(form, x - nx / 2, y - ny / 2);
    return sum;
}

static int by_transforms(float *pix, int nx, int ny, const struct pc_beam_form *form, double scale,
                         struct pc_err *err)
{
    int64_t npix = (int64_t)nx * ny, nhalf = (int64_t)(nx / 2 + 1) * ny;
    float complex *a = pc_mem_new(nhalf, sizeof *a, "transform of the plane", err);
    float complex *b = a ? pc_mem_new(nhalf, sizeof *b, "transform of the kernel", err) : NULL;
    float *kern = (float *)a; /* until the plane's transform takes its place */
    int ret = -1;
    if (b == NULL)
        goto out;
    fill_kernel(kern, nx, ny, form);
    if (pc_fft_r2c(kern, b, nx, ny, err) != 0 || pc_fft_r2c(pix, a, nx, ny, err) != 0)
        goto out;
    multiply(a, b, nhalf, scale / (double)npix);
    ret = pc_fft_c2r(a, pix, nx, ny, err);
out:
    pc_mem_free(a);
    pc_mem_free(b);
    return ret;
}

int pc_convolve_gaussian(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                         enum pc_convolve_norm norm, struct pc_err *err)
{
    bool painted = false;
    if (check(pix, nx, ny, beam, err) != 0)
        return -1;
    struct pc_beam_form form = pc_beam_in_pixels(beam, cell_rad);
    double scale = norm == PC_CONVOLVE_SUM1 ? 1 / kernel_sum(nx, ny, &form) : 1;
    if (pc_paint_gaussian(pix, nx, ny, &form, scale, &painted, err) != 0)
        return -1;
    return painted ? 0 : by_transforms(pix, nx, ny, &form, scale, err);
}
