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
    char *buf; /* copy_byte */
    int epoch; /* of the row before */
};

/* What the head's member holds, from the scratch. */
static int put_stored(struct out *o, int block, int member, const struct pc_vis_head *h, uint32_t sum,
                      int64_t at, struct pc_err *err)
{
    if (pc_vis_put_head(o->pass, block, pc_turn_member[member], h, sum, err))
        return -1;
    const char *mem = pc_scratch_at(o->t->scratch, at);
    for (int64_t done = 0; done < h->data_byte;) {
        const int64_t left = h->data_byte - done, part = left < copy_byte ? left : copy_byte;
        if (!mem && pc_scratch_read(o->t->scratch, at + done, o->buf, part, err))
            return -1;
        if (pc_pass_write(o->pass, mem ? mem + done : o->buf, (size_t)part, err))
            return -1;
        done += part;
    }
    return pc_vis_put_end(o->pass, err);
}

/* Members that are the same in all channels are links to the first one's where there can be links. */
static int put_shared(struct out *o, int block, int member, uint32_t sum, int64_t at, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[block];
    const int name = pc_turn_share(o->t, o->i, block)->name;
    char here[40], there[40];
    if (!o->t->conf.dir || b->first_chan < 0)
        return put_stored(o, name, member, &b->head[member], sum, at, err);
    snprintf(here, sizeof here, "vis%05d/%s", name, pc_turn_member[member]);
    snprintf(there, sizeof there, "vis%05d/%s", b->first_name, pc_turn_member[member]);
    return pc_pass_put_link(o->pass, here, b->first_chan, there, err);
}

/* The plane's own samples. */
static int put_samples(struct out *o, int block, int member, uint32_t sum, int64_t at, struct pc_err *err)
{
    const struct pc_vis_head *h = &o->t->block[block].head[member];
    const int name = pc_turn_share(o->t, o->i, block)->name;
    if (o->t->conf.dir)
        return pc_vis_put_filled(o->pass, name, pc_turn_member[member], h, sum, err);
    return put_stored(o, name, member, h, sum, at, err);
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
static int put_freq(struct out *o, int block, const struct pc_vis_head *h, int64_t rows, struct pc_err *err)
{
    const struct pc_turn_feed *f = &o->t->feed[o->t->block[block].feed];
    const int64_t nrow = f->r.freq_per_row ? rows : 1, left = copy_byte / 8 / f->r.nper;
    const int64_t part = left < 1 ? 1 : left < nrow ? left : nrow;
    double *freq = pc_mem_new(part * f->r.nper, sizeof *freq, "frequencies", err);
    uint32_t sum = 0;
    int status = freq ? 0 : -1;
    for (int again = 0; status == 0 && again < 2; again++) {
        if (again)
            status = pc_vis_put_head(o->pass, pc_turn_share(o->t, o->i, block)->name,
                                     pc_turn_member[PC_TURN_FREQ], h, sum, err);
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

static int put_block(struct out *o, int block, struct pc_err *err)
{
    struct pc_turn_block *b = &o->t->block[block];
    const struct pc_turn_share *s = pc_turn_share(o->t, o->i, block);
    if (put_shared(o, block, PC_TURN_UVW, b->uvw_sum, b->uvw_at, err) ||
        put_freq(o, block, &b->head[PC_TURN_FREQ], b->nrow, err) ||
        put_samples(o, block, PC_TURN_VIS, s->vis, s->at, err) ||
        put_samples(o, block, PC_TURN_WEIGHT, s->weight, s->at + b->head[PC_TURN_VIS].data_byte, err) ||
        put_shared(o, block, PC_TURN_ROW, b->row_sum, b->row_at, err))
        return -1;
    if (b->first_chan < 0) {
        b->first_chan = o->t->conf.axis->wanted[o->i];
        b->first_name = s->name;
    }
    return 0;
}

static int put_zeros(struct out *o, int member, const struct pc_vis_head *h, struct pc_err *err)
{
    memset(o->buf, 0, copy_byte);
    if (pc_vis_put_head(o->pass, 0, pc_turn_member[member], h, 0, err))
        return -1;
    for (int64_t done = 0; done < h->data_byte; done += copy_byte) {
        const int64_t left = h->data_byte - done;
        if (pc_pass_write(o->pass, o->buf, (size_t)(left < copy_byte ? left : copy_byte), err))
            return -1;
    }
    return pc_vis_put_end(o->pass, err);
}

static int put_first_row(struct out *o, const struct pc_vis_head *h, struct pc_err *err)
{
    const struct pc_turn_block *b = &o->t->block[0];
    double uvw[3], row[4];
    if (pc_scratch_read(o->t->scratch, b->uvw_at, uvw, sizeof uvw, err) ||
        pc_scratch_read(o->t->scratch, b->row_at, row, sizeof row, err))
        return -1;
    if (put_stored(o, 0, PC_TURN_UVW, &h[PC_TURN_UVW], pc_datasum_bytes(0, uvw, 24), b->uvw_at, err) ||
        put_freq(o, 0, &h[PC_TURN_FREQ], 1, err) || put_zeros(o, PC_TURN_VIS, &h[PC_TURN_VIS], err) ||
        put_zeros(o, PC_TURN_WEIGHT, &h[PC_TURN_WEIGHT], err) ||
        put_stored(o, 0, PC_TURN_ROW, &h[PC_TURN_ROW], pc_datasum_bytes(0, row, 32), b->row_at, err))
        return -1;
    return 0;
}

/* Where no window reaches the plane: the first row of the first, without weight. */
static int put_blank(struct out *o, struct pc_err *err)
{
    struct pc_visblock shape = o->t->block[0].shape;
    struct pc_vis_head h[PC_TURN_NMEMBER] = {{{0}, 0}};
    int status = 0;
    shape.nrow = 1;
    for (int k = 0; status == 0 && k < PC_TURN_NMEMBER; k++)
        status = pc_vis_head_make(&h[k], pc_turn_member[k], &shape, err);
    if (status == 0)
        status = put_first_row(o, h, err);
    for (int k = 0; k < PC_TURN_NMEMBER; k++)
        pc_vis_head_free(&h[k]);
    return status;
}

static int put_blocks(struct out *o, struct pc_err *err)
{
    const struct pc_turn *t = o->t;
    if (t->count[o->i].nreach == 0)
        return put_blank(o, err);
    for (int b = 0; b < t->nblock; b++)
        if (pc_turn_share(t, o->i, b)->at >= 0 && put_block(o, b, err))
            return -1;
    return 0;
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

int pc_turn_put(struct pc_turn *t, int i, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_record record = {0};
    struct out o = {t, i, pass, pc_mem_new(copy_byte, 1, "copying buffer", err), 0};
    int status = o.buf ? plane_record(t, i, &record, err) : -1;
    if (status == 0)
        status = pc_pass_begin_channel(pass, t->conf.axis->wanted[i], &record, err);
    if (status == 0)
        status = put_blocks(&o, err);
    if (status == 0)
        status = pc_pass_commit(pass, err);
    pc_mem_free(o.buf);
    pc_record_free(&record);
    return status;
}
