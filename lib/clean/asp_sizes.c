/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/asp_field.h"

#include <math.h>

static int add(double *size_px, int n, double size, double most)
{
    size = size < most ? size : most;
    if (n == PC_ASP_SCALES || !(size >= size_px[n - 1] + 1))
        return n;
    size_px[n] = size;
    return n + 1;
}

int pc_asp_sizes(double width_px, double largest_px, int nx, int ny, double size_px[PC_ASP_SCALES])
{
    static const double steps[] = {0.09, 0.31, 1};
    const double width = fmax(ceil(width_px), 1), tenth = (nx < ny ? nx : ny) / 10;
    const double most = largest_px > 0 && largest_px < tenth ? largest_px : tenth;
    int n = 1;
    size_px[0] = 0;
    if (largest_px <= 0) {
        for (int k = 1; k <= 8; k *= 2)
            n = add(size_px, n, k * width, most);
        return n;
    }
    n = add(size_px, n, width, most);
    for (int k = 0; k < 3; k++)
        n = add(size_px, n, ceil(width + (most - width) * steps[k]), most);
    return n;
}

double pc_asp_width(const float *psf, int nx, int ny)
{
    /* rows of the lobe, from the centre's up and down as far as they reach below one another */
    const int cx = nx / 2, cy = ny / 2;
    const float *centre = psf + (int64_t)cy * nx + cx;
    const float half = 0.5f * *centre;
    int64_t n = 0;
    for (int dir = -1; dir <= 1; dir += 2)
        for (int y = dir < 0 ? cy - 1 : cy; y >= 0 && y < ny; y += dir) {
            const float *row = psf + (int64_t)y * nx;
            int x = cx, before = (int)n;
            while (x >= 0 && row[x] > half)
                x--, n++;
            for (x = cx + 1; x < nx && row[cx] > half && row[x] > half; x++)
                n++;
            if (n == before)
                break;
        }
    return fmax(2 * sqrt((double)n / M_PI), 1);
}
