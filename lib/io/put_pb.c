/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/put_pb.h"

#include "base/mem.h"
#include "base/threads.h"
#include "io/rows_out.h"

#include <string.h>

enum { BAND = 16 };

struct putting {
    const struct pc_pb_rows *rows;
    struct pc_rows_out *out;
    float *room; /* [nthread][2][BAND][nx] */
};

/* Rows from .. to-1, and those on the other side that are like some of them. */
static void put_run(const struct putting *w, int thread, int from, int to)
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

static void put_band(void *ctx, int64_t task, int thread)
{
    const struct putting *w = ctx;
    const int y0 = (int)task * BAND, end = w->rows->ny - y0 < BAND ? w->rows->ny : y0 + BAND;
    for (int y = y0, to; y < end; y = to) {
        const bool second = is_second(w->rows, y);
        for (to = y + 1; to < end && is_second(w->rows, to) == second;)
            to++;
        if (!second)
            put_run(w, thread, y, to);
    }
}

int pc_pass_put_pb(struct pc_pass *pass, const char *name, const struct pc_imhead *head,
                   const struct pc_pb_rows *rows, int nthread, struct pc_err *err)
{
    const struct pc_rows_out_conf conf = {.name = name, .head = head, .alike = true, .nthread = nthread};
    struct putting w = {.rows = rows};
    w.room = pc_mem_new((int64_t)nthread * 2 * BAND * head->nx, sizeof *w.room, "rows of pb.fits", err);
    if (!w.room || pc_rows_out_begin(&w.out, pass, &conf, err)) {
        pc_mem_free(w.room);
        return -1;
    }
    pc_threads_run(nthread, (head->ny + BAND - 1) / BAND, put_band, &w);
    pc_mem_free(w.room);
    return pc_rows_out_end(w.out, err);
}
