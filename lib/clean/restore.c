/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/restore.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/beam_deconvolve.h"
#include "image/convolve.h"

#include <math.h>

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

/* A convolution that takes blanks for zeros and leaves them blank. */
static int convolve_around_blanks(float *pix, int nx, int ny, const double cell_rad[2],
                                  const struct pc_beam *beam, struct pc_err *err)
{
    int64_t n = (int64_t)nx * ny;
    unsigned char *blank = pc_mem_new(n, 1, "the blanks of the residual", err);
    if (!blank)
        return -1;
    for (int64_t i = 0; i < n; i++) {
        blank[i] = !isfinite(pix[i]);
        pix[i] = blank[i] ? 0 : pix[i];
    }
    int rc = pc_convolve_gaussian(pix, nx, ny, cell_rad, beam, PC_CONVOLVE_SUM1, err);
    for (int64_t i = 0; i < n; i++)
        if (blank[i])
            pix[i] = NAN;
    pc_mem_free(blank);
    return rc;
}

int pc_restore_match(float *residual, int nx, int ny, const double cell_rad[2], const struct pc_beam *own,
                     const struct pc_beam *beam, bool *possible, struct pc_err *err)
{
    struct pc_beam diff;
    enum pc_deconvolved how = pc_beam_deconvolve(beam, own, &diff);
    bool wide = diff.min_rad >= hypot(cell_rad[0], cell_rad[1]);
    float ratio = (float)(pc_beam_area_sr(beam) / pc_beam_area_sr(own));
    *possible = how != PC_DECONVOLVED_NOT;
    if (how != PC_DECONVOLVED || !wide)
        return 0;
    if (convolve_around_blanks(residual, nx, ny, cell_rad, &diff, err))
        return pc_err_prefix(err, "residual");
    for (int64_t i = 0; i < (int64_t)nx * ny; i++)
        residual[i] *= ratio;
    return 0;
}

/* Choices by bits, not by branches: a compiler may vectorise these. */
PC_CLONES static void blank(float *image, const float *pb, float limit, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        image[i] = pb[i] > limit ? image[i] : NAN;
}

void pc_restore_blank(float *image, const float *pb, double pblimit, int64_t n)
{
    if (pblimit >= 0)
        blank(image, pb, (float)pblimit, n);
}

PC_CLONES void pc_restore_pbcor(float *image, const float *pb, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float v = image[i] / pb[i];
        image[i] = pb[i] > 0 ? v : NAN;
    }
}

PC_CLONES void pc_restore_add(const double *model, const float *residual, int64_t n, float *image)
{
    for (int64_t i = 0; i < n && model; i++)
        image[i] = (float)model[i] + residual[i];
    for (int64_t i = 0; i < n && !model; i++)
        image[i] = 0.0f + residual[i];
}
