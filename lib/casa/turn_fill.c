/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"
#include "base/threads.h"

enum { task_plane = 32 }; /* planes that one task turns */

/* A round: one piece is turned, plane by plane, while the next is read. */
struct round {
    struct pc_turn *t;
    struct pc_turn_piece now, next;
    bool has_now, has_next;
    struct hand *hand; /* [nthread] */
    struct pc_err read_err;
    bool read_failed;
};

/* A thread's own. */
struct hand {
    struct pc_turn_bench bench;
    struct pc_err err;
    bool failed;
};

/* Task 0 reads, the others turn some planes each. */
static void work(void *ctx, int64_t task, int thread)
{
    struct round *r = ctx;
    struct hand *h = &r->hand[thread];
    if (task == 0) {
        r->read_failed = r->has_next && pc_turn_read(r->t, &r->next, &r->read_err) != 0;
        return;
    }
    const int nq = r->t->conf.axis->nwanted, q0 = (int)(task - 1) * task_plane;
    if (!h->failed)
        h->failed = pc_turn_piece_do(r->t, &r->now, &h->bench, q0,
                                     q0 + task_plane < nq ? q0 + task_plane : nq, &h->err) != 0;
}

/* ---- the pass ---- */

/* Everything that it owns. */
struct fill {
    struct pc_turn_chunk c[2]; /* the second only where threads turn one while another reads */
    struct hand *hand;
    int nhand, nchunk;
    struct pc_turn_walk walk;
};

static int64_t most(const struct pc_turn *t, int64_t (*of)(const struct pc_turn_feed *f))
{
    int64_t m = 1;
    for (int i = 0; i < t->conf.gather->n; i++)
        m = of(&t->feed[i]) > m ? of(&t->feed[i]) : m;
    return m;
}

static int64_t samples_in(const struct pc_turn_feed *f)
{
    return (int64_t)f->r.nspan * f->w->ncorr;
}

/* Of the planes of a task. */
static int64_t samples_tile(const struct pc_turn_feed *f)
{
    const int nq = f->r.axis->nwanted;
    return pc_turn_row_size(f) * (nq < task_plane ? nq : task_plane);
}

static int chunk_init(struct pc_turn_chunk *c, int64_t rows, int64_t in, struct pc_err *err)
{
    c->rows = rows;
    c->uvw = pc_mem_new(rows * 3, sizeof(double), "rows", err);
    c->row = c->uvw ? pc_mem_new(rows * 4, sizeof(double), "rows", err) : NULL;
    c->epoch = c->row ? pc_mem_new(rows, sizeof(int), "rows", err) : NULL;
    c->vis = c->epoch ? pc_mem_new(rows * in, 8, "rows", err) : NULL;
    c->weight = c->vis ? pc_mem_new(rows * in, 4, "rows", err) : NULL;
    return c->weight ? 0 : -1;
}

static int bench_init(struct pc_turn_bench *b, int64_t stage, int64_t tile, struct pc_err *err)
{
    b->stage = pc_mem_new(stage + 1, 12, "rows", err);
    b->vis = b->stage ? pc_mem_new(PC_TURN_TILE_ROW * tile, 8, "rows", err) : NULL;
    b->weight = b->vis ? pc_mem_new(PC_TURN_TILE_ROW * tile, 4, "rows", err) : NULL;
    b->tap = b->weight ? pc_mem_new(tile, sizeof *b->tap, "rows", err) : NULL;
    return b->tap ? pc_turning_init(&b->turning, PC_TURN_TILE_ROW, tile, err) : -1;
}

static void fill_fini(struct fill *f)
{
    for (int i = 0; i < 2; i++) {
        void *const owned[] = {f->c[i].uvw, f->c[i].row, f->c[i].epoch, f->c[i].vis, f->c[i].weight};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            pc_mem_free(owned[k]);
    }
    for (int i = 0; f->hand && i < f->nhand; i++) {
        struct pc_turn_bench *b = &f->hand[i].bench;
        void *const owned[] = {b->stage, b->vis, b->weight, b->tap};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            pc_mem_free(owned[k]);
        pc_turning_fini(&b->turning);
    }
    pc_mem_free(f->hand);
    pc_mem_free(f->walk.first);
}

/* An eighth of the data, so that reading and turning overlap, but no less than pays for a round; files like
 * long writes. */
static int64_t chunk_byte(const struct pc_turn *t, int64_t mem_byte)
{
    const int64_t least = 128 << 20, most = 512 << 20;
    int64_t n = 0;
    for (int i = 0; i < t->conf.gather->n; i++)
        n += t->feed[i].w->nrow * samples_in(&t->feed[i]);
    n = n < least ? least : n < most ? n : most;
    return n < mem_byte / 4 ? n : mem_byte / 4;
}

