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
    int epoch; /* of the row before */
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
static int put_shared(struct out *o, int block, int name, const char *which, const struct pc_visblock *shape,
                      uint32_t sum, int64_t at, int64_t n, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[block];
    char here[40], there[40];
    if (!o->may_link || b->first_chan < 0)
        return put_stored(o, name, which, shape, sum, at, n, err);
    snprintf(here, sizeof here, "vis%05d/%s", name, which);
    snprintf(there, sizeof there, "vis%05d/%s", b->first_name, which);
    return pc_pass_put_link(o->pass, here, b->first_chan, there, err);
}

/* The frequencies of rows first .. first+n-1 of a block, big-endian; n is 1 where they are those of all rows.
 */
static int get_freq(struct out *o, int block, int64_t first, int64_t n, double *freq, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[block];
    const struct pc_turn_feed *f = &o->t->feed[b->feed];
    double row[4];
    for (int64_t i = 0; i < n; i++) {
        if (f->r.freq_per_row &&
            pc_scratch_read(o->t->scratch, b->row_at + (first + i) * 32, row, sizeof row, err))
            return -1;
        pc_swap_f64(row, row, 4);
        o->epoch = f->r.freq_per_row ? pc_ms_epoch_find(f->w, row[1], o->epoch) : 0;
        pc_resample_freq(&f->r, o->i, o->epoch, freq + i * f->r.nper);
    }
    pc_swap_f64(freq, freq, n * f->r.nper);
    return 0;
}

/* Twice: for the sum in the header, and for the data after it. */
static int put_freq(struct out *o, int block, int name, const struct pc_visblock *shape, struct pc_err *err)
{
    const struct pc_turn_feed *f = &o->t->feed[o->t->block[block].feed];
    const int64_t nrow = f->r.freq_per_row ? shape->nrow : 1, left = copy_byte / 8 / f->r.nper;
    const int64_t part = left < 1 ? 1 : left < nrow ? left : nrow;
    double *freq = pc_mem_new(part * f->r.nper, sizeof *freq, "frequencies", err);
    uint32_t sum = 0;
    int status = freq ? 0 : -1;
    for (int again = 0; status == 0 && again < 2; again++) {
        if (again)
            status = pc_vis_put_begin(o->pass, name, "freq.fits", shape, sum, err);
        for (int64_t i = 0; status == 0 && i < nrow; i += part) {
            const int64_t n = i + part < nrow ? part : nrow - i, byte = n * f->r.nper * 8;
            status = get_freq(o, block, i, n, freq, err);
            if (status == 0 && again)
                status = pc_pass_write(o->pass, freq, (size_t)byte, err);
            else if (status == 0)
                sum = pc_datasum_bytes(sum, freq, byte);
        }
    }
    if (status == 0)
        status = pc_vis_put_end(o->pass, err);
    pc_mem_free(freq);
    return status;
}

static int put_block(struct out *o, int block, int name, const struct pc_visblock *shape, struct pc_err *err)
{
    struct pc_turn_block *b = &o->t->block[block];
    const struct pc_turn_share *s = pc_turn_share(o->t, o->i, block);
    const int64_t n = b->nrow * pc_turn_row_size(&o->t->feed[b->feed]);
    if (put_shared(o, block, name, "uvw.fits", shape, b->uvw_sum, b->uvw_at, b->nrow * 24, err) ||
        put_freq(o, block, name, shape, err) ||
        put_stored(o, name, "vis.fits", shape, s->vis, s->at, n * 8, err) ||
        put_stored(o, name, "weight.fits", shape, s->weight, s->at + n * 8, n * 4, err) ||
        put_shared(o, block, name, "row.fits", shape, b->row_sum, b->row_at, b->nrow * 32, err))
        return -1;
    if (b->first_chan < 0) {
        b->first_chan = o->t->conf.axis->wanted[o->i];
        b->first_name = name;
    }
    return 0;
}

