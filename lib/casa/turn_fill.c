/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"
#include "base/threads.h"
#include "io/fits.h"

#include <string.h>

enum {
    tile_row = 32,  /* rows turned at a time: their channels stay in cache */
    task_plane = 32 /* planes that one task turns */
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG32(w) __builtin_bswap32(w)
#else
#define BIG32(w) (w)
#endif

static uint32_t fold(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffffu) + (sum >> 32);
    return (uint32_t)sum;
}

/* Turning the samples of some rows into one plane: where from, where to, and what they sum up to. */
struct turning {
    const uint32_t *vis, *weight; /* the first row's */
    int64_t row;                  /* samples of a row there */
    const struct pc_tap *tap; /* [nper], where samples are channels as read; NULL: they follow each other */
    int lo;                   /* the first channel read */
    int nper;
    int64_t n; /* rows */
    uint32_t *to_vis, *to_weight;
    uint64_t sum_vis, sum_weight; /* of the words, for DATASUM */
    struct pc_turn_count *count;
};

/* nc is a constant where it is called, so that the inner loops unroll. */
static inline __attribute__((always_inline)) void turn_by(struct turning *u, const int nc)
{
    uint32_t *dv = u->to_vis, *dw = u->to_weight;
    uint64_t sv = 0, sw = 0;
    double total = 0;
    for (int64_t i = 0; i < u->n; i++)
        for (int k = 0; k < u->nper; k++, dv += 2 * nc, dw += nc) {
            const int64_t from = i * u->row + (int64_t)(u->tap ? u->tap[k].chan - u->lo : k) * nc;
            for (int j = 0; j < 2 * nc; j++) {
                const uint32_t w = u->vis[2 * from + j];
                sv += w;
                dv[j] = BIG32(w);
            }
            for (int j = 0; j < nc; j++) {
                uint32_t w = u->weight[from + j];
                float value;
                memcpy(&value, &w, sizeof value);
                if (!(value > 0)) {
                    u->count->left_out[(int)-value]++;
                    w = 0;
                    value = 0;
                }
                sw += w;
                dw[j] = BIG32(w);
                total += value;
            }
        }
    u->sum_vis = sv;
    u->sum_weight = sw;
    u->count->weight += total;
}

static void turn_rows(struct turning *u, int nc)
{
    switch (nc) {
    case 1:
        turn_by(u, 1);
        break;
    case 2:
        turn_by(u, 2);
        break;
    case 3:
        turn_by(u, 3);
        break;
    default:
        turn_by(u, 4);
    }
}

/* A round: one piece is turned, plane by plane, while the next is read. */
struct round {
    struct pc_turn *t;
    struct pc_turn_piece now, next;
    bool has_now, has_next;
    struct bench *bench; /* [nthread] */
    struct pc_err read_err;
    bool read_failed;
};

/* A thread's own place to work. */
struct bench {
    char *stage;         /* shares of a task's planes, when the scratch is a file */
    float *vis, *weight; /* a tile of interpolated rows */
    struct pc_tap *tap;  /* of one epoch */
    struct pc_err err;
    bool failed;
};

static char *place(const struct round *r, const struct bench *w, int q, int q0, int64_t *weight_at)
{
    const struct pc_turn_piece *p = &r->now;
    const int64_t row = pc_turn_row_size(p->f);
    const int64_t at = pc_turn_share(r->t, q, (int)(p->b - r->t->block))->at;
    char *mem = pc_scratch_at(r->t->scratch, at);
    if (mem) {
        *weight_at = (p->b->nrow - p->at) * row * 8 + p->at * row * 4;
        return mem + p->at * row * 8;
    }
    *weight_at = p->n * row * 8;
    return w->stage + (q - q0) * p->n * row * 12;
}

