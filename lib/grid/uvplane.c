/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/uvplane.h"

#include "base/mem.h"
#include "base/threads.h"
#include "grid/real.h"
#include "grid/touch.h"
#include "grid/uvrow.h"
#include "image/fft.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

/* Rows are transformed this many at a time: a column then gives or takes whole cache lines. */
enum { BAND = 16, GUARD = PC_KERNEL_TAPS };

/* A thread's own rows. */
struct room {
    pc_real *half;  /* [BAND][half_stride][2]: rows of the half-plane */
    pc_real *full;  /* [nu]: one row of the padded image */
    double *factor; /* [nx]: a row of the screen */
};

/* Columns u = -GUARD .. -1 and beyond nu/2, and the rows beyond nv of each column, catch the taps that reach
 * over the edges; they are folded to where they belong (u,v periodic, conjugate at -u,-v) before a
 * transform. */
struct pc_uvplane {
    struct pc_uvplane_conf conf;
    int nu, nv, ncol;
    int64_t stride; /* complex cells from one column to the next, >= nv + GUARD */
    int64_t half_stride;
    pc_real *cell[PC_MAX_POL]; /* [ncol][stride][2] */
    bool *open;                /* [ncol]: this column holds something, in all planes */
    int *used, nused;          /* columns 0 .. nu/2 that are open, when a transform begins */
    double *corr_x, *corr_y;
    struct room *room;      /* [nthread] */
    struct pc_lanes *tally; /* [bands] */
    PC_FFTW(plan) col_to_image, col_from_image, row_to_image, row_from_image;
};

#ifndef PC_WIDE
int pc_uvplane_cells(int n, double oversampling)
{
    int want = (int)ceil(oversampling * n);
    return pc_fft_good_size(want > 4 * GUARD ? want : 4 * GUARD, 1);
}
#endif

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static int64_t column_stride(int nv)
{
    int64_t stride = round_up(nv + GUARD, 8);
    /* a stride of a large power of two would send all columns to the same few cache sets */
    return stride % 512 == 0 ? stride + 8 : stride;
}

static int64_t mem_byte(const struct pc_uvplane_conf *c, int max_col)
{
    int64_t byte, plane;
    if (c->nx > 1 << 28 || c->ny > 1 << 28)
        return INT64_MAX;
    const double over = c->kernel->oversampling;
    int64_t nu = pc_uvplane_cells(c->nx, over), ncol = nu / 2 + 1 + 2 * GUARD;
    if (max_col < nu / 2 - GUARD)
        ncol = max_col + 1 + GUARD;
    int64_t col = column_stride(pc_uvplane_cells(c->ny, over)) * 2 * (int64_t)sizeof(pc_real);
    int64_t rooms = c->nthread * (nu * (BAND + 1) * (int64_t)sizeof(pc_real) + 8 * (int64_t)c->nx);
    if (__builtin_mul_overflow(ncol, col, &plane) ||
        __builtin_mul_overflow(pc_mem_whole_byte(plane), (int64_t)c->nplane, &byte) ||
        __builtin_add_overflow(byte, rooms, &byte))
        return INT64_MAX;
    return byte;
}

static int make_rooms(struct pc_uvplane *g, struct pc_err *err)
{
    const int n = g->conf.nthread;
    g->half_stride = round_up(g->nu / 2 + 1, 8);
    g->room = pc_mem_new0(n, sizeof *g->room, "rows of the uv plane", err);
    for (int i = 0; g->room != NULL && i < n; i++) {
        struct room *r = &g->room[i];
        r->half = pc_mem_new0(BAND * g->half_stride, 2 * sizeof(pc_real), "rows of the uv plane", err);
        r->full = pc_mem_new0(g->nu, sizeof(pc_real), "a row of the padded image", err);
        r->factor = pc_mem_new(g->conf.nx, sizeof(double), "a row of the image", err);
        if (r->half == NULL || r->full == NULL || r->factor == NULL)
            return -1;
    }
    return g->room == NULL ? -1 : 0;
}

static int make_plans(struct pc_uvplane *g, struct pc_err *err)
{
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)g->cell[0], *row = (PC_FFTW(complex) *)g->room[0].half;
    pc_real *full = g->room[0].full;
    pc_fft_plan_lock();
    g->col_to_image = PC_FFTW(plan_dft_1d)(g->nv, col, col, FFTW_BACKWARD, FFTW_ESTIMATE);
    g->col_from_image = PC_FFTW(plan_dft_1d)(g->nv, col, col, FFTW_FORWARD, FFTW_ESTIMATE);
    g->row_to_image = PC_FFTW(plan_dft_c2r_1d)(g->nu, row, full, FFTW_ESTIMATE);
    g->row_from_image = PC_FFTW(plan_dft_r2c_1d)(g->nu, full, row, FFTW_ESTIMATE);
    pc_fft_plan_unlock();
    if (g->col_to_image && g->col_from_image && g->row_to_image && g->row_from_image)
        return 0;
    return pc_err_set(err, PC_EX_NOMEM, "no Fourier transform of %d x %d cells could be planned", g->nu,
                      g->nv);
}

