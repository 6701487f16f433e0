/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"

const char *const pc_turn_member[PC_TURN_NMEMBER] = {"uvw.fits", "freq.fits", "vis.fits", "weight.fits",
                                                     "row.fits"};

static const int64_t block_byte = 64 << 20; /* of vis; part of the format: DESIGN section 2 */

static int plan_contsub(struct pc_turn_feed *f, int order, struct pc_err *err)
{
    int *fit = pc_mem_new(f->w->nfit + 1, sizeof *fit, "continuum fit", err);
    if (!fit)
        return -1;
    for (int i = 0; i < f->w->nfit; i++)
        fit[i] = f->w->fit[i] - f->r.lo;
    const int status =
        pc_contsub_init(&f->contsub, order, f->w->freq_hz + f->r.lo, f->r.nspan, fit, f->w->nfit, err);
    pc_mem_free(fit);
    return status;
}

static int plan_feed(struct pc_turn *t, int i, struct pc_err *err)
{
    struct pc_turn_feed *f = &t->feed[i];
    f->w = t->conf.gather->window[i];
    if (pc_resample_init(&f->r, t->conf.axis, f->w, err))
        return -1;
    if (i == 0 && f->r.nspan == 0) /* planes without data have a row of it */
        f->r.nspan = 1;
    if (f->r.nspan > 0 && f->w->nfit > 0) {
        pc_resample_widen(&f->r, f->w->fit[0], f->w->fit[f->w->nfit - 1]);
        if (plan_contsub(f, t->conf.fitorder, err))
            return -1;
    }
    f->rows_per_block = block_byte / (8 * pc_turn_row_size(f));
    if (f->rows_per_block < 1)
        f->rows_per_block = 1;
    f->block0 = t->nblock;
    f->nblock = (int)((f->w->nrow + f->rows_per_block - 1) / f->rows_per_block);
    t->nblock += f->nblock;
    return 0;
}

static void place_shared(struct pc_turn *t)
{
    for (int i = 0, b = 0; i < t->conf.gather->n; i++) {
        const struct pc_turn_feed *f = &t->feed[i];
        for (int64_t first = 0; first < f->w->nrow; first += f->rows_per_block, b++) {
            const int64_t left = f->w->nrow - first, n = left < f->rows_per_block ? left : f->rows_per_block;
            t->block[b] = (struct pc_turn_block){.feed = i, .first = first, .nrow = n, .first_chan = -1};
            t->block[b].uvw_at = t->scratch_byte;
            t->block[b].row_at = t->scratch_byte + n * 24;
            t->scratch_byte += n * 56;
        }
    }
}

static void place_plane(struct pc_turn *t, int q)
{
    struct pc_turn_count *c = &t->count[q];
    for (int i = 0; i < t->conf.gather->n; i++)
        c->nreach += t->feed[i].r.nrow[q];
    for (int b = 0; b < t->nblock; b++) {
        const struct pc_turn_feed *f = &t->feed[t->block[b].feed];
        const int64_t n = t->block[b].nrow * pc_turn_row_size(f);
        struct pc_turn_share *s = pc_turn_share(t, q, b);
        s->at = -1;
        if (f->r.nrow[q] == 0)
            continue;
        s->at = t->scratch_byte;
        s->name = (int)c->nblock;
        t->scratch_byte += t->conf.dir ? 0 : n * 12;
        c->nrow += t->block[b].nrow;
        c->nsample += n;
        c->nblock++;
    }
    if (c->nblock > 0)
        return;
    c->nrow = c->nblock = 1;
    c->nsample = c->left_out[PC_LEFT_OUTSIDE] = pc_turn_row_size(&t->feed[0]);
}

/* Members of a block differ between channels in their data and sums only. */
static int plan_heads(struct pc_turn *t, struct pc_err *err)
{
    pc_text_add(&t->history, "%s", t->conf.history);
    if (pc_text_ok(&t->history, err))
        return -1;
    for (int i = 0; i < t->nblock; i++) {
        struct pc_turn_block *b = &t->block[i];
        const struct pc_turn_feed *f = &t->feed[b->feed];
        b->shape = (struct pc_visblock){.nrow = b->nrow,
                                        .ncorr = f->w->ncorr,
                                        .nchan = f->r.nper,
                                        .freq_per_row = f->r.freq_per_row,
                                        .info = f->w->info,
                                        .history = t->history};
        b->shape.info.restfreq_hz = t->conf.axis->restfreq_hz;
        for (int k = 0; k < PC_TURN_NMEMBER; k++)
            if (pc_vis_head_make(&b->head[k], pc_turn_member[k], &b->shape, err))
                return -1;
    }
    return 0;
}

int pc_turn_new(struct pc_turn **turn, const struct pc_turn_conf *conf, struct pc_err *err)
{
    struct pc_turn *t = pc_mem_new0(1, sizeof *t, "plan", err);
    *turn = t;
    if (!t)
        return -1;
    t->conf = *conf;
    t->feed = pc_mem_new0(conf->gather->n, sizeof *t->feed, "plan", err);
    if (!t->feed)
        goto fail;
    for (int i = 0; i < conf->gather->n; i++)
        if (plan_feed(t, i, err))
            goto fail;
    t->block = pc_mem_new0(t->nblock, sizeof *t->block, "plan", err);
    t->share = pc_mem_new0((int64_t)t->nblock * conf->axis->nwanted, sizeof *t->share, "plan", err);
    t->count = pc_mem_new0(conf->axis->nwanted, sizeof *t->count, "plan", err);
    if (!t->block || !t->share || !t->count)
        goto fail;
    place_shared(t);
    for (int q = 0; q < conf->axis->nwanted; q++)
        place_plane(t, q);
    if (plan_heads(t, err) == 0)
        return 0;
fail:
    pc_turn_free(t);
    *turn = NULL;
    return -1;
}

void pc_turn_free(struct pc_turn *t)
{
    if (!t)
        return;
    for (int i = 0; t->feed && i < t->conf.gather->n; i++) {
        pc_resample_fini(&t->feed[i].r);
        pc_contsub_fini(&t->feed[i].contsub);
    }
    for (int i = 0; t->block && i < t->nblock; i++)
        for (int k = 0; k < PC_TURN_NMEMBER; k++)
            pc_vis_head_free(&t->block[i].head[k]);
    pc_text_free(&t->history);
    pc_scratch_free(t->scratch);
    pc_mem_free(t->feed);
    pc_mem_free(t->block);
    pc_mem_free(t->share);
    pc_mem_free(t->count);
    pc_mem_free(t);
}

struct pc_turn_count pc_turn_counts(const struct pc_turn *t, int i)
{
    return t->count[i];
}

struct pc_contsub_count pc_turn_unfit(const struct pc_turn *t)
{
    return t->unfit;
}

int64_t pc_turn_beyond(const struct pc_turn *t)
{
    int64_t n = 0;
    for (int i = 0; i < t->conf.gather->n; i++)
        n += pc_resample_beyond(&t->feed[i].r);
    return n;
}
