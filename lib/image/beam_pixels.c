/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam_pixels.h"

#include "base/mem.h"

#include <math.h>

/* Row dy, as far as it is not 0. */
static struct pc_beam_row find_row(const struct pc_beam_form *f, const int x[2], int dy)
{
    int x0 = x[0], x1 = x[1];
    while (x0 <= x1 && !(pc_beam_value(f, x0, dy) > 0))
        x0++;
    while (x1 >= x0 && !(pc_beam_value(f, x1, dy) > 0))
        x1--;
    return (struct pc_beam_row){NULL, x0, x1 - x0 + 1};
}

static void fill(struct pc_beam_pixels *b, const struct pc_beam_form *f, double scale)
{
    double *v = b->v;
    for (int dy = b->y0; dy <= b->y1; dy++) {
        struct pc_beam_row *row = &b->row[dy - b->y0];
        row->v = v;
        for (int i = 0; i < row->n; i++, v++)
            b->sum += *v = scale * pc_beam_value(f, row->x0 + i, dy);
    }
}

int pc_beam_pixels_new(struct pc_beam_pixels *b, const struct pc_beam_form *form, const int x[2],
                       const int y[2], double scale, struct pc_err *err)
{
    *b = (struct pc_beam_pixels){.x0 = x[0], .x1 = x[1], .y0 = y[0], .y1 = y[1]};
    b->row = pc_mem_new(y[1] - y[0] + INT64_C(1), sizeof *b->row, "the rows of a beam", err);
    if (!b->row)
        return -1;
    for (int dy = y[0]; dy <= y[1]; dy++) {
        b->row[dy - y[0]] = find_row(form, x, dy);
        b->n += b->row[dy - y[0]].n;
    }
    b->v = pc_mem_new(b->n, sizeof *b->v, "the pixels of a beam", err);
    if (!b->v) {
        pc_beam_pixels_fini(b);
        return -1;
    }
    fill(b, form, scale);
    return 0;
}

void pc_beam_pixels_fini(struct pc_beam_pixels *b)
{
    pc_mem_free(b->row);
    pc_mem_free(b->v);
    *b = (struct pc_beam_pixels){0};
}

static int clamp(double reach, int limit)
{
    return reach < limit ? (int)ceil(reach) : limit;
}

void pc_beam_extent(const struct pc_beam_form *form, int nx, int ny, int x[2], int y[2])
{
    double reach[2];
    pc_beam_reach(form, reach);
    x[0] = -clamp(reach[0], nx / 2), x[1] = clamp(reach[0], nx - 1 - nx / 2);
    y[0] = -clamp(reach[1], ny / 2), y[1] = clamp(reach[1], ny - 1 - ny / 2);
}