static int put_zeros(struct out *o, const char *which, const struct pc_visblock *shape, int64_t n,
                     struct pc_err *err)
{
    memset(o->buf, 0, copy_byte);
    if (pc_vis_put_begin(o->pass, 0, which, shape, 0, err))
        return -1;
    for (int64_t done = 0; done < n; done += copy_byte)
        if (pc_pass_write(o->pass, o->buf, (size_t)(n - done < copy_byte ? n - done : copy_byte), err))
            return -1;
    return pc_vis_put_end(o->pass, err);
}

/* Where no window reaches the plane: the first row of the first, without weight. */
static int put_blank(struct out *o, const struct pc_visblock *shape, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[0];
    const int64_t n = pc_turn_row_size(&o->t->feed[0]);
    double uvw[3], row[4];
    if (pc_scratch_read(o->t->scratch, b->uvw_at, uvw, sizeof uvw, err) ||
        pc_scratch_read(o->t->scratch, b->row_at, row, sizeof row, err))
        return -1;
    if (put_stored(o, 0, "uvw.fits", shape, pc_datasum_bytes(0, uvw, 24), b->uvw_at, 24, err) ||
        put_freq(o, 0, 0, shape, err) || put_zeros(o, "vis.fits", shape, n * 8, err) ||
        put_zeros(o, "weight.fits", shape, n * 4, err) ||
        put_stored(o, 0, "row.fits", shape, pc_datasum_bytes(0, row, 32), b->row_at, 32, err))
        return -1;
    return 0;
}

static int put_blocks(struct out *o, const char *history, struct pc_err *err)
{
    const struct pc_turn *t = o->t;
    const bool blank = t->count[o->i].nreach == 0;
    int status = 0;
    for (int b = 0, name = 0; status == 0 && b < t->nblock; b++) {
        const struct pc_turn_feed *f = &t->feed[t->block[b].feed];
        if (pc_turn_share(t, o->i, b)->at < 0 && !(blank && b == 0))
            continue;
        struct pc_visblock shape = {.nrow = blank ? 1 : t->block[b].nrow,
                                    .ncorr = f->w->ncorr,
                                    .nchan = f->r.nper,
                                    .freq_per_row = f->r.freq_per_row};
        shape.info = f->w->info; /* its diam_m stays the window's */
        shape.info.restfreq_hz = t->conf.axis->restfreq_hz;
        pc_text_add(&shape.history, "%s", history);
        status = pc_text_ok(&shape.history, err);
        if (status == 0)
            status = blank ? put_blank(o, &shape, err) : put_block(o, b, name, &shape, err);
        pc_text_free(&shape.history);
        name++;
    }
    return status;
}

/* 00plane: what the axis says, and how many visibilities do not count, and why. */
static int plane_record(const struct pc_turn *t, int i, struct pc_record *r, struct pc_err *err)
{
    const struct pc_turn_count *c = &t->count[i];
    if (pc_axis_plane_record(t->conf.axis, t->conf.axis->wanted[i], r, err) ||
        pc_record_setf(r, err, "visibilities", "%lld", (long long)c->nsample))
        return -1;
    for (int k = 0; k < PC_LEFT_NREASON; k++)
        if (pc_record_setf(r, err, pc_left_out_name[k], "%lld", (long long)c->left_out[k]))
            return -1;
    return 0;
}

int pc_turn_put(struct pc_turn *t, int i, struct pc_pass *pass, bool may_link, const char *history,
                struct pc_err *err)
{
    struct pc_record record = {0};
    struct out o = {t, i, pass, may_link, pc_mem_new(copy_byte, 1, "copying buffer", err), 0};
    int status = o.buf ? plane_record(t, i, &record, err) : -1;
    if (status == 0)
        status = pc_pass_begin_channel(pass, t->conf.axis->wanted[i], &record, err);
    if (status == 0)
        status = put_blocks(&o, history, err);
    if (status == 0)
        status = pc_pass_commit(pass, err);
    pc_mem_free(o.buf);
    pc_record_free(&record);
    return status;
}