static void destroy(PC_FFTW(plan) plan)
{
    if (plan != NULL)
        PC_FFTW(destroy_plan)(plan);
}

static void uvplane_free(struct pc_uvplane *g)
{
    if (g == NULL)
        return;
    pc_fft_plan_lock();
    destroy(g->col_to_image);
    destroy(g->col_from_image);
    destroy(g->row_to_image);
    destroy(g->row_from_image);
    pc_fft_plan_unlock();
    for (int i = 0; g->room != NULL && i < g->conf.nthread; i++) {
        pc_mem_free(g->room[i].half);
        pc_mem_free(g->room[i].full);
        pc_mem_free(g->room[i].factor);
    }
    for (int p = 0; p < g->conf.nplane; p++)
        pc_mem_free(g->cell[p]);
    pc_mem_free(g->room);
    pc_mem_free(g->tally);
    pc_mem_free(g->open);
    pc_mem_free(g->used);
    pc_mem_free(g->corr_x);
    pc_mem_free(g->corr_y);
    pc_mem_free(g);
}

static int make(struct pc_uvplane *g, struct pc_err *err)
{
    const struct pc_uvplane_conf *c = &g->conf;
    g->nu = pc_uvplane_cells(c->nx, c->kernel->oversampling);
    g->nv = pc_uvplane_cells(c->ny, c->kernel->oversampling);
    g->ncol = g->nu / 2 + 1 + 2 * GUARD;
    g->stride = column_stride(g->nv);
    for (int p = 0; p < c->nplane; p++)
        if ((g->cell[p] = pc_mem_new(g->ncol * g->stride, 2 * sizeof(pc_real), "the uv plane", err)) == NULL)
            return -1;
    g->open = pc_mem_new0(g->ncol, sizeof *g->open, "the uv plane's columns", err);
    g->used = pc_mem_new(g->ncol, sizeof *g->used, "the uv plane's columns", err);
    g->corr_x = pc_mem_new(c->nx, sizeof(double), "the kernel's correction", err);
    g->corr_y = pc_mem_new(c->ny, sizeof(double), "the kernel's correction", err);
    g->tally = pc_mem_new(c->ny / BAND + 1, sizeof *g->tally, "statistics of the image", err);
    if (!g->open || !g->used || !g->tally || !g->corr_x || !g->corr_y || make_rooms(g, err) ||
        make_plans(g, err))
        return -1;
    const bool wide = sizeof(pc_real) == sizeof(double);
    pc_kernel_correction(c->kernel, wide, c->nx, g->nu, g->corr_x);
    pc_kernel_correction(c->kernel, wide, c->ny, g->nv, g->corr_y);
    return 0;
}

static struct pc_uvplane *uvplane_new(const struct pc_uvplane_conf *conf, struct pc_err *err)
{
    struct pc_uvplane *g = pc_mem_new0(1, sizeof *g, "the uv plane", err);
    if (g == NULL)
        return NULL;
    g->conf = *conf;
    if (make(g, err) == 0)
        return g;
    uvplane_free(g);
    return NULL;
}

static void uvplane_clear(struct pc_uvplane *g)
{
    memset(g->open, 0, (size_t)g->ncol * sizeof *g->open);
}

static pc_real *column(const struct pc_uvplane *g, int plane, int64_t u)
{
    return g->cell[plane] + 2 * (u + GUARD) * g->stride;
}

static bool is_open(const struct pc_uvplane *g, int64_t u)
{
    return g->open[u + GUARD];
}

static void open_column(struct pc_uvplane *g, int64_t u)
{
    for (int p = 0; p < g->conf.nplane && !is_open(g, u); p++)
        memset(column(g, p, u), 0, (size_t)g->stride * 2 * sizeof(pc_real));
    g->open[u + GUARD] = true;
}

/* ---- samples ---- */

struct spreading {
    struct pc_uvplane *g;
    const struct pc_bins *b;
    int odd; /* of the stripes */
};
struct collecting {
    const struct pc_uvplane *g;
    struct pc_bins *b;
};

static struct pc_touch touch_of(const struct pc_uvplane *g, int64_t from, int64_t to)
{
    struct pc_touch t = {.kernel = g->conf.kernel, .nplane = g->conf.nplane, .from = from, .to = to};
    t.stride = g->stride;
    for (int p = 0; p < g->conf.nplane; p++)
        t.cell[p] = column(g, p, 0);
    return t;
}

/* The columns that samples of a stripe reach. */
static void open_reached(struct pc_uvplane *g, const struct pc_bins *b, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++) {
        const int64_t u = b->place[b->order[i]].u0;
        for (int t = 0; t < g->conf.kernel->ntap; t++)
            if (!is_open(g, u + t))
                open_column(g, u + t);
    }
}

