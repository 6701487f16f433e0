/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/threads.h"
#include "grid/touch.h"
#include "grid/uvplane_impl.h"
#include "image/fft.h"

#include <math.h>
#include <string.h>

/* The cells: what they take, how samples get on and off. */

#ifndef PC_WIDE
int pc_uvplane_cells(int n, double oversampling)
{
    int want = (int)ceil(oversampling * n);
    return pc_fft_fast_size(want > 4 * GUARD ? want : 4 * GUARD);
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
    int64_t rows = BAND * (c->even ? 2 : 1);
    int64_t room = (nu * (BAND + 1) + c->nx * rows) * (int64_t)sizeof(pc_real) + 8 * (int64_t)c->nx;
    if (__builtin_mul_overflow(ncol, col, &plane) ||
        __builtin_mul_overflow(pc_mem_whole_byte(plane), (int64_t)c->nplane, &byte) ||
        __builtin_add_overflow(byte, c->nthread * room, &byte))
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
        r->image = pc_mem_new(BAND * (int64_t)g->conf.nx, sizeof(pc_real), "rows of the image", err);
        r->factor = pc_mem_new(g->conf.nx, sizeof(double), "a row of the image", err);
        if (r->half == NULL || r->full == NULL || r->image == NULL || r->factor == NULL)
            return -1;
        if (!g->conf.even)
            continue;
        r->twin = pc_mem_new(BAND * (int64_t)g->conf.nx, sizeof(pc_real), "rows of the image", err);
        if (r->twin == NULL)
            return -1;
    }
    return g->room == NULL ? -1 : 0;
}

static int make_plans(struct pc_uvplane *g, struct pc_err *err)
{
    PC_FFTW(complex) *col = (PC_FFTW(complex) *)g->cell[0], *row = (PC_FFTW(complex) *)g->room[0].half;
    pc_real *full = g->room[0].full;
    const bool images = g->conf.images, predicts = g->conf.predicts; /* planning takes milliseconds */
    pc_fft_plan_lock();
    if (images) {
        g->col_to_image = PC_FFTW(plan_dft_1d)(g->nv, col, col, FFTW_BACKWARD, FFTW_ESTIMATE);
        g->row_to_image = PC_FFTW(plan_dft_c2r_1d)(g->nu, row, full, FFTW_ESTIMATE);
    }
    if (predicts) {
        g->col_from_image = PC_FFTW(plan_dft_1d)(g->nv, col, col, FFTW_FORWARD, FFTW_ESTIMATE);
        g->row_from_image = PC_FFTW(plan_dft_r2c_1d)(g->nu, full, row, FFTW_ESTIMATE);
    }
    pc_fft_plan_unlock();
    if ((!images || (g->col_to_image && g->row_to_image)) &&
        (!predicts || (g->col_from_image && g->row_from_image)))
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
        pc_mem_free(g->room[i].image);
        pc_mem_free(g->room[i].twin);
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
    if (c->ny == c->nx)
        memcpy(g->corr_y, g->corr_x, (size_t)c->nx * sizeof(double));
    else
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

void PC_REAL(pc_uvplane_clear)(struct pc_uvplane *g)
{
    memset(g->open, 0, (size_t)g->ncol * sizeof *g->open);
}

void PC_REAL(pc_uvplane_open)(struct pc_uvplane *g, int64_t u)
{
    for (int p = 0; p < g->conf.nplane && !is_open(g, u); p++)
        memset(column(g, p, u), 0, (size_t)g->stride * 2 * sizeof(pc_real));
    g->open[u + GUARD] = true;
}

void PC_REAL(pc_uvplane_fold_column)(struct pc_uvplane *g, int64_t from, int64_t to)
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
                PC_REAL(pc_uvplane_open)(g, u + t);
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

const struct pc_uvplane_ops PC_REAL(pc_uvplane) = {
    .mem_byte = mem_byte,
    .new = uvplane_new,
    .free = uvplane_free,
    .clear = PC_REAL(pc_uvplane_clear),
    .spread = uvplane_spread,
    .collect = uvplane_collect,
    .to_image = PC_REAL(pc_uvplane_to_image),
    .from_image = PC_REAL(pc_uvplane_from_image),
};
