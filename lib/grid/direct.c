/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/threads.h"
#include "grid/direct_impl.h"

#include <math.h>
#include <stdlib.h>

enum { TASK = 256 }; /* samples that a thread takes at a time; whole blocks of lanes */

struct run {
    const struct pc_direct *d;
    struct pc_batch *b;
};

static void predict_task(void *ctx, int64_t task, int thread)
{
    struct run *run = ctx;
    const struct pc_direct *d = run->d;
    int64_t begin = task * TASK, end = begin + TASK < run->b->n ? begin + TASK : run->b->n;
    pc_direct_sum64(d, run->b, begin, end, d->work + thread * d->work_byte);
}

void pc_direct_predict(const struct pc_direct *d, struct pc_batch *b)
{
    struct run run = {d, b};
    pc_threads_run(d->conf.nthread, (b->n + TASK - 1) / TASK, predict_task, &run);
}

void pc_direct_free(struct pc_direct *d)
{
    if (!d)
        return;
    pc_mem_free(d->col.k);
    pc_mem_free(d->row.k);
    pc_mem_free(d->row_begin);
    pc_mem_free(d->at_col);
    pc_mem_free(d->at_row);
    pc_mem_free(d->value);
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