/* Planes q0 .. q1-1 of the rows of a tile, interpolated. */
static void resample_tile(const struct round *r, const struct bench *w, int q0, int q1, int64_t first,
                          int64_t n)
{
    const struct pc_turn_piece *p = &r->now;
    const struct pc_resample *s = &p->f->r;
    const int nc = p->f->w->ncorr;
    const int64_t nslot = (int64_t)(q1 - q0) * s->nper, in = (int64_t)s->nspan * nc;
    for (int64_t i = 0; i < n; i++) {
        const int epoch = p->c->epoch[first + i];
        if (!s->tap && (i == 0 || epoch != p->c->epoch[first + i - 1]))
            pc_resample_taps(s, q0, q1, epoch, w->tap);
        pc_resample_row(s, s->tap ? s->tap + (int64_t)q0 * s->nper : w->tap, nslot,
                        p->c->vis + (first + i) * in * 2, p->c->weight + (first + i) * in,
                        w->vis + i * nslot * nc * 2, w->weight + i * nslot * nc);
    }
}

static void turn_tile(const struct round *r, const struct bench *w, int q0, int q1, int64_t first, int64_t n)
{
    const struct pc_turn_piece *p = &r->now;
    const struct pc_resample *s = &p->f->r;
    const int nc = p->f->w->ncorr, block = (int)(p->b - r->t->block);
    const int64_t in = (int64_t)s->nspan * nc, row = pc_turn_row_size(p->f);
    if (!s->copies)
        resample_tile(r, w, q0, q1, first, n);
    for (int q = q0; q < q1; q++) {
        struct pc_turn_share *share = pc_turn_share(r->t, q, block);
        int64_t weight_at;
        if (share->at < 0)
            continue;
        char *to = place(r, w, q, q0, &weight_at);
        struct turning u = {.lo = s->lo, .nper = s->nper, .n = n, .count = &r->t->count[q]};
        const int64_t skip = s->copies ? 0 : (q - q0) * row;
        u.row = s->copies ? in : (q1 - q0) * row;
        u.tap = s->copies ? s->tap + (int64_t)q * s->nper : NULL;
        u.vis = (const uint32_t *)(const void *)(s->copies ? p->c->vis + first * in * 2 : w->vis + skip * 2);
        u.weight = (const uint32_t *)(const void *)(s->copies ? p->c->weight + first * in : w->weight + skip);
        u.to_vis = (uint32_t *)(void *)(to + first * row * 8);
        u.to_weight = (uint32_t *)(void *)(to + weight_at + first * row * 4);
        turn_rows(&u, nc);
        share->vis = pc_datasum_add(share->vis, fold(u.sum_vis));
        share->weight = pc_datasum_add(share->weight, fold(u.sum_weight));
    }
}

static int write_stage(const struct round *r, const struct bench *w, int q0, int q1, struct pc_err *err)
{
    const struct pc_turn_piece *p = &r->now;
    const int64_t row = pc_turn_row_size(p->f);
    for (int q = q0; q < q1; q++) {
        const int64_t at = pc_turn_share(r->t, q, (int)(p->b - r->t->block))->at;
        int64_t weight_at;
        if (at < 0)
            continue;
        const char *from = place(r, w, q, q0, &weight_at);
        if (pc_scratch_write(r->t->scratch, at + p->at * row * 8, from, p->n * row * 8, err) ||
            pc_scratch_write(r->t->scratch, at + p->b->nrow * row * 8 + p->at * row * 4, from + weight_at,
                             p->n * row * 4, err))
            return -1;
    }
    return 0;
}

/* Task 0 reads, the others turn some planes each. */
static void work(void *ctx, int64_t task, int thread)
{
    struct round *r = ctx;
    struct bench *w = &r->bench[thread];
    if (task == 0) {
        r->read_failed = r->has_next && pc_turn_read(r->t, &r->next, &r->read_err) != 0;
        return;
    }
    const int nq = r->t->conf.axis->nwanted, q0 = (int)(task - 1) * task_plane;
    const int q1 = q0 + task_plane < nq ? q0 + task_plane : nq;
    for (int64_t i = 0; i < r->now.n; i += tile_row)
        turn_tile(r, w, q0, q1, i, i + tile_row < r->now.n ? tile_row : r->now.n - i);
    if (!pc_scratch_at(r->t->scratch, 0) && !w->failed)
        w->failed = write_stage(r, w, q0, q1, &w->err) != 0;
}

/* ---- the pass ---- */

