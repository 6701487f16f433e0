/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"
#include "io/fits.h"

bool pc_turn_next(struct pc_turn_walk *k, struct pc_turn_piece *p)
{
    const struct pc_gather *g = k->t->conf.gather;
    while (k->feed < g->n) {
        const struct pc_feed *from = &g->feed[k->feed];
        const struct pc_turn_feed *f = &k->t->feed[k->feed];
        const int64_t first = k->first[k->feed], per = f->rows_per_block;
        const int64_t stop = f->r.nspan > 0 ? pc_ms_window_find(from->ms, from->window, k->end) : 0;
        if (first < stop) {
            const int64_t room = per - first % per, n = room < stop - first ? room : stop - first;
            struct pc_turn_block *b = &k->t->block[f->block0 + first / per];
            *p = (struct pc_turn_piece){.f = f, .b = b, .at = first - b->first, .n = n};
            k->first[k->feed] += n;
            return true;
        }
        k->feed++;
        if (k->feed < g->n && g->feed[k->feed].ms == from->ms)
            continue;
        if (k->end < pc_ms_row_count(from->ms)) {
            k->end += k->chunk_rows;
            k->feed = k->ms_feed;
        } else {
            pc_ms_park(from->ms);
            k->end = k->chunk_rows;
            k->ms_feed = k->feed;
        }
    }
    return false;
}

/* While a row's whole spectrum is at hand, in the data's own channels and phase centre. */
static int subtract_continuum(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_err *err)
{
    const int64_t row = (int64_t)p->f->r.nspan * p->f->w->ncorr;
    double *work = pc_mem_new(pc_contsub_nwork(&p->f->contsub), sizeof *work, "continuum fit", err);
    if (!work)
        return -1;
    for (int64_t i = 0; i < p->n; i++)
        pc_contsub_row(&p->f->contsub, p->f->w->ncorr, p->c->vis + 2 * i * row, p->c->weight + i * row, work,
                       &t->unfit);
    pc_mem_free(work);
    return 0;
}

static void drop_unselected(const struct pc_turn_feed *f, const struct pc_turn_piece *p)
{
    const int nc = f->w->ncorr;
    if (f->w->nsel == f->w->nchan)
        return;
    for (int64_t i = 0; i < p->n; i++)
        for (int k = 0; k < f->r.nspan; k++)
            for (int j = 0; j < nc && !f->r.selected[f->r.lo + k]; j++)
                p->c->weight[(i * f->r.nspan + k) * nc + j] = -PC_LEFT_OUTSIDE;
}

/* To the phase centre of the image, in the data's own channels. Phases turn by the frequencies at which uv
 * counts: those of the axis's frame. */
static void recenter(const struct pc_turn_feed *f, const struct pc_turn_piece *p)
{
    const int64_t row = (int64_t)f->r.nspan * f->w->ncorr * 2;
    for (int64_t i = 0; i < p->n; i++) {
        const double path =
            pc_shift_uvw(f->w->track ? &f->w->track[p->c->epoch[i]] : &f->w->shift, p->c->uvw + 3 * i);
        pc_shift_vis(path * f->w->epoch[p->c->epoch[i]].factor, f->w->freq_hz + f->r.lo, f->r.nspan,
                     f->w->ncorr, p->c->vis + i * row);
    }
}

static int store_shared(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_err *err)
{
    pc_swap_f64(p->c->uvw, p->c->uvw, p->n * 3);
    pc_swap_f64(p->c->row, p->c->row, p->n * 4);
    p->b->uvw_sum = pc_datasum_bytes(p->b->uvw_sum, p->c->uvw, p->n * 24);
    p->b->row_sum = pc_datasum_bytes(p->b->row_sum, p->c->row, p->n * 32);
    if (pc_scratch_write(t->scratch, p->b->uvw_at + p->at * 24, p->c->uvw, p->n * 24, err) ||
        pc_scratch_write(t->scratch, p->b->row_at + p->at * 32, p->c->row, p->n * 32, err))
        return -1;
    return 0;
}

int pc_turn_read(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_err *err)
{
    const struct pc_turn_feed *f = p->f;
    const struct pc_feed *from = &t->conf.gather->feed[p->b->feed];
    const struct pc_turn_chunk *c = p->c;
    struct pc_ms_rows rows = {
        p->b->first + p->at, p->n, f->r.lo, 1, f->r.nspan, c->uvw, c->row, c->vis, c->weight};
    if (pc_ms_read(from->ms, from->window, &rows, err))
        return -1;
    for (int64_t i = 0; i < p->n; i++)
        c->epoch[i] = pc_ms_epoch_find(f->w, c->row[4 * i + 1], i > 0 ? c->epoch[i - 1] : 0);
    if (f->contsub.nchan > 0 && subtract_continuum(t, p, err))
        return -1;
    drop_unselected(f, p);
    if (f->w->shifted)
        recenter(f, p);
    return store_shared(t, p, err);
}
