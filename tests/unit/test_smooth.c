/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/smooth.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* Smoothed masks against the sum of all their Gaussians. */

enum { N = 64, NPIX = N * N };
static const double CELL = 1e-6;

static int at(int x, int y)
{
    return y * N + x;
}

/* The Gaussian of pixel (0, 0) at (x, y). */
static double gauss(const struct pc_beam *b, int x, int y)
{
    double s = sin(b->pa_rad), c = cos(b->pa_rad), along = (-x * s + y * c) * CELL,
           across = (x * c + y * s) * CELL;
    return exp(-4 * log(2) * (pow(along / b->maj_rad, 2) + pow(across / b->min_rad, 2)));
}

/* How many pixels are other than those of a sum over all Gaussians; one at the cut itself may be. */
static int smooth_differs(const unsigned char *m, int nx, int ny, const struct pc_beam *beam, double cut)
{
    static double sum[4 * NPIX];
    struct pc_runs r = {0};
    struct pc_err err;
    double cell[2] = {-CELL, CELL}, max = 0;
    unsigned char *got = calloc((size_t)nx * (size_t)ny, 1);
    int wrong = 0;
    for (int i = 0; i < nx * ny; i++) {
        sum[i] = 0;
        for (int k = 0; k < nx * ny; k++)
            sum[i] += m[k] ? gauss(beam, i % nx - k % nx, i / nx - k / nx) : 0;
        max = fmax(max, sum[i]);
    }
    for (int y = 0; y < ny; y++)
        if (pc_runs_add_bytes(&r, y, 0, m + y * nx, nx, &err))
            diag("%s", err.msg);
    if (pc_mask_smooth(&r, nx, ny, cell, beam, cut, &err))
        diag("%s", err.msg);
    pc_runs_paint(&r, nx, 1, got);
    for (int i = 0; i < nx * ny; i++)
        wrong += got[i] != (sum[i] > cut * max) && fabs(sum[i] - cut * max) > 1e-5 * max;
    pc_runs_free(&r);
    free(got);
    return wrong;
}

int main(void)
{
    static unsigned char m[4 * NPIX];
    struct pc_runs none = {0};
    struct pc_err err;
    struct pc_beam beam = {6 * CELL, 3 * CELL, 0}, none_beam = {0}, wide = {40 * CELL, 25 * CELL, 0.5};
    double cell[2] = {-CELL, CELL};
    m[at(0, 10)] = m[at(40, 63)] = 1;
    is_int(smooth_differs(m, N, N, &beam, 0.01), 0, "two pixels become two Gaussians, nothing wraps");
    unsigned seed = 1;
    for (int i = 0; i < 4 * NPIX; i++) {
        seed = seed * 1664525U + 1013904223U;
        m[i] = (seed >> 16) % 3 == 0 && (i / 11) % 4 == 0;
    }
    beam.pa_rad = 0.7;
    is_int(smooth_differs(m, 101, 67, &beam, 0.2), 0, "a mask of many runs, a beam at an angle");
    is_int(smooth_differs(m, 101, 67, &beam, 0.9), 0, "cut high up");
    is_int(smooth_differs(m, 67, 101, &wide, 0.5), 0, "a beam as wide as the image, by transforms");
    ok(!pc_mask_smooth(&none, N, N, cell, &beam, 0.01, &err) && none.n == 0, "an empty mask stays empty");
    ok(!pc_runs_add(&none, 3, 4, 5, &err) && !pc_mask_smooth(&none, N, N, cell, &none_beam, 0.01, &err) &&
           pc_runs_count(&none) == 1,
       "a beam of 0 smooths nothing");
    pc_runs_free(&none);
    return tap_done();
}
