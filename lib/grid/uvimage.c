/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"
#include "grid/uvplane_impl.h"
#include "grid/uvrow.h"

#include <math.h>
#include <string.h>

/* The transform from uv planes to images. */

static void fold_rows(const struct pc_uvplane *g, int64_t u)
{
    for (int p = 0; p < g->conf.nplane && is_open(g, u); p++) {
        pc_real *col = column(g, p, u);
        for (int64_t i = 0; i < 2 * GUARD; i++)
            col[i] += col[2 * g->nv + i];
    }
}

/* The transform to real numbers counts all columns twice but these two. */
static void double_column(const struct pc_uvplane *g, int64_t u)
{
    for (int p = 0; p < g->conf.nplane && is_open(g, u); p++) {
        pc_real *col = column(g, p, u);
        for (int64_t i = 0; i < 2 * g->nv; i++)
            col[i] *= 2;
    }
}

static void fold(struct pc_uvplane *g)
{
    for (int64_t u = -GUARD; u <= g->nu / 2 + GUARD; u++)
        fold_rows(g, u);
    for (int64_t a = 1; a <= GUARD; a++) {
        PC_REAL(pc_uvplane_fold_column)(g, -a, a);
        PC_REAL(pc_uvplane_fold_column)(g, g->nu / 2 + a, g->nu / 2 - a);
    }
    double_column(g, 0);
    double_column(g, g->nu / 2);
    g->nused = 0;
    for (int u = 0; u <= g->nu / 2; u++)
        if (is_open(g, u))
            g->used[g->nused++] = u;
}

struct transforming {
    struct pc_uvplane *g;
    int plane;
    double scale;
    const struct pc_screen *screen;
    pc_real *to; /* image, or NULL */
    const struct pc_row_taker *taker;
    bool count; /* a tally is wanted */
    /* bands [near, near + nnear) of rows about the centre are those to be made now, or those that have been
     */
    int64_t near, nnear;
    bool is_near;
};

static void column_to_image(void *ctx, int64_t task, int thread)
{
    const struct transforming *w = ctx;
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)column(w->g, w->plane, w->g->used[task]);
    (void)thread;
    PC_FFTW(execute_dft)(w->g->col_to_image, col, col);
}

/* Rows of the half-plane, from its columns. */
static void gather(const struct transforming *w, pc_real *half, int y0, int nrow)
{
    const struct pc_uvplane *g = w->g;
    int64_t v[BAND];
    rows_of(g, y0, nrow, v);
    memset(half, 0, (size_t)(nrow * g->half_stride) * 2 * sizeof *half);
    for (int i = 0; i < g->nused; i++) {
        const pc_real *col = column(g, w->plane, g->used[i]);
        pc_real *out = half + 2 * g->used[i];
        for (int r = 0; r < nrow; r++, out += 2 * g->half_stride) {
            out[0] = col[2 * v[r]];
            out[1] = col[2 * v[r] + 1];
        }
    }
}

/* A row of the padded image into a row of the image. */
static void put_row(const struct transforming *w, const struct room *room, int y, pc_real *out)
{
    const struct pc_uvplane *g = w->g;
    const bool add = w->screen != NULL && w->screen->add;
    struct pc_row half[2];
    factors_of(g, w->screen, room, y, NAN, 0.5 * w->scale, half);
    PC_REAL(pc_row_put)(&half[0], room->full + g->nu - half[0].n, add, out);
    PC_REAL(pc_row_put)(&half[1], room->full, add, out + half[0].n);
}

/* The rows that are transformed: of an even image those from the south to the centre. */
static int nrow_made(const struct pc_uvplane *g)
{
    return g->conf.even ? g->conf.ny / 2 + 1 : g->conf.ny;
}

/* The row across the centre of one that has just been made: the same backwards. Where nx is even its first
 * pixel's like is beyond the image. */
static void put_twin(const struct transforming *w, const struct room *room, int y, const pc_real *row,
                     pc_real *out)
{
    const struct pc_uvplane *g = w->g;
    const int nx = g->conf.nx, mid = nx / 2, first = 2 * mid + 1 - nx;
    if (first > 0)
        out[0] = room->full[mid] * (pc_real)(g->corr_x[0] * (0.5 * w->scale * g->corr_y[y]));
    PC_REAL(pc_row_mirror)(nx - first, row + 2 * mid - first, out + first);
}

