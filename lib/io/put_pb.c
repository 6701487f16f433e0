/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/put_pb.h"

#include "base/mem.h"
#include "base/threads.h"
#include "io/rows_out.h"

#include <stdatomic.h>
#include <string.h>

enum { BAND = 16 };

struct pc_pb_out {
    const struct pc_pb_rows *rows;
    struct pc_rows_out *out;
    float *room; /* [nthread][2][BAND][nx] */
    int nthread;
    _Atomic int next; /* band */
};

/* Rows from .. to-1, and those on the other side that are like some of them. */
static void put_run(const struct pc_pb_out *w, int thread, int from, int to)
{
    const struct pc_pb_rows *r = w->rows;
    float *here = w->room + (int64_t)thread * 2 * BAND * r->nx, *there = here + (int64_t)BAND * r->nx;
    int n = 0, lowest = 0;
    for (int y = from; y < to; y++)
        pc_pb_rows_fill(r, y, here + (int64_t)(y - from) * r->nx);
    pc_rows_out_take(w->out, thread, 0, from, to - from, here);
    for (int y = to - 1; y >= from; y--) { /* twins in ascending order */
        const int twin = pc_pb_rows_twin(r, y);
        if (twin < 0)
            continue;
        lowest = n == 0 ? twin : lowest;
        memcpy(there + (int64_t)n++ * r->nx, here + (int64_t)(y - from) * r->nx,
               (size_t)r->nx * sizeof *there);
    }
    if (n > 0)
        pc_rows_out_take(w->out, thread, 0, lowest, n, there);
}

/* It is put with a row further south. */
static bool is_second(const struct pc_pb_rows *r, int y)
{
    const int twin = pc_pb_rows_twin(r, y);
    return twin >= 0 && twin < y;
}

static int nband(const struct pc_pb_out *o)
{
    return (o->rows->ny + BAND - 1) / BAND;
}

bool pc_pb_out_busy(const struct pc_pb_out *o)
{
    return pc_rows_out_busy(o->out);
}

void pc_pb_out_step(struct pc_pb_out *o, int thread)
{
    const struct pc_pb_rows *r = o->rows;
    const int band = atomic_load(&o->next) < nband(o) ? atomic_fetch_add(&o->next, 1) : nband(o);
    const int y0 = band * BAND, end = r->ny - y0 < BAND ? r->ny : y0 + BAND;
    for (int y = y0, to; y < end; y = to) {
        const bool second = is_second(r, y);
        for (to = y + 1; to < end && is_second(r, to) == second;)
            to++;
        if (!second)
            put_run(o, thread, y, to);
    }
}

static void step(void *ctx, int64_t task, int thread)
{
    (void)task;
    pc_pb_out_step(ctx, thread);
}

int pc_pb_out_begin(struct pc_pb_out **out, struct pc_pass *pass, const char *name,
                    const struct pc_imhead *head, const struct pc_pb_rows *rows, int nthread,
                    struct pc_err *err)
{
    const struct pc_rows_out_conf conf = {.name = name, .head = head, .alike = true, .nthread = nthread};
    struct pc_pb_out *o = *out = pc_mem_new0(1, sizeof *o, "rows of pb.fits", err);
    if (!o)
        return -1;
    o->rows = rows;
    o->nthread = nthread;
    o->room = pc_mem_new((int64_t)nthread * 2 * BAND * head->nx, sizeof *o->room, "rows of pb.fits", err);
    if (o->room && !pc_rows_out_begin(&o->out, pass, &conf, err))
        return 0;
    pc_pb_out_free(o);
    *out = NULL;
    return -1;
}

int pc_pb_out_end(struct pc_pb_out *o, struct pc_err *err)
{
    struct pc_rows_out *out = o->out;
    const int left = nband(o) - atomic_load(&o->next);
    pc_threads_run(o->nthread, left > 0 ? left : 0, step, o);
    o->out = NULL;
    pc_pb_out_free(o);
    return pc_rows_out_end(out, err);
}

void pc_pb_out_free(struct pc_pb_out *o)
{
    if (!o)
        return;
    pc_rows_out_free(o->out);
    pc_mem_free(o->room);
    pc_mem_free(o);
}
