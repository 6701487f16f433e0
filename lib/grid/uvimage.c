/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"
#include "grid/uvplane_impl.h"
#include "grid/uvrow.h"

#include <math.h>
#include <string.h>

/* The transforms between uv planes and images. */

/* Adds the conjugate of column `from` at -v to column `to`. */
static void fold_column(struct pc_uvplane *g, int64_t from, int64_t to)
{
    if (!is_open(g, from))
        return;
    PC_REAL(pc_uvplane_open)(g, to);
    for (int p = 0; p < g->conf.nplane; p++) {
        const pc_real *src = column(g, p, from);
        pc_real *dst = column(g, p, to);
        for (int64_t v = 0; v < g->nv; v++) {
            int64_t mirror = v == 0 ? 0 : g->nv - v;
            dst[2 * v] += src[2 * mirror];
            dst[2 * v + 1] -= src[2 * mirror + 1];
        }
    }
}

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
        fold_column(g, -a, a);
        fold_column(g, g->nu / 2 + a, g->nu / 2 - a);
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
    int plane, max_col;
    double scale;
    const struct pc_screen *screen;
    pc_real *to; /* image, or NULL */
    const struct pc_row_taker *taker;
    bool count;        /* a tally is wanted */
    const float *from; /* image */
};

static void column_to_image(void *ctx, int64_t task, int thread)
{
    const struct transforming *w = ctx;
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)column(w->g, w->plane, w->g->used[task]);
    (void)thread;
    PC_FFTW(execute_dft)(w->g->col_to_image, col, col);
}

/* Cell (or padded pixel) of image pixel i of n: the centre n/2 is at 0. */
static int64_t wrapped(int64_t i, int64_t n, int64_t npad)
{
    int64_t k = i - n / 2;
    return k < 0 ? k + npad : k;
}

/* Where rows y0 .. y0+nrow-1 of the image are in a column. */
static void rows_of(const struct pc_uvplane *g, int y0, int nrow, int64_t *v)
{
    for (int r = 0; r < nrow; r++)
        v[r] = wrapped(y0 + r, g->conf.ny, g->nv);
}

static int rows_in_band(const struct pc_uvplane *g, int y0)
{
    return g->conf.ny - y0 < BAND ? g->conf.ny - y0 : BAND;
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

/* The factors of row y of the image: of its western half, and of the rest. */
static void factors(const struct transforming *w, const struct room *room, int y, double beyond, double f,
                    struct pc_row half[2])
{
    const struct pc_uvplane *g = w->g;
    const int mid = g->conf.nx / 2;
    const double *screen = NULL;
    if (w->screen != NULL) {
        w->screen->row(w->screen->of, y, beyond, room->factor);
        screen = room->factor;
    }
    half[0] = (struct pc_row){g->corr_x, screen, f * g->corr_y[y], mid};
    half[1] =
        (struct pc_row){g->corr_x + mid, screen == NULL ? NULL : screen + mid, half[0].f, g->conf.nx - mid};
}

/* A row of the padded image into a row of the image. */
static void put_row(const struct transforming *w, const struct room *room, int y, pc_real *out)
{
    const struct pc_uvplane *g = w->g;
    const bool add = w->screen != NULL && w->screen->add;
    struct pc_row half[2];
    factors(w, room, y, NAN, 0.5 * w->scale, half);
    PC_REAL(pc_row_put)(&half[0], room->full + g->nu - half[0].n, add, out);
    PC_REAL(pc_row_put)(&half[1], room->full, add, out + half[0].n);
}

static void band_to_image(void *ctx, int64_t task, int thread)
{
    const struct transforming *w = ctx;
    const struct pc_uvplane *g = w->g;
    const struct room *room = &g->room[thread];
    const int y0 = (int)task * BAND, nrow = rows_in_band(g, y0);
    const int64_t nx = g->conf.nx;
    pc_real *image = w->to != NULL ? w->to + y0 * nx : room->image;
    gather(w, room->half, y0, nrow);
    if (w->count)
        pc_lanes_clear(&g->tally[task]);
    for (int r = 0; r < nrow; r++) {
        PC_FFTW(complex) *row = (PC_FFTW(complex) *)(room->half + 2 * r * g->half_stride);
        PC_FFTW(execute_dft_c2r)(g->row_to_image, row, room->full);
        put_row(w, room, y0 + r, image + r * nx);
        if (w->count)
            PC_REAL(pc_lanes_row)(&g->tally[task], image + r * nx, g->conf.nx);
    }
    if (w->taker != NULL)
        w->taker->take(w->taker->of, thread, w->plane, y0, nrow, image);
}

static int64_t nband(const struct pc_uvplane *g)
{
    return (g->conf.ny + BAND - 1) / BAND;
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
        pc_threads_run(g->conf.nthread, nband(g), band_to_image, &w);
        if (tally != NULL)
            pc_lanes_sum(g->tally, nband(g), &tally[p]);
    }
    PC_REAL(pc_uvplane_clear)(g);
}

/* Models are sparse: most bands of rows hold nothing. */
static bool is_empty(const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (pix[i] != 0)
            return false;
    return true;
}

/* A row of the model into a row of the padded image; what is beyond the image stays 0. */
static void take_row(const struct transforming *w, const struct room *room, int y)
{
    const struct pc_uvplane *g = w->g;
    const float *in = w->from + (int64_t)y * g->conf.nx;
    struct pc_row half[2];
    factors(w, room, y, 0, 1, half);
    PC_REAL(pc_row_take)(&half[0], in, room->full + g->nu - half[0].n);
    PC_REAL(pc_row_take)(&half[1], in + half[0].n, room->full);
}

/* The other way of gather(). */
static void scatter(const struct transforming *w, const pc_real *half, int y0, int nrow)
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
    const struct transforming *w = ctx;
    const struct pc_uvplane *g = w->g;
    const struct room *room = &g->room[thread];
    const int y0 = (int)task * BAND, nrow = rows_in_band(g, y0), nx = g->conf.nx;
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
    const struct transforming *w = ctx;
    (void)thread;
    PC_REAL(pc_uvplane_open)(w->g, task);
}

static void column_from_image(void *ctx, int64_t task, int thread)
{
    const struct transforming *w = ctx;
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)column(w->g, w->plane, task);
    (void)thread;
    PC_FFTW(execute_dft)(w->g->col_from_image, col, col);
}

/* The guards, as the plane continues. */
static void unfold(struct pc_uvplane *g, int max_col)
{
    for (int64_t a = 1; a <= GUARD; a++) {
        PC_REAL(pc_uvplane_open)(g, -a);
        fold_column(g, a, -a);
        if (max_col < g->nu / 2)
            continue;
        PC_REAL(pc_uvplane_open)(g, g->nu / 2 + a);
        fold_column(g, g->nu / 2 - a, g->nu / 2 + a);
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
        struct transforming w = {.g = g, .plane = p, .max_col = max_col, .screen = screen, .from = image[p]};
        if (p == 0)
            pc_threads_run(g->conf.nthread, max_col + 1, open_task, &w);
        pc_threads_run(g->conf.nthread, nband(g), band_from_image, &w);
        pc_threads_run(g->conf.nthread, max_col + 1, column_from_image, &w);
    }
    unfold(g, max_col);
}