static int64_t chunk_rows(const struct pc_turn *t, const struct fill *f, int64_t in, int64_t stage)
{
    const int64_t each = f->nchunk * (in * 13 + 64) + f->nhand * stage * 12;
    int64_t nrow = 0, rows = chunk_byte(t, t->conf.mem_byte) / each;
    for (int i = 0; i < t->conf.gather->n; i++)
        nrow += t->feed[i].w->nrow;
    return rows < nrow ? rows > 0 ? rows : 1 : nrow;
}

/* Where several windows take turns in the same rows, they may share tiles. */
static void expect(const struct pc_turn *t, int64_t rows)
{
    const struct pc_gather *g = t->conf.gather;
    const int64_t least = 64 << 20, limit = t->conf.mem_byte / 4 > least ? t->conf.mem_byte / 4 : least;
    for (int i = 0, next; i < g->n; i = next) {
        int lo = t->feed[i].r.lo, end = lo;
        for (next = i; next < g->n && g->feed[next].ms == g->feed[i].ms; next++) {
            const struct pc_resample *r = &t->feed[next].r;
            lo = r->lo < lo ? r->lo : lo;
            end = r->lo + r->nspan > end ? r->lo + r->nspan : end;
        }
        pc_ms_expect(g->feed[i].ms, lo, end > lo ? end - lo : 1, next - i > 1 ? rows : 1, limit);
    }
}

static int fill_init(struct fill *f, struct pc_turn *t, struct pc_err *err)
{
    const int64_t in = most(t, samples_in), tile = most(t, samples_tile);
    const int64_t stage = pc_turn_is_staged(t) ? tile : 0;
    f->nhand = t->conf.nthread > 1 ? t->conf.nthread : 1;
    f->nchunk = f->nhand > 1 ? 2 : 1;
    const int64_t rows = chunk_rows(t, f, in, stage);
    expect(t, rows);
    f->walk = (struct pc_turn_walk){.t = t, .chunk_rows = rows, .end = rows};
    f->walk.first = pc_mem_new0(t->conf.gather->n, sizeof *f->walk.first, "plan", err);
    f->hand = f->walk.first ? pc_mem_new0(f->nhand, sizeof *f->hand, "plan", err) : NULL;
    if (!f->hand)
        return -1;
    for (int i = 0; i < f->nchunk; i++)
        if (chunk_init(&f->c[i], rows, in, err))
            return -1;
    for (int i = 0; i < f->nhand; i++)
        if (bench_init(&f->hand[i].bench, rows * stage, tile, err))
            return -1;
    return 0;
}

/* Reads r->next where there is one, and turns r->now where there is one. */
static int step(struct round *r, const struct fill *f, struct pc_err *err)
{
    const int64_t ntask = (r->t->conf.axis->nwanted + task_plane - 1) / task_plane;
    pc_threads_run(f->nhand, r->has_now ? 1 + ntask : 1, work, r);
    if (r->read_failed) {
        *err = r->read_err;
        return -1;
    }
    for (int i = 0; i < f->nhand; i++)
        if (f->hand[i].failed) {
            *err = f->hand[i].err;
            return -1;
        }
    return 0;
}

/* One thread turns what it has just read while its caches hold some of it. */
static int take_turns(struct fill *f, struct round *r, struct pc_err *err)
{
    while (pc_turn_next(&f->walk, &r->next)) {
        r->next.c = &f->c[0];
        *r = (struct round){.t = r->t, .hand = r->hand, .next = r->next, .has_next = true};
        if (step(r, f, err))
            return -1;
        *r = (struct round){.t = r->t, .hand = r->hand, .now = r->next, .has_now = true};
        if (step(r, f, err))
            return -1;
    }
    return 0;
}

static int overlap(struct fill *f, struct round *r, struct pc_err *err)
{
    for (int k = 0;; k ^= 1) {
        r->has_next = pc_turn_next(&f->walk, &r->next);
        if (!r->has_next && !r->has_now)
            return 0;
        r->next.c = &f->c[k];
        if (step(r, f, err))
            return -1;
        r->now = r->next;
        r->has_now = r->has_next;
    }
}

int pc_turn_fill(struct pc_turn *t, struct pc_err *err)
{
    struct fill f = {0};
    if (pc_scratch_new(&t->scratch, t->scratch_byte, t->conf.mem_byte / 4 * 3, t->conf.tmpdir, err))
        return -1;
    int status = fill_init(&f, t, err);
    struct round r = {.t = t, .hand = f.hand};
    if (status == 0)
        status = f.nchunk == 1 ? take_turns(&f, &r, err) : overlap(&f, &r, err);
    fill_fini(&f);
    return status;
}