static void spread_stripe(void *ctx, int64_t task, int thread)
{
    const struct spreading *w = ctx;
    const int64_t stripe = 2 * task + w->odd, from = w->b->first[stripe], to = w->b->first[stripe + 1];
    const struct pc_touch t = touch_of(w->g, from, to);
    (void)thread;
    open_reached(w->g, w->b, from, to);
    PC_REAL(pc_touch_spread)(&t, w->b);
}

/* Neighbouring stripes share columns: first the even ones, then the odd. */
static void uvplane_spread(struct pc_uvplane *g, const struct pc_bins *b)
{
    struct spreading w = {g, b, 0};
    pc_threads_run(g->conf.nthread, (b->nstripe + 1) / 2, spread_stripe, &w);
    w.odd = 1;
    pc_threads_run(g->conf.nthread, b->nstripe / 2, spread_stripe, &w);
}

static void collect_stripe(void *ctx, int64_t task, int thread)
{
    const struct collecting *w = ctx;
    const struct pc_touch t = touch_of(w->g, w->b->first[task], w->b->first[task + 1]);
    (void)thread;
    PC_REAL(pc_touch_collect)(&t, w->b);
}

static void uvplane_collect(const struct pc_uvplane *g, struct pc_bins *b)
{
    struct collecting w = {g, b};
    pc_threads_run(g->conf.nthread, b->nstripe, collect_stripe, &w);
}

/* ---- transforms ---- */

/* Adds the conjugate of column `from` at -v to column `to`. */
static void fold_column(struct pc_uvplane *g, int64_t from, int64_t to)
{
    if (!is_open(g, from))
        return;
    open_column(g, to);
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
    pc_real *to;       /* image */
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
static void put_row(const struct transforming *w, const struct room *room, int y)
{
    const struct pc_uvplane *g = w->g;
    const bool add = w->screen != NULL && w->screen->add;
    pc_real *out = w->to + (int64_t)y * g->conf.nx;
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
    gather(w, room->half, y0, nrow);
    if (w->count)
        pc_lanes_clear(&g->tally[task]);
    for (int r = 0; r < nrow; r++) {
        PC_FFTW(complex) *row = (PC_FFTW(complex) *)(room->half + 2 * r * g->half_stride);
        PC_FFTW(execute_dft_c2r)(g->row_to_image, row, room->full);
        put_row(w, room, y0 + r);
        if (w->count)
            PC_REAL(pc_lanes_row)(&g->tally[task], w->to + (int64_t)(y0 + r) * g->conf.nx, g->conf.nx);
    }
}

static int64_t nband(const struct pc_uvplane *g)
{
    return (g->conf.ny + BAND - 1) / BAND;
}

static void uvplane_to_image(struct pc_uvplane *g, double scale, const struct pc_screen *screen,
                             void *const *image, struct pc_tally *tally)
{
    fold(g);
    for (int p = 0; p < g->conf.nplane; p++) {
        struct transforming w = {
            .g = g, .plane = p, .scale = scale, .screen = screen, .to = image[p], .count = tally != NULL};
        pc_threads_run(g->conf.nthread, g->nused, column_to_image, &w);
        pc_threads_run(g->conf.nthread, nband(g), band_to_image, &w);
        if (tally != NULL)
            pc_lanes_sum(g->tally, nband(g), &tally[p]);
    }
    uvplane_clear(g);
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
    open_column(w->g, task);
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
        open_column(g, -a);
        fold_column(g, a, -a);
        if (max_col < g->nu / 2)
            continue;
        open_column(g, g->nu / 2 + a);
        fold_column(g, g->nu / 2 - a, g->nu / 2 + a);
    }
    for (int64_t u = -GUARD; u <= g->nu / 2 + GUARD; u++)
        for (int p = 0; p < g->conf.nplane && is_open(g, u); p++)
            memcpy(column(g, p, u) + 2 * g->nv, column(g, p, u), 2 * GUARD * sizeof(pc_real));
}

static void uvplane_from_image(struct pc_uvplane *g, int max_col, const struct pc_screen *screen,
                               const float *const *image)
{
    /* the taps of a sample near the origin reach over to the other side, GUARD columns far */
    if (max_col < GUARD)
        max_col = GUARD;
    if (max_col > g->nu / 2 - GUARD)
        max_col = g->nu / 2;
    uvplane_clear(g);
    for (int p = 0; p < g->conf.nplane; p++) {
        struct transforming w = {.g = g, .plane = p, .max_col = max_col, .screen = screen, .from = image[p]};
        if (p == 0)
            pc_threads_run(g->conf.nthread, max_col + 1, open_task, &w);
        pc_threads_run(g->conf.nthread, nband(g), band_from_image, &w);
        pc_threads_run(g->conf.nthread, max_col + 1, column_from_image, &w);
    }
    unfold(g, max_col);
}

const struct pc_uvplane_ops PC_REAL(pc_uvplane) = {
    .mem_byte = mem_byte,
    .new = uvplane_new,
    .free = uvplane_free,
    .clear = uvplane_clear,
    .spread = uvplane_spread,
    .collect = uvplane_collect,
    .to_image = uvplane_to_image,
    .from_image = uvplane_from_image,
};
