/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/blur.h"

#include "base/mem.h"
#include "image/fft.h"

#include <math.h>

/* Times the Gaussian's transform and 1/npix: exp(-pi^2/(4 ln 2) ((maj p)^2 + (min q)^2)), p and q the spatial
 * frequencies, in cycles per radian, along its axes. */
static void multiply(float complex *field, int nx, int ny, const double cell_rad[2],
                     const struct pc_beam *beam)
{
    const double s = sin(beam->pa_rad), c = cos(beam->pa_rad), scale = M_PI / (2 * sqrt(M_LN2));
    const double norm = 1 / ((double)nx * ny);
    const int half = nx / 2 + 1;
    for (int y = 0; y < ny; y++) {
        const double v = (y <= ny / 2 ? y : y - ny) / (ny * cell_rad[1]);
        for (int x = 0; x < half; x++) {
            const double u = x / (nx * cell_rad[0]);
            const double p = scale * beam->maj_rad * (u * s + v * c),
                         q = scale * beam->min_rad * (u * c - v * s);
            field[(int64_t)y * half + x] *= (float)(norm * exp(-(p * p + q * q)));
        }
    }
}

int pc_blur(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
            struct pc_err *err)
{
    float complex *field = pc_mem_new((int64_t)(nx / 2 + 1) * ny, sizeof *field, "a transform", err);
    if (field == NULL)
        return -1;
    int ret = pc_fft_r2c(pix, field, nx, ny, err);
    if (ret == 0) {
        multiply(field, nx, ny, cell_rad, beam);
        ret = pc_fft_c2r(field, pix, nx, ny, err);
    }
    pc_mem_free(field);
    return ret;
}
