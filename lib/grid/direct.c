/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/threads.h"
#include "grid/direct_impl.h"

#include <math.h>
#include <stdlib.h>

enum { LANES = 16, TASK = 16 * LANES }; /* samples that a thread takes at a time: whole blocks */

struct run {
    const struct pc_direct *d;
    struct pc_batch *b;
};

/* A position so large that pixels do not count any more is none. */
static int is_position(double x)
{
    const double most_lambda = 1e15;
    return x > -most_lambda && x < most_lambda;
}

/* A sample without a position is at 0; *lost gets its bit. */
static void load(struct pc_direct_block *k, const struct pc_direct *d, const struct pc_batch *b, int64_t at,
                 int n, unsigned *lost)
{
    *lost = 0;
    for (int i = 0; i < LANES; i++) {
        double u = i < n ? b->u[at + i] : 0, v = i < n ? b->v[at + i] : 0;
        double w = i < n && d->conf.wfull ? b->w[at + i] : 0;
        int good = is_position(u) && is_position(v) && is_position(w);
        k->u[i] = good ? u : 0;
        k->v[i] = good ? v : 0;
        k->w[i] = good ? w : 0;
        *lost |= good ? 0 : 1u << i;
    }
}

static void store(const struct pc_direct_block *k, const struct pc_direct *d, struct pc_batch *b, int64_t at,
                  int n, unsigned lost)
{
    for (int p = 0; p < d->conf.nplane; p++) {
        for (int i = 0; i < n; i++) {
            b->re[p][at + i] = lost >> i & 1 ? 0 : k->re[p][i];
            b->im[p][at + i] = lost >> i & 1 ? 0 : k->im[p][i];
        }
    }
}

/* Whether every |w| is small enough for the series. */
static bool within(const struct pc_direct *d, const struct pc_direct_block *b)
{
    double most_w = 0;
    for (int i = 0; i < LANES; i++)
        most_w = fmax(most_w, fabs(b->w[i]));
    return most_w <= d->conf.max_w;
}

static void predict_task(void *ctx, int64_t task, int thread)
{
    struct run *run = ctx;
    const struct pc_direct *d = run->d;
    void (*sum)(const struct pc_direct *, struct pc_direct_block *, bool, void *) =
        d->conf.single ? pc_direct_sum32 : pc_direct_sum64;
    int64_t begin = task * TASK, end = begin + TASK < run->b->n ? begin + TASK : run->b->n;
    for (int64_t at = begin; at < end; at += LANES) {
        int n = end - at < LANES ? (int)(end - at) : LANES;
        struct pc_direct_block block;
        unsigned lost;
        load(&block, d, run->b, at, n, &lost);
        bool full = d->conf.wfull && !(d->apart && within(d, &block));
        sum(d, &block, full, d->work + thread * d->work_byte);
        store(&block, d, run->b, at, n, lost);
    }
}

void pc_direct_predict(const struct pc_direct *d, struct pc_batch *b)
{
    struct run run = {d, b};
    pc_threads_run(d->conf.nthread, (b->n + TASK - 1) / TASK, predict_task, &run);
}

static void free_axis(struct pc_direct_axis *a)
{
    pc_mem_free(a->k);
    pc_mem_free(a->low);
    pc_mem_free(a->high);
    pc_mem_free(a->height_high);
    pc_mem_free(a->height_low);
}

void pc_direct_free(struct pc_direct *d)
{
    if (!d)
        return;
    free_axis(&d->col);
    free_axis(&d->row);
    pc_mem_free(d->run);
    pc_mem_free(d->at_col);
    pc_mem_free(d->value);
    pc_mem_free(d->value32);
    pc_mem_free(d->nh);
    pc_mem_free(d->nl);
    pc_mem_free(d->work);
    free(d);
}

int64_t pc_direct_ncomponent(const struct pc_direct *d)
{
    return d->n;
}

int pc_direct_ncol(const struct pc_direct *d)
{
    return d->col.n;
}

int pc_direct_nrow(const struct pc_direct *d)
{
    return d->row.n;
}
