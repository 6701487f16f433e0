/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SCENE_H
#define SCENE_H

/* Made-up planes for the deconvolvers: a psf with sidelobes, a few sources seen through it, noise. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    int nx, ny, npol;
    float *res, *psf, *model;
    unsigned char *mask;
};

static uint32_t scene_seed = 1;
static float scene_uniform(void)
{
    scene_seed = scene_seed * 1664525u + 1013904223u;
    return (float)(scene_seed >> 8) / 16777216.0f - 0.5f;
}

static float scene_psf(double dx, double dy)
{
    double r2 = dx * dx + 1.3 * dy * dy;
    return (float)(exp(-r2 / 5) + 0.06 * sin(1.1 * dx + 0.4) * exp(-r2 / 400) * (r2 > 0));
}

/* sources: x, y, flux, ends at flux 0; of plane k the flux is divided by k + 1 and turned in sign. */
static struct scene scene_new(int nx, int ny, int npol, const double (*source)[3], float noise)
{
    size_t n = (size_t)nx * (size_t)ny, all = n * (size_t)npol;
    struct scene s = {nx, ny, npol, calloc(all, 4), calloc(all, 4), calloc(all, 4), calloc(all, 1)};
    for (int k = 0; k < npol; k++)
        for (int i = 0; i < (int)n; i++) {
            int x = i % nx, y = i / nx;
            float *res = &s.res[(size_t)k * n + (size_t)i];
            s.psf[(size_t)k * n + (size_t)i] = scene_psf(x - nx / 2, y - ny / 2);
            s.mask[(size_t)k * n + (size_t)i] = 1;
            *res = noise * scene_uniform();
            for (int j = 0; source[j][2] != 0; j++)
                *res += (float)source[j][2] * scene_psf(x - source[j][0], y - source[j][1]) / (float)(k + 1) *
                        (k % 2 ? -1.0f : 1.0f);
        }
    return s;
}

static void scene_free(struct scene *s)
{
    free(s->res), free(s->psf), free(s->model), free(s->mask);
}

#endif