struct rows {
    int y0, n;
    pc_real *at;
};

/* Those across the centre of rows y0 .. y0+nrow-1, but for the centre itself and what is beyond the image. */
static struct rows twins_of(const struct transforming *w, const struct room *room, int y0, int nrow)
{
    const struct pc_uvplane *g = w->g;
    const int mid = g->conf.ny / 2, least = 2 * mid + 1 - g->conf.ny;
    const int from = y0 > least ? y0 : least, to = y0 + nrow < mid ? y0 + nrow : mid;
    struct rows twins = {2 * mid - to + 1, g->conf.even && to > from ? to - from : 0, room->twin};
    if (w->to != NULL)
        twins.at = w->to + (int64_t)twins.y0 * g->conf.nx;
    return twins;
}

static int64_t band_of(const struct transforming *w, int64_t task)
{
    if (w->is_near)
        return w->near + task;
    return task < w->near ? task : task + w->nnear;
}

static void band_to_image(void *ctx, int64_t task, int thread)
{
    const struct transforming *w = ctx;
    const struct pc_uvplane *g = w->g;
    const struct room *room = &g->room[thread];
    const int64_t band = band_of(w, task), nx = g->conf.nx;
    const int y0 = (int)band * BAND, nrow = rows_in_band(nrow_made(g), y0), across = 2 * (g->conf.ny / 2);
    const struct rows twins = twins_of(w, room, y0, nrow);
    pc_real *image = w->to != NULL ? w->to + y0 * nx : room->image;
    gather(w, room->half, y0, nrow);
    if (w->count)
        pc_lanes_clear(&g->tally[band]);
    for (int r = 0; r < nrow; r++) {
        const int y = y0 + r, twin = across - y - twins.y0;
        PC_FFTW(complex) *row = (PC_FFTW(complex) *)(room->half + 2 * r * g->half_stride);
        PC_FFTW(execute_dft_c2r)(g->row_to_image, row, room->full);
        put_row(w, room, y, image + r * nx);
        if (w->count)
            PC_REAL(pc_lanes_row)(&g->tally[band], image + r * nx, g->conf.nx);
        if (twin < 0 || twin >= twins.n)
            continue;
        put_twin(w, room, y, image + r * nx, twins.at + twin * nx);
        if (w->count)
            PC_REAL(pc_lanes_row)(&g->tally[band], twins.at + twin * nx, g->conf.nx);
    }
    if (w->taker != NULL)
        w->taker->take(w->taker->of, thread, w->plane, y0, nrow, image);
    if (w->taker != NULL && twins.n > 0)
        w->taker->take(w->taker->of, thread, w->plane, twins.y0, twins.n, twins.at);
}

/* Bands of rows about the centre first, where somebody waits for them. */
static void bands_to_image(struct transforming *w)
{
    const struct pc_uvplane *g = w->g;
    const int nrow = nrow_made(g), mid = g->conf.ny / 2;
    if (w->taker != NULL && w->taker->near_taken != NULL) {
        const int near = w->taker->near, from = mid > near ? mid - near : 0;
        const int to = near < nrow - 1 - mid ? mid + near : nrow - 1;
        w->near = from / BAND;
        w->nnear = to / BAND + 1 - w->near;
        w->is_near = true;
        pc_threads_run(g->conf.nthread, w->nnear, band_to_image, w);
        w->taker->near_taken(w->taker->of, w->plane);
        w->is_near = false;
    }
    pc_threads_run(g->conf.nthread, nband(nrow) - w->nnear, band_to_image, w);
}

void PC_REAL(pc_uvplane_to_image)(struct pc_uvplane *g, double scale, const struct pc_screen *screen,
                                  void *const *image, const struct pc_row_taker *taker,
                                  struct pc_tally *tally)
{
    fold(g);
    for (int p = 0; p < g->conf.nplane; p++) {
        struct transforming w = {.g = g,
                                 .plane = p,
                                 .scale = scale,
                                 .screen = screen,
                                 .to = image != NULL ? image[p] : NULL,
                                 .taker = taker,
                                 .count = tally != NULL};
        pc_threads_run(g->conf.nthread, g->nused, column_to_image, &w);
        bands_to_image(&w);
        if (tally != NULL)
            pc_lanes_sum(g->tally, nband(nrow_made(g)), &tally[p]);
    }
    PC_REAL(pc_uvplane_clear)(g);
}
