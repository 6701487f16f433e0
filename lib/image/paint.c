/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/paint.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* Additions per pixel of the plane that cost as much as the transforms. */
static const double additions_per_pixel = 30;

struct source {
    int x;
    float v;
};

/* The plane as lists of its non-zero pixels: row y has source[first[y]] up to source[first[y + 1]]. */
struct sparse {
    struct source *source;
    int64_t *first;
};

/* The part of the kernel that is not 0: offsets x0..x1, y0..y1, rows of nx. */
struct kernel {
    int x0, x1, y0, y1, nx;
    double *v;
};

static int clamp(double reach, int limit)
{
    return reach < limit ? (int)ceil(reach) : limit;
}

static struct kernel kernel_extent(const struct pc_beam_form *f, int nx, int ny)
{
    const double limit = 20;
    double det = f->xx * f->yy - f->xy * f->xy / 4;
    double rx = sqrt(limit * f->yy / det), ry = sqrt(limit * f->xx / det);
    struct kernel k = {-clamp(rx, nx / 2),
                       clamp(rx, nx - 1 - nx / 2),
                       -clamp(ry, ny / 2),
                       clamp(ry, ny - 1 - ny / 2),
                       0,
                       NULL};
    k.nx = k.x1 - k.x0 + 1;
    return k;
}

static int kernel_fill(struct kernel *k, const struct pc_beam_form *f, double scale, struct pc_err *err)
{
    k->v = pc_mem_new((int64_t)k->nx * (k->y1 - k->y0 + 1), sizeof *k->v, "convolution kernel", err);
    if (k->v == NULL)
        return -1;
    for (int dy = k->y0; dy <= k->y1; dy++)
        for (int dx = k->x0; dx <= k->x1; dx++)
            k->v[(int64_t)(dy - k->y0) * k->nx + dx - k->x0] = scale * pc_beam_value(f, dx, dy);
    return 0;
}

static int64_t count_sources(const float *pix, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += pix[i] != 0;
    return count;
}

static int sparse_fill(struct sparse *s, const float *pix, int nx, int ny, int64_t count, struct pc_err *err)
{
    int64_t n = 0;
    s->source = pc_mem_new(count + 1, sizeof *s->source, "sources of the plane", err);
    s->first = s->source ? pc_mem_new((int64_t)ny + 1, sizeof *s->first, "rows of the plane", err) : NULL;
    if (s->first == NULL)
        return -1;
    for (int y = 0; y < ny; y++) {
        const float *row = pix + (int64_t)y * nx;
        s->first[y] = n;
        for (int x = 0; x < nx; x++)
            if (row[x] != 0)
                s->source[n++] = (struct source){x, row[x]};
    }
    s->first[ny] = n;
    return 0;
}

static void add_source(double *row, int nx, const struct source *s, const struct kernel *k,
                       const double *kernel_row)
{
    int x0 = s->x + k->x0;
    double v = s->v;
    if (x0 >= 0 && s->x + k->x1 < nx) {
        for (int i = 0; i < k->nx; i++)
            row[x0 + i] += v * kernel_row[i];
        return;
    }
    for (int i = 0; i < k->nx; i++)
        row[(x0 + i + nx) % nx] += v * kernel_row[i];
}

static void paint(float *pix, int nx, int ny, const struct sparse *s, const struct kernel *k, double *row)
{
    for (int y = 0; y < ny; y++) {
        memset(row, 0, (size_t)nx * sizeof *row);
        for (int dy = k->y0; dy <= k->y1; dy++) {
            int from = (y - dy + ny) % ny;
            const double *kernel_row = k->v + (int64_t)(dy - k->y0) * k->nx;
            for (int64_t i = s->first[from]; i < s->first[from + 1]; i++)
                add_source(row, nx, &s->source[i], k, kernel_row);
        }
        for (int x = 0; x < nx; x++)
            pix[(int64_t)y * nx + x] = (float)row[x];
    }
}

int pc_paint_gaussian(float *pix, int nx, int ny, const struct pc_beam_form *form, double scale,
                      bool *painted, struct pc_err *err)
{
    struct kernel k = kernel_extent(form, nx, ny);
    struct sparse s = {NULL, NULL};
    double *row = NULL;
    int ret = -1;
    int64_t count = count_sources(pix, (int64_t)nx * ny);
    *painted = (double)count * k.nx * (k.y1 - k.y0 + 1) <= additions_per_pixel * nx * ny;
    if (!*painted)
        return 0;
    if (kernel_fill(&k, form, scale, err) != 0 || sparse_fill(&s, pix, nx, ny, count, err) != 0)
        goto out;
    row = pc_mem_new(nx, sizeof *row, "row of the plane", err);
    if (row == NULL)
        goto out;
    paint(pix, nx, ny, &s, &k, row);
    ret = 0;
out:
    pc_mem_free(row);
    pc_mem_free(s.first);
    pc_mem_free(s.source);
    pc_mem_free(k.v);
    return ret;
}
