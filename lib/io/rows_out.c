/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/rows_out.h"

#include "base/mem.h"
#include "io/fdio.h"
#include "io/file_out.h"
#include "io/fits.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>

enum { BLOCK = 1 << 19 }; /* bytes: fit in a core's second cache beside what they come from */

/* A thread's own. */
struct hand {
    char *block;
    uint32_t datasum;
    int failed;
    struct pc_err err;
};

struct pc_rows_out {
    struct pc_pass *pass;
    const struct pc_imhead *head;
    bool wide;
    const char *name;
    struct pc_file_out file;
    int nhand;
    _Atomic int nwriting; /* threads */
    int ncopy;            /* of every row, a plane apart */
    int64_t begin;        /* of the pixels, in the file */
    struct hand *hand;
};

void pc_rows_out_free(struct pc_rows_out *o)
{
    if (!o)
        return;
    pc_file_out_abort(&o->file);
    for (int i = 0; o->hand && i < o->nhand; i++)
        pc_mem_free(o->hand[i].block);
    pc_mem_free(o->hand);
    pc_mem_free(o);
}

/* The header has the same length whatever the sum. */
static int format(const struct pc_rows_out *o, uint32_t datasum, struct pc_text *header, struct pc_err *err)
{
    const struct pc_fits_out out = {.bitpix = o->wide ? -64 : -32, .has_sum = true, .datasum = datasum};
    return pc_fits_format_imhead(o->head, &out, header, err) ? pc_err_prefix(err, "%s", o->name) : 0;
}

static int64_t data_byte(const struct pc_rows_out *o)
{
    return pc_imhead_npix(o->head) * (o->wide ? 8 : 4);
}

static int start(struct pc_rows_out *o, struct pc_err *err)
{
    struct pc_text header = {0};
    int bad = !(o->hand = pc_mem_new0(o->nhand, sizeof *o->hand, "write buffers", err));
    for (int i = 0; !bad && i < o->nhand; i++)
        bad = !(o->hand[i].block = pc_mem_new(BLOCK, 1, "a write buffer", err));
    bad = bad || format(o, 0, &header, err);
    o->begin = (int64_t)header.len;
    pc_text_free(&header);
    if (bad || pc_pass_put(o->pass, o->name, o->begin + pc_fits_padded(data_byte(o)), err))
        return -1;
    o->file.fd = fcntl(pc_pass_put_fd(o->pass), F_DUPFD_CLOEXEC, 3);
    if (o->file.fd < 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot be kept open", o->name);
    o->file.size = o->begin + pc_fits_padded(data_byte(o));
    pc_pass_put_written(o->pass); /* the file stays open beyond that */
    return pc_pass_put_end(o->pass, err);
}

int pc_rows_out_begin(struct pc_rows_out **out, struct pc_pass *pass, const struct pc_rows_out_conf *conf,
                      struct pc_err *err)
{
    struct pc_rows_out *o = *out = pc_mem_new0(1, sizeof *o, "write buffers", err);
    if (!o)
        return -1;
    *o = (struct pc_rows_out){.pass = pass,
                              .name = conf->name,
                              .head = conf->head,
                              .wide = conf->wide,
                              .file.fd = -1,
                              .nhand = conf->nthread};
    o->ncopy = conf->alike ? conf->head->npol : 1;
    snprintf(o->file.path, sizeof o->file.path, "%s", conf->name);
    if (!start(o, err))
        return 0;
    pc_rows_out_free(o);
    *out = NULL;
    return -1;
}

/* n bytes of a plane, at the same place of all its copies. */
static int put(const struct pc_rows_out *o, struct hand *h, int64_t n, int64_t at)
{
    const int64_t plane = data_byte(o) / o->head->npol;
    for (int i = 0; i < o->ncopy; i++)
        if (pc_fd_pwrite_holes(o->file.fd, h->block, (size_t)n, at + i * plane, o->name, &h->err))
            return -1;
    return 0;
}

void pc_rows_out_take(void *of, int thread, int plane, int y0, int nrow, const void *rows)
{
    struct pc_rows_out *o = of;
    struct hand *h = &o->hand[thread];
    const int size = o->wide ? 8 : 4;
    const int64_t n = (int64_t)nrow * o->head->nx;
    const char *from = rows;
    int64_t at = o->begin + ((int64_t)plane * o->head->ny + y0) * o->head->nx * size;
    const uint32_t sum = o->wide ? pc_datasum_f64(0, rows, n) : pc_datasum_f32(0, rows, n);
    for (int i = 0; i < o->ncopy; i++)
        h->datasum = pc_datasum_add(h->datasum, sum);
    atomic_fetch_add_explicit(&o->nwriting, 1, memory_order_relaxed);
    for (int64_t left = n, m; !h->failed && left > 0; left -= m, from += m * size, at += m * size) {
        m = left < BLOCK / size ? left : BLOCK / size;
        if (o->wide)
            pc_swap_f64(h->block, from, m);
        else
            pc_swap_f32(h->block, from, m);
        h->failed = put(o, h, m * size, at);
    }
    atomic_fetch_sub_explicit(&o->nwriting, 1, memory_order_relaxed);
}

bool pc_rows_out_busy(const struct pc_rows_out *o)
{
    return atomic_load_explicit(&o->nwriting, memory_order_relaxed) > 0;
}

static int finish(struct pc_rows_out *o, struct pc_err *err)
{
    struct pc_text header = {0};
    uint32_t datasum = 0;
    for (int i = 0; i < o->nhand; i++) {
        if (o->hand[i].failed) {
            *err = o->hand[i].err;
            return -1;
        }
        datasum = pc_datasum_add(datasum, o->hand[i].datasum);
    }
    int bad =
        format(o, datasum, &header, err) || pc_fd_pwrite(o->file.fd, header.s, header.len, 0, o->name, err);
    pc_text_free(&header);
    return bad ? -1 : pc_file_out_end(&o->file, o->pass->sink->in_place, err);
}

int pc_rows_out_end(struct pc_rows_out *o, struct pc_err *err)
{
    const int rc = finish(o, err);
    pc_rows_out_free(o);
    return rc;
}
