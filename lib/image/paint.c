/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/paint.h"

#include "base/mem.h"
#include "image/beam_pixels.h"

#include <string.h>

struct source {
    int x;
    float v;
};

/* Row y has source[first[y]] up to source[first[y + 1]]. */
struct pc_painter {
    int nx, ny;
    struct pc_beam_pixels beam;
    struct source *source;
    int64_t *first;
    double *sum; /* a row */
};

static int read_sources(struct pc_painter *p, const struct pc_rows *rows, struct pc_err *err)
{
    int64_t n = 0;
    float *row = pc_mem_new(p->nx, sizeof *row, "a row of the plane", err);
    int any = row ? 0 : -1;
    for (int y = 0; y < p->ny && any >= 0; y++) {
        p->first[y] = n;
        any = rows->row(rows->ctx, y, row, err);
        for (int x = 0; x < p->nx && any > 0; x++)
            if (row[x] != 0)
                p->source[n++] = (struct source){x, row[x]};
    }
    p->first[p->ny] = n;
    pc_mem_free(row);
    return any < 0 ? -1 : 0;
}

int pc_painter_new(struct pc_painter **painter, const struct pc_rows *rows, int64_t count, int nx, int ny,
                   const struct pc_beam_form *form, double scale, struct pc_err *err)
{
    struct pc_painter *p = pc_mem_new0(1, sizeof *p, "a painter", err);
    int x[2], y[2];
    *painter = NULL;
    if (!p)
        return -1;
    p->nx = nx, p->ny = ny;
    pc_beam_extent(form, nx, ny, x, y);
    p->source = pc_mem_new(count, sizeof *p->source, "sources of the plane", err);
    p->first = p->source ? pc_mem_new((int64_t)ny + 1, sizeof *p->first, "rows of the plane", err) : NULL;
    p->sum = p->first ? pc_mem_new(nx, sizeof *p->sum, "a row of the plane", err) : NULL;
    if (!p->sum || pc_beam_pixels_new(&p->beam, form, x, y, scale, err) || read_sources(p, rows, err)) {
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
    pc_beam_pixels_fini(&p->beam);
    pc_mem_free(p->sum);
    pc_mem_free(p->first);
    pc_mem_free(p->source);
    pc_mem_free(p);
}

static void add_source(double *sum, int nx, const struct source *s, const struct pc_beam_row *b)
{
    const int x0 = s->x + b->x0;
    const double v = s->v;
    if (x0 >= 0 && x0 + b->n <= nx) {
        for (int i = 0; i < b->n; i++)
            sum[x0 + i] += v * b->v[i];
        return;
    }
    for (int i = 0; i < b->n; i++)
        sum[(x0 + i + nx) % nx] += v * b->v[i];
}

int pc_painter_row(struct pc_painter *p, int y, float *row)
{
    const struct pc_beam_pixels *b = &p->beam;
    int any = 0;
    for (int dy = b->y0; dy <= b->y1; dy++) {
        const int from = (y - dy + p->ny) % p->ny;
        for (int64_t i = p->first[from]; i < p->first[from + 1]; i++) {
            if (!any)
                memset(p->sum, 0, (size_t)p->nx * sizeof *p->sum);
            any = 1;
            add_source(p->sum, p->nx, &p->source[i], &b->row[dy - b->y0]);
        }
    }
    for (int x = 0; x < p->nx && any; x++)
        row[x] = (float)p->sum[x];
    return any;
}
