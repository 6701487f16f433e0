/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/gauss.h"

#include "base/clones.h"

#include <math.h>
#include <stdlib.h>

static int taps_new(struct pc_gauss *g, int radius, struct pc_err *err)
{
    g->radius = radius;
    g->tap = calloc((size_t)radius + 1, sizeof *g->tap);
    return g->tap ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory for a scale of %g pixels", g->sigma_px);
}

static void normalise(struct pc_gauss *g)
{
    double sum = g->tap[0];
    for (int i = 1; i <= g->radius; i++)
        sum += 2 * g->tap[i];
    for (int i = 0; i <= g->radius; i++)
        g->tap[i] /= sum;
}

int pc_gauss_init(struct pc_gauss *g, double sigma_px, struct pc_err *err)
{
    *g = (struct pc_gauss){.sigma_px = sigma_px};
    if (taps_new(g, (int)ceil(PC_GAUSS_REACH * sigma_px), err))
        return -1;
    g->tap[0] = 1;
    for (int i = 1; i <= g->radius; i++)
        g->tap[i] = exp(-0.5 * i * i / (sigma_px * sigma_px));
    normalise(g);
    return 0;
}

int pc_gauss_square(struct pc_gauss *g, const struct pc_gauss *of, struct pc_err *err)
{
    const int r = of->radius;
    *g = (struct pc_gauss){.sigma_px = of->sigma_px * sqrt(2)};
    if (taps_new(g, 2 * r, err))
        return -1;
    for (int i = 0; i <= 2 * r; i++)
        for (int j = i - r; j <= r; j++)
            g->tap[i] += of->tap[abs(j)] * of->tap[abs(i - j)];
    return 0;
}

void pc_gauss_fini(struct pc_gauss *g)
{
    free(g->tap);
    *g = (struct pc_gauss){0};
}

/* The part of a range of 2 * radius + 1 about `at` that lies within 0 .. n - 1, as offsets. */
struct span {
    int lo, hi;
};

static struct span span_of(int at, int radius, int n)
{
    return (struct span){at - radius < 0 ? -at : -radius, at + radius >= n ? n - 1 - at : radius};
}

void pc_gauss_add(const struct pc_gauss *g, float *pix, int nx, int ny, int x, int y, double flux)
{
    const struct span sx = span_of(x, g->radius, nx), sy = span_of(y, g->radius, ny);
    for (int dy = sy.lo; dy <= sy.hi; dy++) {
        float *row = pix + (int64_t)(y + dy) * nx + x;
        const double of_row = flux * g->tap[abs(dy)];
        for (int dx = sx.lo; dx <= sx.hi; dx++)
            row[dx] += (float)(of_row * g->tap[abs(dx)]);
    }
}

enum { LANES = 16 };

/* sum of v[i] * tap[i], in lanes that are added in order. */
PC_CLONES
static double row_sum(const float *v, const double *tap, int n)
{
    double lane[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)v[i + k] * tap[i + k];
    for (int k = 0; i < n; i++, k++)
        lane[k] += (double)v[i] * tap[i];
    for (int k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* The same of v[-i], from the pixel before the centre outwards. */
PC_CLONES
static double row_sum_back(const float *v, const double *tap, int n)
{
    double lane[LANES] = {0}, sum = 0;
    int i = 1;
    for (; i + LANES <= n + 1; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)v[-i - k] * tap[i + k];
    for (int k = 0; i <= n; i++, k++)
        lane[k] += (double)v[-i] * tap[i];
    for (int k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

double pc_gauss_sum(const struct pc_gauss *g, const float *pix, int nx, int ny, int x, int y)
{
    const struct span sx = span_of(x, g->radius, nx), sy = span_of(y, g->radius, ny);
    double sum = 0;
    for (int dy = sy.lo; dy <= sy.hi; dy++) {
        const float *row = pix + (int64_t)(y + dy) * nx + x;
        sum += g->tap[abs(dy)] * (row_sum(row, g->tap, sx.hi + 1) + row_sum_back(row, g->tap, -sx.lo));
    }
    return sum;
}

void pc_gauss_transform(const struct pc_gauss *g, int n, const double *cosine, float *out)
{
    for (int k = 0; k <= n / 2; k++) {
        double sum = g->tap[0];
        for (int64_t i = 1, at = k; i <= g->radius; i++) {
            sum += 2 * g->tap[i] * cosine[at];
            at = at + k >= n ? at + k - n : at + k;
        }
        out[k] = (float)sum;
    }
}
