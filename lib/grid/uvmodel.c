/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"
#include "grid/uvplane_impl.h"
#include "grid/uvrow.h"

#include <string.h>

/* The transform from models to uv planes: the adjoint of that in grid/uvimage.c. */

struct predicting {
    struct pc_uvplane *g;
    int plane, max_col;
    const struct pc_screen *screen;
    const float *from; /* image */
};

/* Models are sparse: most bands of rows hold nothing. */
static bool is_empty(const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (pix[i] != 0)
            return false;
    return true;
}

/* A row of the model into a row of the padded image; what is beyond the image stays 0. */
static void take_row(const struct predicting *w, const struct room *room, int y)
{
    const struct pc_uvplane *g = w->g;
    const float *in = w->from + (int64_t)y * g->conf.nx;
    struct pc_row half[2];
    factors_of(g, w->screen, room, y, 0, 1, half);
    PC_REAL(pc_row_take)(&half[0], in, room->full + g->nu - half[0].n);
    PC_REAL(pc_row_take)(&half[1], in + half[0].n, room->full);
}

/* The other way of gather(). */
static void scatter(const struct predicting *w, const pc_real *half, int y0, int nrow)
{
    const struct pc_uvplane *g = w->g;
    int64_t v[BAND];
    rows_of(g, y0, nrow, v);
    for (int u = 0; u <= w->max_col; u++) {
        pc_real *col = column(g, w->plane, u);
        const pc_real *in = half + 2 * u;
        for (int r = 0; r < nrow; r++, in += 2 * g->half_stride) {
            col[2 * v[r]] = in[0];
            col[2 * v[r] + 1] = in[1];
        }
    }
}

static void band_from_image(void *ctx, int64_t task, int thread)
{
    const struct predicting *w = ctx;
    const struct pc_uvplane *g = w->g;
    const struct room *room = &g->room[thread];
    const int y0 = (int)task * BAND, nrow = rows_in_band(g->conf.ny, y0), nx = g->conf.nx;
    if (is_empty(w->from + (int64_t)y0 * nx, (int64_t)nrow * nx))
        return;
    memset(room->full, 0, (size_t)g->nu * sizeof *room->full);
    for (int r = 0; r < nrow; r++) {
        PC_FFTW(complex) *row = (PC_FFTW(complex) *)(room->half + 2 * r * g->half_stride);
        take_row(w, room, y0 + r);
        PC_FFTW(execute_dft_r2c)(g->row_from_image, room->full, row);
    }
    scatter(w, room->half, y0, nrow);
}

static void open_task(void *ctx, int64_t task, int thread)
{
    const struct predicting *w = ctx;
    (void)thread;
    PC_REAL(pc_uvplane_open)(w->g, task);
}

static void column_from_image(void *ctx, int64_t task, int thread)
{
    const struct predicting *w = ctx;
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)column(w->g, w->plane, task);
    (void)thread;
    PC_FFTW(execute_dft)(w->g->col_from_image, col, col);
}

/* The guards, as the plane continues. */
static void unfold(struct pc_uvplane *g, int max_col)
{
    for (int64_t a = 1; a <= GUARD; a++) {
        PC_REAL(pc_uvplane_open)(g, -a);
        PC_REAL(pc_uvplane_fold_column)(g, a, -a);
        if (max_col < g->nu / 2)
            continue;
        PC_REAL(pc_uvplane_open)(g, g->nu / 2 + a);
        PC_REAL(pc_uvplane_fold_column)(g, g->nu / 2 - a, g->nu / 2 + a);
    }
    for (int64_t u = -GUARD; u <= g->nu / 2 + GUARD; u++)
        for (int p = 0; p < g->conf.nplane && is_open(g, u); p++)
            memcpy(column(g, p, u) + 2 * g->nv, column(g, p, u), 2 * GUARD * sizeof(pc_real));
}

void PC_REAL(pc_uvplane_from_image)(struct pc_uvplane *g, int max_col, const struct pc_screen *screen,
                                    const float *const *image)
{
    /* the taps of a sample near the origin reach over to the other side, GUARD columns far */
    if (max_col < GUARD)
        max_col = GUARD;
    if (max_col > g->nu / 2 - GUARD)
        max_col = g->nu / 2;
    PC_REAL(pc_uvplane_clear)(g);
    for (int p = 0; p < g->conf.nplane; p++) {
        struct predicting w = {.g = g, .plane = p, .max_col = max_col, .screen = screen, .from = image[p]};
        if (p == 0)
            pc_threads_run(g->conf.nthread, max_col + 1, open_task, &w);
        pc_threads_run(g->conf.nthread, nband(g->conf.ny), band_from_image, &w);
        pc_threads_run(g->conf.nthread, max_col + 1, column_from_image, &w);
    }
    unfold(g, max_col);
}
