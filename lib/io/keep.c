/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/keep.h"
#include "io/fdio.h"
#include "io/order.h"
#include "io/spool.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    char *name;
    int channel;
    struct pc_spool *spool;
};

struct pc_keep {
    struct kept *kept;
    int n, writing; /* index of the one being written; -1: none */
    int64_t mem_byte;
    char *tmpdir;
};

int pc_keep_new(struct pc_keep **keep, int64_t mem_byte, const char *tmpdir, struct pc_err *err)
{
    struct pc_keep *k = calloc(1, sizeof *k);
    *keep = NULL;
    if (!k || !(k->tmpdir = strdup(tmpdir))) {
        free(k);
        return pc_err_set(err, PC_EX_NOMEM, "no memory to keep members");
    }
    k->mem_byte = mem_byte;
    k->writing = -1;
    *keep = k;
    return 0;
}

void pc_keep_free(struct pc_keep *k)
{
    if (!k)
        return;
    for (int i = 0; i < k->n; i++) {
        free(k->kept[i].name);
        pc_spool_free(k->kept[i].spool);
    }
    free(k->kept);
    free(k->tmpdir);
    free(k);
}

static int find(const struct pc_keep *k, const char *name)
{
    for (int i = 0; i < k->n; i++)
        if (!strcmp(k->kept[i].name, name))
            return i;
    return -1;
}

static int add(struct pc_keep *k, const char *name, struct pc_err *err)
{
    struct kept *more = realloc(k->kept, (size_t)(k->n + 1) * sizeof *more);
    if (!more)
        return pc_err_set(err, PC_EX_NOMEM, "no memory to keep %s", name);
    k->kept = more;
    more += k->n;
    more->channel = -1;
    more->spool = NULL;
    if (!(more->name = strdup(name)))
        return pc_err_set(err, PC_EX_NOMEM, "no memory to keep %s", name);
    k->n++;
    return pc_spool_new(&more->spool, k->mem_byte, k->tmpdir, err);
}

int pc_keep_begin(struct pc_keep *k, int channel, const char *name, int64_t size, struct pc_err *err)
{
    const char *rest;
    (void)size;
    k->writing = -1;
    if (pc_order_block(name, &rest) < 0 || (strcmp(rest, "uvw.fits") && strcmp(rest, "row.fits")))
        return 0;
    if (find(k, name) < 0 && add(k, name, err))
        return -1;
    k->writing = find(k, name);
    k->kept[k->writing].channel = channel;
    pc_spool_reset(k->kept[k->writing].spool);
    return 0;
}

int pc_keep_write(struct pc_keep *k, const void *buf, size_t n, struct pc_err *err)
{
    return k->writing < 0 ? 0 : pc_spool_add(k->kept[k->writing].spool, buf, n, err);
}

int64_t pc_keep_size(const struct pc_keep *k, int channel, const char *name)
{
    int i = find(k, name);
    return i >= 0 && k->kept[i].channel == channel ? pc_spool_size(k->kept[i].spool) : -1;
}

int pc_keep_copy(struct pc_keep *k, const char *name, struct pc_sink *sink, struct pc_err *err)
{
    struct pc_spool *s = k->kept[find(k, name)].spool;
    char *buf = malloc(PC_FD_CHUNK);
    int rc = buf ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory to copy %s", name);
    for (int64_t at = 0; !rc && at < pc_spool_size(s); at += PC_FD_CHUNK) {
        int64_t left = pc_spool_size(s) - at;
        size_t n = left < PC_FD_CHUNK ? (size_t)left : PC_FD_CHUNK;
        if (pc_spool_read(s, at, buf, n, err) || sink->ops->write(sink, buf, n, err))
            rc = -1;
    }
    free(buf);
    return rc;
}
