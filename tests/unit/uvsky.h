/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UVSKY_H
#define UVSKY_H

/* A simulated observation by direct sums: random uv points, their psf, the dirty image of a sky, noise in the
 * visibilities. Planes are UVSKY_N squared; u and v in cycles per pixel. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { UVSKY_N = 96, UVSKY_VIS = 1500, UVSKY_NPIX = UVSKY_N * UVSKY_N };

struct uvsky {
    double phase[2][UVSKY_VIS][UVSKY_N][2]; /* exp(2 pi i u x), and of v and y */
    float psf[UVSKY_NPIX];
};

static uint32_t uvsky_seed = 1;
static double uvsky_uniform(void)
{
    uvsky_seed = uvsky_seed * 1664525u + 1013904223u;
    return ((double)(uvsky_seed >> 8) + 0.5) / 16777216.0;
}
static double uvsky_normal(void)
{
    double r = sqrt(-2 * log(uvsky_uniform()));
    return r * cos(2 * M_PI * uvsky_uniform());
}

/* pix += Re(vis exp(2 pi i (u x + v y))) / UVSKY_VIS, of visibility i. */
static void uvsky_back(const struct uvsky *s, int i, const double vis[2], double *pix)
{
    for (int y = 0; y < UVSKY_N; y++) {
        const double *v = s->phase[1][i][y];
        const double re = (vis[0] * v[0] - vis[1] * v[1]) / UVSKY_VIS,
                     im = (vis[0] * v[1] + vis[1] * v[0]) / UVSKY_VIS;
        for (int x = 0; x < UVSKY_N; x++)
            pix[y * UVSKY_N + x] += re * s->phase[0][i][x][0] - im * s->phase[0][i][x][1];
    }
}

/* Denser towards the centre, as arrays are; none within 0.01. */
static struct uvsky *uvsky_new(uint32_t seed)
{
    struct uvsky *s = malloc(sizeof *s);
    double *pix = calloc(UVSKY_NPIX, sizeof *pix);
    const double one[2] = {1, 0};
    uvsky_seed = seed;
    for (int i = 0; i < UVSKY_VIS; i++) {
        double r = 0.01 + 0.17 * sqrt(uvsky_uniform()) * uvsky_uniform(), t = 2 * M_PI * uvsky_uniform();
        const double uv[2] = {r * cos(t), r * sin(t)};
        for (int k = 0; k < 2; k++)
            for (int p = 0; p < UVSKY_N; p++) {
                s->phase[k][i][p][0] = cos(2 * M_PI * uv[k] * (p - UVSKY_N / 2));
                s->phase[k][i][p][1] = sin(2 * M_PI * uv[k] * (p - UVSKY_N / 2));
            }
        uvsky_back(s, i, one, pix);
    }
    for (int p = 0; p < UVSKY_NPIX; p++)
        s->psf[p] = (float)pix[p];
    free(pix);
    return s;
}

/* sky may be NULL: noise alone. */
static void uvsky_dirty(const struct uvsky *s, const double *sky, double noise, float *dirty)
{
    double *pix = calloc(UVSKY_NPIX, sizeof *pix);
    for (int i = 0; i < UVSKY_VIS; i++) {
        double vis[2] = {noise * uvsky_normal(), noise * uvsky_normal()};
        for (int y = 0; y < UVSKY_N && sky; y++) {
            double re = 0, im = 0;
            for (int x = 0; x < UVSKY_N; x++) {
                re += sky[y * UVSKY_N + x] * s->phase[0][i][x][0];
                im -= sky[y * UVSKY_N + x] * s->phase[0][i][x][1];
            }
            vis[0] += re * s->phase[1][i][y][0] + im * s->phase[1][i][y][1];
            vis[1] += im * s->phase[1][i][y][0] - re * s->phase[1][i][y][1];
        }
        uvsky_back(s, i, vis, pix);
    }
    for (int p = 0; p < UVSKY_NPIX; p++)
        dirty[p] = (float)pix[p];
    free(pix);
}

#endif
