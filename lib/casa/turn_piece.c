/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "io/fill.h"
#include "io/fits.h"

#include <stdio.h>

bool pc_turn_is_staged(const struct pc_turn *t)
{
    return t->conf.dir || !pc_scratch_at(t->scratch, 0);
}

/* What a thread is at. */
struct doing {
    struct pc_turn *t;
    const struct pc_turn_piece *p;
};

/* Where the share of plane q goes: its vis, and from there its weights. */
static char *place(const struct doing *r, const struct pc_turn_bench *w, int q, int q0, int64_t *weight_at)
{
    const struct pc_turn_piece *p = r->p;
    const int64_t row = pc_turn_row_size(p->f);
    const int64_t at = pc_turn_share(r->t, q, (int)(p->b - r->t->block))->at;
    if (!pc_turn_is_staged(r->t)) {
        char *mem = pc_scratch_at(r->t->scratch, at);
        *weight_at = (p->b->nrow - p->at) * row * 8 + p->at * row * 4;
        return mem + p->at * row * 8;
    }
    *weight_at = p->n * row * 8;
    return w->stage + (q - q0) * p->n * row * 12;
}

/* Planes q0 .. q1-1 of the rows of a tile, interpolated. */
static void resample_tile(const struct doing *r, const struct pc_turn_bench *w, int q0, int q1, int64_t first,
                          int64_t n)
{
    const struct pc_turn_piece *p = r->p;
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

/* Whether the samples of planes q0 .. q1-1 follow each other in the rows as read. */
static bool is_run(const struct pc_resample *s, int q0, int q1)
{
    const struct pc_tap *tap = s->copies ? s->tap + (int64_t)q0 * s->nper : NULL;
    const int n = (q1 - q0) * s->nper;
    for (int k = 1; tap && k < n; k++)
        if (tap[k].chan != tap[0].chan + k)
            return false;
    return tap != NULL;
}

static void turn_tile(const struct doing *r, struct pc_turn_bench *w, int q0, int q1, int64_t first, int n)
{
    const struct pc_turn_piece *p = r->p;
    const struct pc_resample *s = &p->f->r;
    const int nc = p->f->w->ncorr, block = (int)(p->b - r->t->block);
    const int64_t row = pc_turn_row_size(p->f);
    if (is_run(s, q0, q1)) {
        const int64_t in = (int64_t)s->nspan * nc,
                      at = first * in + (s->tap[(int64_t)q0 * s->nper].chan - s->lo) * nc;
        pc_turning_take(&w->turning, p->c->vis + 2 * at, p->c->weight + at, in, n);
    } else {
        resample_tile(r, w, q0, q1, first, n);
        pc_turning_take(&w->turning, w->vis, w->weight, (q1 - q0) * row, n);
    }
    for (int q = q0; q < q1; q++) {
        int64_t weight_at;
        if (pc_turn_share(r->t, q, block)->at < 0)
            continue;
        char *to = place(r, w, q, q0, &weight_at);
        pc_turning_deal(&w->turning, q - q0, n, to + first * row * 8, to + weight_at + first * row * 4);
    }
}

static void add_sums(const struct doing *r, const struct pc_turn_bench *w, int q0, int q1)
{
    for (int q = q0; q < q1; q++) {
        struct pc_turn_share *share = pc_turn_share(r->t, q, (int)(r->p->b - r->t->block));
        struct pc_turn_count *c = &r->t->count[q];
        if (share->at < 0)
            continue;
        const struct pc_turned sums = pc_turning_sums(&w->turning, q - q0);
        share->vis = pc_datasum_add(share->vis, sums.vis);
        share->weight = pc_datasum_add(share->weight, sums.weight);
        c->weight += sums.total;
        for (int k = 0; k < PC_LEFT_NREASON; k++)
            c->left_out[k] += sums.left_out[k];
    }
}

/* The piece's share of one plane into the members that hold it. */
static int fill_members(const struct doing *r, int q, const char *vis, const char *weight, struct pc_err *err)
{
    const struct pc_turn_piece *p = r->p;
    const struct pc_turn *t = r->t;
    const struct pc_vis_head *h = p->b->head;
    const int64_t row = pc_turn_row_size(p->f);
    const int chan = t->conf.axis->wanted[q], name = pc_turn_share(t, q, (int)(p->b - t->block))->name;
    char member[2][40];
    snprintf(member[0], sizeof member[0], "vis%05d/%s", name, pc_turn_member[PC_TURN_VIS]);
    snprintf(member[1], sizeof member[1], "vis%05d/%s", name, pc_turn_member[PC_TURN_WEIGHT]);
    if (pc_fill_piece(t->conf.dir, chan, member[0], (int64_t)h[PC_TURN_VIS].text.len + p->at * row * 8, vis,
                      p->n * row * 8, err) ||
        pc_fill_piece(t->conf.dir, chan, member[1], (int64_t)h[PC_TURN_WEIGHT].text.len + p->at * row * 4,
                      weight, p->n * row * 4, err))
        return -1;
    return 0;
}

static int spool(const struct doing *r, int64_t at, const char *vis, const char *weight, struct pc_err *err)
{
    const struct pc_turn_piece *p = r->p;
    const int64_t row = pc_turn_row_size(p->f);
    if (pc_scratch_write(r->t->scratch, at + p->at * row * 8, vis, p->n * row * 8, err) ||
        pc_scratch_write(r->t->scratch, at + p->b->nrow * row * 8 + p->at * row * 4, weight, p->n * row * 4,
                         err))
        return -1;
    return 0;
}

static int write_stage(const struct doing *r, const struct pc_turn_bench *w, int q0, int q1,
                       struct pc_err *err)
{
    for (int q = q0; q < q1; q++) {
        const int64_t at = pc_turn_share(r->t, q, (int)(r->p->b - r->t->block))->at;
        int64_t weight_at;
        if (at < 0)
            continue;
        const char *vis = place(r, w, q, q0, &weight_at), *weight = vis + weight_at;
        if (r->t->conf.dir ? fill_members(r, q, vis, weight, err) : spool(r, at, vis, weight, err))
            return -1;
    }
    return 0;
}

int pc_turn_piece_do(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_turn_bench *w, int q0,
                     int q1, struct pc_err *err)
{
    const struct doing r = {t, p};
    pc_turning_start(&w->turning, q1 - q0, pc_turn_row_size(p->f));
    for (int64_t i = 0; i < p->n; i += PC_TURN_TILE_ROW)
        turn_tile(&r, w, q0, q1, i, i + PC_TURN_TILE_ROW < p->n ? PC_TURN_TILE_ROW : (int)(p->n - i));
    add_sums(&r, w, q0, q1);
    return pc_turn_is_staged(t) ? write_stage(&r, w, q0, q1, err) : 0;
}
