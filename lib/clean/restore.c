/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/restore.h"

#include "image/convolve.h"

#include <math.h>
#include <stdbool.h>

static bool is_zero(const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (pix[i] != 0)
            return false;
    return true;
}

int pc_restore_plane(float *image, const float *residual, int nx, int ny, const double cell_rad[2],
                     const struct pc_beam *beam, struct pc_err *err)
{
    int64_t n = (int64_t)nx * ny;
    bool empty = is_zero(image, n), no_data = beam->maj_rad == 0;
    if (!empty && !no_data && pc_convolve_gaussian(image, nx, ny, cell_rad, beam, PC_CONVOLVE_PEAK1, err))
        return pc_err_prefix(err, "model");
    for (int64_t i = 0; i < n; i++)
        image[i] = no_data ? NAN : image[i] + residual[i];
    return 0;
}

void pc_restore_blank(float *image, const float *pb, double pblimit, int64_t n)
{
    for (int64_t i = 0; i < n && pblimit >= 0; i++)
        if (!(pb[i] > (float)pblimit))
            image[i] = NAN;
}

void pc_restore_pbcor(float *image, const float *pb, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        image[i] = pb[i] > 0 ? image[i] / pb[i] : NAN;
}
