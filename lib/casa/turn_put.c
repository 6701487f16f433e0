/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"
#include "io/fits.h"

#include <stdio.h>
#include <string.h>

enum { copy_byte = 1 << 20 };

/* One channel on its way out. */
struct out {
    struct pc_turn *t;
    int i; /* of the wanted ones */
    struct pc_pass *pass;
    bool may_link;
    char *buf; /* copy_byte */
};

/* n bytes of the scratch as the data of a member. */
static int put_stored(struct out *o, int block, const char *which, const struct pc_visblock *shape,
                      uint32_t sum, int64_t at, int64_t n, struct pc_err *err)
{
    if (pc_vis_put_begin(o->pass, block, which, shape, sum, err))
        return -1;
    const char *mem = pc_scratch_at(o->t->scratch, at);
    for (int64_t done = 0; done < n;) {
        const int64_t part = n - done < copy_byte ? n - done : copy_byte;
        if (!mem && pc_scratch_read(o->t->scratch, at + done, o->buf, part, err))
            return -1;
        if (pc_pass_write(o->pass, mem ? mem + done : o->buf, (size_t)part, err))
            return -1;
        done += part;
    }
    return pc_vis_put_end(o->pass, err);
}

/* Members that are the same in all channels are links to the first one's where there can be links. */
static int put_shared(struct out *o, int block, const char *which, const struct pc_visblock *shape,
                      uint32_t sum, int64_t at, int64_t n, struct pc_err *err)
{
    char name[40];
    if (!o->may_link || o->t->first_put < 0)
        return put_stored(o, block, which, shape, sum, at, n, err);
    snprintf(name, sizeof name, "vis%05d/%s", block, which);
    return pc_pass_put_link(o->pass, name, o->t->first_put, err);
}

static int put_freq(struct out *o, int block, const struct pc_visblock *shape, struct pc_err *err)
{
    const struct pc_turn_feed *f = &o->t->feed[o->t->block[block].feed];
    const int plane = o->t->conf.axis->wanted[o->i];
    double *freq = pc_mem_new(f->nper, sizeof *freq, "frequencies", err);
    if (!freq)
        return -1;
    for (int k = 0; k < f->nper; k++)
        freq[k] = f->w->freq_hz[f->chan[(int64_t)plane * f->nper + k]];
    const uint32_t sum = pc_datasum_f64(0, freq, f->nper);
    pc_swap_f64(freq, freq, f->nper);
    int status = pc_vis_put_begin(o->pass, block, "freq.fits", shape, sum, err);
    if (status == 0)
        status = pc_pass_write(o->pass, freq, (size_t)f->nper * sizeof *freq, err);
    if (status == 0)
        status = pc_vis_put_end(o->pass, err);
    pc_mem_free(freq);
    return status;
}

static int put_block(struct out *o, int block, struct pc_visblock *shape, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[block];
    const struct pc_turn_sum *s = &o->t->sum[(int64_t)o->i * o->t->nblock + block];
    const int64_t plane = pc_turn_plane_at(o->t, o->i), n = b->nrow * pc_turn_row_size(&o->t->feed[b->feed]);
    if (put_shared(o, block, "uvw.fits", shape, b->uvw_sum, b->uvw_at, b->nrow * 24, err) ||
        put_freq(o, block, shape, err) ||
        put_stored(o, block, "vis.fits", shape, s->vis, plane + b->vis_at, n * 8, err) ||
        put_stored(o, block, "weight.fits", shape, s->weight, plane + b->weight_at, n * 4, err) ||
        put_shared(o, block, "row.fits", shape, b->row_sum, b->row_at, b->nrow * 32, err))
        return -1;
    return 0;
}

static int put_blocks(struct out *o, const char *history, struct pc_err *err)
{
    int status = 0;
    for (int b = 0; status == 0 && b < o->t->nblock; b++) {
        const struct pc_turn_feed *f = &o->t->feed[o->t->block[b].feed];
        struct pc_visblock shape = {.nrow = o->t->block[b].nrow, .ncorr = f->w->ncorr, .nchan = f->nper};
        shape.info = f->w->info; /* its diam_m stays the window's */
        shape.info.restfreq_hz = o->t->conf.axis->restfreq_hz;
        pc_text_add(&shape.history, "%s", history);
        status = pc_text_ok(&shape.history, err);
        if (status == 0)
            status = put_block(o, b, &shape, err);
        pc_text_free(&shape.history);
    }
    return status;
}

int pc_turn_put(struct pc_turn *t, int i, struct pc_pass *pass, bool may_link, const char *history,
                double *weight, struct pc_err *err)
{
    const int plane = t->conf.axis->wanted[i];
    struct pc_record record = {0};
    struct out o = {t, i, pass, may_link, pc_mem_new(copy_byte, 1, "copying buffer", err)};
    int status = o.buf ? pc_axis_plane_record(t->conf.axis, plane, &record, err) : -1;
    if (status == 0)
        status = pc_pass_begin_channel(pass, plane, &record, err);
    if (status == 0)
        status = put_blocks(&o, history, err);
    if (status == 0)
        status = pc_pass_commit(pass, err);
    if (status == 0 && t->first_put < 0)
        t->first_put = plane;
    if (weight)
        *weight = 0;
    for (int b = 0; weight && b < t->nblock; b++)
        *weight += t->sum[(int64_t)i * t->nblock + b].total;
    pc_mem_free(o.buf);
    pc_record_free(&record);
    return status;
}
