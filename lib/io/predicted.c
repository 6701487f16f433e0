/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/predicted.h"

#include "base/mem.h"
#include "io/fits.h"
#include "io/order.h"
#include "io/pixels.h"
#include "io/spool.h"
#include "io/vis_header.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1 << 16 };

/* The block that is being read. */
struct reading {
    struct pc_predicted *p;
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_visblock b; /* what its headers say; row and freq_hz */
    int block;            /* -1: none yet */
    bool complete;        /* model_vis.fits has come */
    double *batch;        /* BATCH of them */
};

/* ---- sheets ---- */

static bool is_of(const struct pc_sheet *s, const struct pc_visblock *b)
{
    return s->nrow == b->nrow && s->info.field_id == b->info.field_id && s->info.spw_id == b->info.spw_id &&
           s->info.ncorr == b->info.ncorr && strcmp(s->info.ms, b->info.ms) == 0 &&
           memcmp(s->row, b->row, (size_t)b->nrow * 32) == 0;
}

/* The block's rows become those of a sheet, unless there is one already. */
static struct pc_sheet *sheet_of(struct pc_predicted *p, struct pc_visblock *b, struct pc_err *err)
{
    for (int i = p->n - 1; i >= 0; i--)
        if (is_of(&p->sheet[i], b))
            return &p->sheet[i];
    if (p->n == p->cap) {
        const int cap = p->cap ? 2 * p->cap : 16;
        struct pc_sheet *sheet = realloc(p->sheet, (size_t)cap * sizeof *sheet);
        if (!sheet) {
            pc_err_set(err, PC_EX_NOMEM, "no memory for %d blocks of rows", cap);
            return NULL;
        }
        p->sheet = sheet;
        p->cap = cap;
    }
    struct pc_sheet *s = &p->sheet[p->n];
    *s = (struct pc_sheet){.nrow = b->nrow};
    if (pc_visinfo_copy(&s->info, &b->info, err))
        return NULL;
    s->row = b->row;
    b->row = NULL;
    p->n++;
    s->w_m = pc_mem_new(b->nrow > 0 ? b->nrow : 1, sizeof *s->w_m, "rows", err);
    if (!s->w_m)
        return NULL;
    for (int64_t i = 0; i < b->nrow; i++)
        s->w_m[i] = b->uvw_m[3 * i + 2];
    return s;
}

static struct pc_leaf *add_leaf(struct pc_sheet *s, struct pc_err *err)
{
    if (s->nleaf == s->cap) {
        const int cap = s->cap ? 2 * s->cap : 16;
        struct pc_leaf *leaf = realloc(s->leaf, (size_t)cap * sizeof *leaf);
        if (!leaf) {
            pc_err_set(err, PC_EX_NOMEM, "no memory for %d planes", cap);
            return NULL;
        }
        s->leaf = leaf;
        s->cap = cap;
    }
    return &s->leaf[s->nleaf++];
}

/* ---- reading ---- */

static int read_array(struct reading *r, double **into, int64_t n, struct pc_err *err)
{
    pc_mem_free(*into);
    *into = pc_mem_new(n > 0 ? n : 1, sizeof **into, "rows", err);
    return *into ? pc_pixels_read(r->pass, *into, n, sizeof **into, err) : -1;
}

static int spool_vis(struct reading *r, int64_t n, struct pc_err *err)
{
    for (int64_t left = n; left > 0;) {
        const int64_t m = left < BATCH ? left : BATCH;
        if (pc_pixels_read(r->pass, r->batch, m, sizeof(float), err) ||
            pc_spool_add(r->p->spool, r->batch, (size_t)m * sizeof(float), err))
            return -1;
        left -= m;
    }
    return 0;
}

static int add_model(struct reading *r, const char *label, struct pc_err *err)
{
    struct pc_visblock *b = &r->b;
    int size;
    double width;
    if (!b->row || !b->freq_hz || !b->uvw_m)
        return pc_err_set(err, PC_EX_DATA, "%s: the block lacks uvw.fits, freq.fits or row.fits", label);
    struct pc_sheet *s = sheet_of(r->p, b, err);
    struct pc_leaf *leaf = s ? add_leaf(s, err) : NULL;
    if (!leaf || pc_record_double(&r->chan.plane, "width_hz", &width, err))
        return -1;
    *leaf = (struct pc_leaf){.nslot = b->nchan, .freq_per_row = b->freq_per_row};
    leaf->width_hz = fabs(width) / b->nchan;
    s->nslot += b->nchan;
    leaf->freq_at = pc_spool_size(r->p->spool);
    const int64_t nfreq = b->nchan * (b->freq_per_row ? b->nrow : 1);
    if (pc_spool_add(r->p->spool, b->freq_hz, (size_t)nfreq * sizeof(double), err))
        return -1;
    leaf->vis_at = pc_spool_size(r->p->spool);
    r->complete = true;
    return spool_vis(r, pc_vis_count(PC_VIS_MODEL, b, &size), err);
}

