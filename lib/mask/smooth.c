/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/smooth.h"

#include "base/mem.h"
#include "image/convolve.h"
#include "image/fft.h"

#include <math.h>
#include <stdbool.h>

/* The part of the plane that smoothing can change, and the size of the transform that holds it. */
struct box {
    int x0, y0, x1, y1; /* pixels x0 .. x1-1 of the image */
    int nx, ny;
};

static bool bounding_box(const unsigned char *mask, int nx, int ny, struct box *b)
{
    *b = (struct box){.x0 = nx, .y0 = ny};
    for (int y = 0; y < ny; y++) {
        const unsigned char *row = mask + (int64_t)y * nx;
        int left = 0, right = nx;
        while (left < nx && !row[left])
            left++;
        if (left == nx)
            continue;
        while (!row[right - 1])
            right--;
        b->x0 = left < b->x0 ? left : b->x0;
        b->x1 = right > b->x1 ? right : b->x1;
        b->y0 = y < b->y0 ? y : b->y0;
        b->y1 = y + 1;
    }
    return b->x1 > 0;
}

/* The Gaussian is cut where its exponent is 20: 4 ln2 (r/fwhm)^2 = 20. */
static int reach_px(double fwhm_rad, double cell_rad)
{
    return (int)ceil(sqrt(20.0 / (4.0 * log(2.0))) * fwhm_rad / fabs(cell_rad)) + 1;
}

/* Room for the reach on both sides, so that the circular transform does not bring one side to the other. */
static void grow_box(struct box *b, int nx, int ny, int reach_x, int reach_y)
{
    b->nx = pc_fft_good_size(b->x1 - b->x0 + 2 * reach_x, 1);
    b->ny = pc_fft_good_size(b->y1 - b->y0 + 2 * reach_y, 1);
    b->x0 -= reach_x;
    b->y0 -= reach_y;
    b->x1 = b->x1 + reach_x < nx ? b->x1 + reach_x : nx;
    b->y1 = b->y1 + reach_y < ny ? b->y1 + reach_y : ny;
}

static void copy_in(const struct box *b, const unsigned char *mask, int nx, float *pix)
{
    for (int y = b->y0 > 0 ? b->y0 : 0; y < b->y1; y++)
        for (int x = b->x0 > 0 ? b->x0 : 0; x < b->x1; x++)
            pix[(int64_t)(y - b->y0) * b->nx + (x - b->x0)] = mask[(int64_t)y * nx + x] ? 1.0F : 0.0F;
}

static void cut_out(const struct box *b, const float *pix, double cut, int nx, unsigned char *mask)
{
    float max = 0;
    int x0 = b->x0 > 0 ? b->x0 : 0, y0 = b->y0 > 0 ? b->y0 : 0;
    for (int y = y0; y < b->y1; y++)
        for (int x = x0; x < b->x1; x++)
            max = fmaxf(max, pix[(int64_t)(y - b->y0) * b->nx + (x - b->x0)]);
    float level = (float)cut * max;
    for (int y = y0; y < b->y1; y++)
        for (int x = x0; x < b->x1; x++)
            mask[(int64_t)y * nx + x] = pix[(int64_t)(y - b->y0) * b->nx + (x - b->x0)] > level;
}

int pc_mask_smooth(unsigned char *mask, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                   double cut, struct pc_err *err)
{
    struct box b;
    if (beam->maj_rad <= 0 || !bounding_box(mask, nx, ny, &b))
        return 0;
    grow_box(&b, nx, ny, reach_px(beam->maj_rad, cell_rad[0]), reach_px(beam->maj_rad, cell_rad[1]));
    float *pix = pc_mem_new0((int64_t)b.nx * b.ny, sizeof *pix, "a smoothed mask", err);
    if (!pix)
        return -1;
    copy_in(&b, mask, nx, pix);
    int bad = pc_convolve_gaussian(pix, b.nx, b.ny, cell_rad, beam, PC_CONVOLVE_PEAK1, err);
    if (!bad)
        cut_out(&b, pix, cut, nx, mask);
    pc_mem_free(pix);
    return bad;
}
