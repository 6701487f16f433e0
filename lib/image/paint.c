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

/* Row y has source[first[y]] up to source[first[y + 1]]. */
struct pc_painter {
    int nx, ny, y; /* y: rows up to this one have their first */
    int64_t n;
    struct kernel k;
    struct source *source;
    int64_t *first;
};

int pc_painter_new(struct pc_painter **painter, int64_t count, int nx, int ny,
                   const struct pc_beam_form *form, double scale, struct pc_err *err)
{
    struct kernel k = kernel_extent(form, nx, ny);
    struct pc_painter *p;
    *painter = NULL;
    if ((double)count * k.nx * (k.y1 - k.y0 + 1) > additions_per_pixel * nx * ny)
        return 0;
    if (!(p = pc_mem_new0(1, sizeof *p, "a painter", err)))
        return -1;
    p->nx = nx, p->ny = ny, p->y = -1, p->k = k;
    p->source = pc_mem_new(count + 1, sizeof *p->source, "sources of the plane", err);
    p->first = p->source ? pc_mem_new0((int64_t)ny + 1, sizeof *p->first, "rows of the plane", err) : NULL;
    if (!p->first || kernel_fill(&p->k, form, scale, err)) {
        pc_painter_free(p);
        return -1;
    }
    *painter = p;
    return 0;
}

void pc_painter_free(struct pc_painter *p)
{
    if (!p)
        return;
    pc_mem_free(p->first);
    pc_mem_free(p->source);
    pc_mem_free(p->k.v);
    pc_mem_free(p);
}

void pc_painter_add(struct pc_painter *p, int x, int y, float v)
{
    p->source[p->n++] = (struct source){x, v};
    while (p->y < y)
        p->first[++p->y] = p->n - 1;
}

static int64_t first_of(const struct pc_painter *p, int y)
{
    return y <= p->y ? p->first[y] : p->n;
}

bool pc_painter_row(const struct pc_painter *p, int y, double *row)
{
    const struct kernel *k = &p->k;
    bool any = false;
    for (int dy = k->y0; dy <= k->y1; dy++) {
        int from = (y - dy + p->ny) % p->ny;
        const double *kernel_row = k->v + (int64_t)(dy - k->y0) * k->nx;
        for (int64_t i = first_of(p, from), end = first_of(p, from + 1); i < end; i++) {
            if (!any)
                memset(row, 0, (size_t)p->nx * sizeof *row);
            any = true;
            add_source(row, p->nx, &p->source[i], k, kernel_row);
        }
    }
    return any;
}

static void paint(const struct pc_painter *p, float *pix, double *row)
{
    for (int y = 0; y < p->ny; y++) {
        bool any = pc_painter_row(p, y, row);
        for (int x = 0; x < p->nx; x++)
            pix[(int64_t)y * p->nx + x] = any ? (float)row[x] : 0;
    }
}

int pc_paint_gaussian(float *pix, int nx, int ny, const struct pc_beam_form *form, double scale,
                      bool *painted, struct pc_err *err)
{
    struct pc_painter *p;
    if (pc_painter_new(&p, count_sources(pix, (int64_t)nx * ny), nx, ny, form, scale, err))
        return -1;
    *painted = p != NULL;
    if (!p)
        return 0;
    double *row = pc_mem_new(nx, sizeof *row, "row of the plane", err);
    for (int y = 0; y < ny && row; y++)
        for (int x = 0; x < nx; x++)
            if (pix[(int64_t)y * nx + x] != 0)
                pc_painter_add(p, x, y, pix[(int64_t)y * nx + x]);
    if (row)
        paint(p, pix, row);
    pc_mem_free(row);
    pc_painter_free(p);
    return row ? 0 : -1;
}
