/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/threads.h"
#include "io/fdio.h"
#include "io/fits.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <string.h>

/* Elements of `from` bytes in the file become such of `to` bytes. */
struct form {
    int from, to;
    void (*convert)(void *dst, const void *src, int64_t n);
};

static void copy(void *dst, const void *src, int64_t n)
{
    memcpy(dst, src, (size_t)n);
}

enum { FEW = 1024 };

static void narrow(void *dst, const void *src, int64_t n)
{
    double few[FEW];
    float *to = dst;
    for (const char *from = src; n > 0; n -= FEW, from += sizeof few, to += FEW) {
        int m = n < FEW ? (int)n : FEW;
        pc_swap_f64(few, from, m);
        for (int i = 0; i < m; i++)
            to[i] = (float)few[i];
    }
}

static void widen(void *dst, const void *src, int64_t n)
{
    float few[FEW];
    double *to = dst;
    for (const char *from = src; n > 0; n -= FEW, from += sizeof few, to += FEW) {
        int m = n < FEW ? (int)n : FEW;
        pc_swap_f32(few, from, m);
        for (int i = 0; i < m; i++)
            to[i] = (double)few[i];
    }
}

/* ---- straight from a file, by several threads ---- */

enum { BLOCK = PC_FD_CHUNK, WORTH = 8 * BLOCK };

struct reading {
    const struct form *form;
    const char *name;
    char *dst;
    int64_t n, at; /* elements; where they begin in the file */
    int fd;
    char *buf; /* a block for each thread */
    struct outcome {
        int failed;
        struct pc_err err;
    } * outcome; /* of each thread */
};

static void read_block(void *ctx, int64_t task, int thread)
{
    struct reading *r = ctx;
    struct outcome *o = &r->outcome[thread];
    char *buf = r->buf + (int64_t)thread * BLOCK;
    int64_t per = BLOCK / r->form->from, first = task * per, n = r->n - first < per ? r->n - first : per;
    if (!o->failed)
        o->failed = pc_fd_pread(r->fd, buf, (size_t)(n * r->form->from), r->at + first * r->form->from,
                                r->name, &o->err);
    if (!o->failed)
        r->form->convert(r->dst + first * r->form->to, buf, n);
}

static int read_range(struct pc_pass *p, struct reading *r, struct pc_err *err)
{
    int nthread = p->nthread < PC_THREADS_MAX ? p->nthread : PC_THREADS_MAX, rc = -1;
    int64_t per = BLOCK / r->form->from;
    r->buf = pc_mem_new(nthread, BLOCK, "read buffers", err);
    r->outcome = r->buf ? pc_mem_new0(nthread, sizeof *r->outcome, "read buffers", err) : NULL;
    if (r->outcome) {
        rc = 0;
        pc_threads_run(nthread, (r->n + per - 1) / per, read_block, r);
    }
    for (int i = 0; !rc && i < nthread; i++)
        if (r->outcome[i].failed) {
            *err = r->outcome[i].err;
            rc = -1;
        }
    pc_mem_free(r->outcome);
    pc_mem_free(r->buf);
    return rc;
}

/* ---- from the source's buffer ---- */

/* Gives back the end of the chunk just taken. */
static void unread(struct pc_pass *p, const void *s, size_t n)
{
    p->chunk = s;
    p->nchunk = n;
    p->reader.left += (int64_t)n;
}

/* Some of n elements; how many, or -1. */
static int64_t read_some(struct pc_pass *p, void *dst, int64_t n, const struct form *form, struct pc_err *err)
{
    const void *s;
    size_t have;
    char one[8];
    if (pc_pass_chunk(p, &s, &have, err))
        return -1;
    if (!have)
        return pc_err_set(err, PC_EX_DATA, "%s: ends %lld pixels early", p->label, (long long)n);
    int64_t m = (int64_t)have / form->from < n ? (int64_t)have / form->from : n;
    form->convert(dst, s, m);
    size_t rest = have - (size_t)(m * form->from);
    if (rest)
        unread(p, (const char *)s + m * form->from, rest);
    if (m)
        return m;
    if (p->reader.read(&p->reader, one, (size_t)form->from, err)) /* one lies across two chunks */
        return -1;
    form->convert(dst, one, 1);
    return 1;
}

static int read_as(struct pc_pass *p, void *dst, int64_t n, const struct form *form, struct pc_err *err)
{
    struct reading r = {.form = form, .name = p->label, .dst = dst};
    while (n > 0) {
        r.n = n;
        if (p->nthread > 1 && n * form->from >= WORTH && pc_pass_range(p, n * form->from, &r.fd, &r.at))
            return read_range(p, &r, err);
        int64_t m = read_some(p, r.dst, n, form, err);
        if (m < 0)
            return -1;
        r.dst += m * form->to;
        n -= m;
    }
    return 0;
}

int pc_pixels_read(struct pc_pass *p, void *dst, int64_t n, int size, struct pc_err *err)
{
    static const struct form bytes = {1, 1, copy}, floats = {4, 4, pc_swap_f32},
                             doubles = {8, 8, pc_swap_f64};
    return read_as(p, dst, n, size == 8 ? &doubles : size == 4 ? &floats : &bytes, err);
}

int pc_pixels_read_narrow(struct pc_pass *p, float *dst, int64_t n, struct pc_err *err)
{
    static const struct form form = {8, 4, narrow};
    return read_as(p, dst, n, &form, err);
}

int pc_pixels_read_widen(struct pc_pass *p, double *dst, int64_t n, struct pc_err *err)
{
    static const struct form form = {4, 8, widen};
    return read_as(p, dst, n, &form, err);
}