static int end_block(struct reading *r, struct pc_err *err)
{
    pc_visblock_fini(&r->b);
    if (r->block >= 0 && !r->complete)
        return pc_err_set(err, PC_EX_DATA,
                          "%s/vis%05d: has no model_vis.fits, the visibilities of a model: pc-grid --predict "
                          "makes it",
                          r->chan.name, r->block);
    r->complete = false;
    return 0;
}

static int read_member(struct reading *r, const struct pc_member *m, struct pc_err *err)
{
    const char *rest;
    struct pc_fits_shape shape;
    struct pc_text header = {0};
    const int block = pc_order_block(m->name, &rest), which = pc_vis_which(rest);
    if (block != r->block && end_block(r, err))
        return -1;
    r->block = block;
    struct pc_reader *from = pc_pass_reader(r->pass);
    int status = pc_fits_read_header(from, &shape, &header, err);
    if (status == 0)
        status = pc_vis_header_parse((enum pc_vis_which)which, &shape, &header, from->name, &r->b, err);
    pc_text_free(&header);
    if (status)
        return -1;
    if (which == PC_VIS_UVW)
        return read_array(r, &r->b.uvw_m, r->b.nrow * 3, err);
    if (which == PC_VIS_FREQ)
        return read_array(r, &r->b.freq_hz, r->b.nchan * (r->b.freq_per_row ? r->b.nrow : 1), err);
    if (which == PC_VIS_ROW)
        return read_array(r, &r->b.row, r->b.nrow * 4, err);
    return which == PC_VIS_MODEL ? add_model(r, from->name, err) : 0;
}

static int read_channels(struct reading *r, struct pc_err *err)
{
    struct pc_member m;
    int more, member = 0;
    while ((more = pc_pass_channel(r->pass, &r->chan, err)) > 0) {
        r->block = -1;
        while ((member = pc_pass_member(r->pass, &m, err)) > 0)
            if (read_member(r, &m, err))
                return -1;
        if (member < 0 || end_block(r, err) || pc_pass_commit(r->pass, err))
            return -1;
    }
    return more;
}

int pc_predicted_open(struct pc_predicted *p, const char *src, int64_t mem_byte, const char *tmpdir,
                      struct pc_err *err)
{
    static const struct pc_use uses[] = {{"vis*/uvw.fits", PC_TAKE},
                                         {"vis*/freq.fits", PC_TAKE},
                                         {"vis*/row.fits", PC_TAKE},
                                         {"vis*/model_vis.fits", PC_TAKE},
                                         {NULL, 0}};
    const struct pc_pass_conf conf = {.src = src, .uses = uses, .read_only = true, .tmpdir = tmpdir};
    struct reading r = {.p = p, .block = -1};
    *p = (struct pc_predicted){0};
    if (pc_spool_new(&p->spool, mem_byte, tmpdir, err) || pc_pass_open(&r.pass, &conf, err))
        goto fail;
    r.batch = pc_mem_new(BATCH, sizeof *r.batch, "samples", err);
    const int status = r.batch ? read_channels(&r, err) : -1;
    pc_visblock_fini(&r.b);
    pc_mem_free(r.batch);
    if (status == 0 && pc_pass_close(r.pass, err) == 0)
        return 0;
    if (status)
        pc_pass_abort(r.pass);
fail:
    pc_predicted_close(p);
    return -1;
}

void pc_predicted_close(struct pc_predicted *p)
{
    for (int i = 0; i < p->n; i++) {
        pc_visinfo_fini(&p->sheet[i].info);
        pc_mem_free(p->sheet[i].row);
        pc_mem_free(p->sheet[i].w_m);
        free(p->sheet[i].leaf);
    }
    free(p->sheet);
    pc_spool_free(p->spool);
    *p = (struct pc_predicted){0};
}

int pc_predicted_read(const struct pc_predicted *p, const struct pc_sheet *sheet, const struct pc_leaf *leaf,
                      int64_t first, int64_t n, float *vis_jy, double *freq_hz, struct pc_err *err)
{
    const int64_t cell = (int64_t)leaf->nslot * sheet->info.ncorr * 2 * (int64_t)sizeof(float);
    const int64_t row = leaf->freq_per_row ? leaf->nslot * (int64_t)sizeof(double) : 0;
    const size_t nfreq = leaf->freq_per_row ? (size_t)(n * row) : (size_t)leaf->nslot * sizeof(double);
    if (pc_spool_read(p->spool, leaf->freq_at + first * row, freq_hz, nfreq, err) ||
        pc_spool_read(p->spool, leaf->vis_at + first * cell, vis_jy, (size_t)(n * cell), err))
        return -1;
    return 0;
}
