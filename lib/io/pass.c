/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/pass.h"
#include "base/mem.h"
#include "io/keep.h"
#include "io/order.h"
#include "io/pass_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INDEX = 100000 }; /* chNNNNN has five digits */
#define DEFAULT_MEM_BYTE (INT64_C(256) << 20)

static void free_pass(struct pc_pass *p)
{
    if (p->source)
        p->source->ops->free(p->source);
    if (p->sink)
        p->sink->ops->abort(p->sink);
    pc_pass_forget_channel(p);
    free(p->held);
    pc_spool_free(p->spool);
    pc_keep_free(p->keep);
    pc_record_free(&p->cube);
    pc_text_free(&p->cube_text);
    free(p->seen);
    pc_mem_free(p->scratch);
    free(p->tmpdir);
    free(p);
}

static void set_ncube(struct pc_pass *p)
{
    const char *n = pc_record_get(&p->cube, "nchan");
    p->ncube = n ? strtoll(n, NULL, 10) : 0;
    if (p->ncube < 0 || p->ncube > MAX_INDEX)
        p->ncube = 0;
}

/* 00stream and 00cube; a directory in place has them already. */
static int write_start(struct pc_pass *p, struct pc_err *err)
{
    if (!p->sink || p->sink->in_place)
        return 0;
    if (pc_sink_put(p->sink, "00stream", "pcs=1\n", 6, err))
        return -1;
    return pc_sink_put(p->sink, "00cube", pc_text_str(&p->cube_text), p->cube_text.len, err);
}

static int open_sink(struct pc_pass *p, const struct pc_pass_conf *conf, struct pc_err *err)
{
    if (conf->read_only)
        return 0;
    if (!conf->dst && p->source && p->source->root)
        return pc_place_out_open(&p->sink, p->source->root, err);
    return pc_sink_open(&p->sink, conf->dst ? conf->dst : "-", err);
}

static int open_ends(struct pc_pass *p, const struct pc_pass_conf *conf, struct pc_err *err)
{
    if (conf->src && pc_source_open(&p->source, conf->src, conf->accept_uncommitted, err))
        return -1;
    /* A source that is no stream must not leave an empty output behind. */
    if (p->source && pc_pass_start(p, err))
        return -1;
    set_ncube(p);
    if (open_sink(p, conf, err))
        return -1;
    if (!p->source)
        return p->sink && !p->sink->root ? pc_keep_new(&p->keep, p->mem_byte, p->tmpdir, err) : 0;
    return write_start(p, err);
}

int pc_pass_open(struct pc_pass **pass, const struct pc_pass_conf *conf, struct pc_err *err)
{
    struct pc_pass *p = calloc(1, sizeof *p);
    *pass = NULL;
    if (!p)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a pass");
    p->uses = conf->uses;
    p->mem_byte = conf->mem_byte > 0 ? conf->mem_byte : DEFAULT_MEM_BYTE;
    p->nthread = conf->nthread;
    p->tmpdir = strdup(conf->tmpdir ? conf->tmpdir : "/tmp");
    p->seen = calloc(MAX_INDEX, 1);
    pc_pass_reader(p);
    if (!p->tmpdir || !p->seen)
        pc_err_set(err, PC_EX_NOMEM, "no memory for a pass");
    else if (!open_ends(p, conf, err)) {
        *pass = p;
        return 0;
    }
    free_pass(p);
    return -1;
}

const struct pc_record *pc_pass_cube(const struct pc_pass *pass)
{
    return &pass->cube;
}

int pc_pass_set_cube(struct pc_pass *p, const struct pc_record *cube, struct pc_err *err)
{
    if (p->source || p->cube_text.s)
        return pc_err_set(err, PC_EX_BUG, "00cube is set twice");
    if (pc_record_copy(&p->cube, cube, err) || pc_record_format(cube, &p->cube_text, err))
        return -1;
    set_ncube(p);
    return write_start(p, err);
}

int pc_pass_begin_channel(struct pc_pass *p, int index, const struct pc_record *plane, struct pc_err *err)
{
    struct pc_text t = {0};
    if (p->source || !p->cube_text.s)
        return pc_err_set(err, PC_EX_BUG,
                          "channel %d is begun in a pass that does not write, or before 00cube", index);
    if (p->in_channel && pc_pass_commit(p, err))
        return -1;
    if (index < 0 || index >= MAX_INDEX || p->seen[index])
        return pc_err_set(err, PC_EX_BUG, "channel %d is out of range or comes a second time", index);
    p->seen[index] = 1;
    p->in_channel = true;
    p->index = index;
    p->nchan++;
    snprintf(p->channel, sizeof p->channel, "ch%05d", index);
    int rc = pc_record_format(plane, &t, err);
    if (!rc)
        rc = pc_pass_put(p, "00plane", (int64_t)t.len, err) ||
                     pc_pass_write(p, pc_text_str(&t), t.len, err) || pc_pass_put_end(p, err)
                 ? -1
                 : 0;
    pc_text_free(&t);
    return rc;
}

static int finish(struct pc_pass *p, struct pc_err *err)
{
    struct pc_chan chan;
    struct pc_text zzend = {0};
    int rc = 0;
    if (p->in_channel && pc_pass_commit(p, err))
        return -1;
    if (p->source)
        while ((rc = pc_pass_channel(p, &chan, err)) > 0)
            ;
    if (rc || !p->sink)
        return rc;
    pc_text_add(&zzend, "nchan=%lld\n", (long long)p->nchan);
    rc = pc_text_ok(&zzend, err);
    if (!rc) {
        struct pc_sink *sink = p->sink;
        p->sink = NULL;
        rc = sink->ops->close(sink, &zzend, err);
    }
    pc_text_free(&zzend);
    return rc;
}

int pc_pass_close(struct pc_pass *pass, struct pc_err *err)
{
    int rc = finish(pass, err);
    free_pass(pass);
    return rc;
}

void pc_pass_abort(struct pc_pass *pass)
{
    if (pass)
        free_pass(pass);
}