/* Everything that it owns. */
struct fill {
    struct pc_turn_chunk c[2];
    struct bench *bench;
    int nbench;
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

static int bench_init(struct bench *b, int64_t stage, int64_t tile, struct pc_err *err)
{
    b->stage = pc_mem_new(stage + 1, 12, "rows", err);
    b->vis = b->stage ? pc_mem_new(tile_row * tile, 8, "rows", err) : NULL;
    b->weight = b->vis ? pc_mem_new(tile_row * tile, 4, "rows", err) : NULL;
    b->tap = b->weight ? pc_mem_new(tile, sizeof *b->tap, "rows", err) : NULL;
    return b->tap ? 0 : -1;
}

static void fill_fini(struct fill *f)
{
    for (int i = 0; i < 2; i++) {
        void *const owned[] = {f->c[i].uvw, f->c[i].row, f->c[i].epoch, f->c[i].vis, f->c[i].weight};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            pc_mem_free(owned[k]);
    }
    for (int i = 0; f->bench && i < f->nbench; i++) {
        void *const owned[] = {f->bench[i].stage, f->bench[i].vis, f->bench[i].weight, f->bench[i].tap};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            pc_mem_free(owned[k]);
    }
    pc_mem_free(f->bench);
    pc_mem_free(f->walk.first);
}

static int fill_init(struct fill *f, struct pc_turn *t, struct pc_err *err)
{
    /* A file likes long writes, and rereading the tiles at a chunk's ends costs the less the longer it is. */
    const bool file = !pc_scratch_at(t->scratch, 0);
    const int64_t limit = file ? 512 << 20 : 128 << 20;
    const int64_t budget = t->conf.mem_byte / 4 < limit ? t->conf.mem_byte / 4 : limit;
    const int64_t in = most(t, samples_in), tile = most(t, samples_tile);
    int64_t nrow = 0, rows;
    f->nbench = t->conf.nthread > 1 ? t->conf.nthread : 1;
    rows = budget / (2 * (in * 13 + 64) + (file ? f->nbench * tile * 12 : 0));
    for (int i = 0; i < t->conf.gather->n; i++)
        nrow += t->feed[i].w->nrow;
    rows = rows < nrow ? rows > 0 ? rows : 1 : nrow;
    f->walk = (struct pc_turn_walk){.t = t, .chunk_rows = rows, .end = rows};
    f->walk.first = pc_mem_new0(t->conf.gather->n, sizeof *f->walk.first, "plan", err);
    f->bench = f->walk.first ? pc_mem_new0(f->nbench, sizeof *f->bench, "plan", err) : NULL;
    if (!f->bench || chunk_init(&f->c[0], rows, in, err) || chunk_init(&f->c[1], rows, in, err))
        return -1;
    for (int i = 0; i < f->nbench; i++)
        if (bench_init(&f->bench[i], file ? rows * tile : 0, tile, err))
            return -1;
    return 0;
}

static int first_error(const struct round *r, const struct fill *f, struct pc_err *err)
{
    if (r->read_failed) {
        *err = r->read_err;
        return -1;
    }
    for (int i = 0; i < f->nbench; i++)
        if (f->bench[i].failed) {
            *err = f->bench[i].err;
            return -1;
        }
    return 0;
}

static int run_rounds(struct fill *f, struct pc_turn *t, struct pc_err *err)
{
    const int64_t ntask = (t->conf.axis->nwanted + task_plane - 1) / task_plane;
    struct round r = {.t = t, .bench = f->bench};
    for (int k = 0;; k ^= 1) {
        r.has_next = pc_turn_next(&f->walk, &r.next);
        if (!r.has_next && !r.has_now)
            return 0;
        r.next.c = &f->c[k];
        pc_threads_run(t->conf.nthread, r.has_now ? 1 + ntask : 1, work, &r);
        if (first_error(&r, f, err))
            return -1;
        r.now = r.next;
        r.has_now = r.has_next;
    }
}

int pc_turn_fill(struct pc_turn *t, struct pc_err *err)
{
    struct fill f = {0};
    if (pc_scratch_new(&t->scratch, t->scratch_byte, t->conf.mem_byte / 4 * 3, t->conf.tmpdir, err))
        return -1;
    int status = fill_init(&f, t, err);
    if (status == 0)
        status = run_rounds(&f, t, err);
    fill_fini(&f);
    return status;
}
