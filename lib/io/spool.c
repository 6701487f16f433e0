/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/spool.h"
#include "base/mem.h"
#include "io/fdio.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 20 };

struct pc_spool {
    char **chunk; /* the first nchunk*CHUNK bytes */
    int64_t nchunk, cap, limit_byte;
    int64_t size;
    int fd; /* what lies beyond limit_byte; -1: none yet */
    char *tmpdir;
};

int pc_spool_new(struct pc_spool **spool, int64_t mem_byte, const char *tmpdir, struct pc_err *err)
{
    struct pc_spool *s = calloc(1, sizeof *s);
    *spool = NULL;
    if (!s || !(s->tmpdir = strdup(tmpdir ? tmpdir : "/tmp"))) {
        free(s);
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a spool");
    }
    s->fd = -1;
    s->limit_byte = mem_byte / CHUNK * CHUNK;
    *spool = s;
    return 0;
}

void pc_spool_free(struct pc_spool *s)
{
    if (!s)
        return;
    for (int64_t i = 0; i < s->nchunk; i++)
        free(s->chunk[i]);
    free(s->chunk);
    if (s->fd >= 0)
        close(s->fd);
    free(s->tmpdir);
    free(s);
}

int64_t pc_spool_size(const struct pc_spool *s)
{
    return s->size;
}

static int grow(struct pc_spool *s, struct pc_err *err)
{
    if (s->nchunk == s->cap) {
        int64_t cap = s->cap ? 2 * s->cap : 16;
        char **chunk = realloc(s->chunk, (size_t)cap * sizeof *chunk);
        if (!chunk)
            return pc_err_set(err, PC_EX_NOMEM, "no memory to hold back %lld bytes", (long long)s->size);
        s->chunk = chunk;
        s->cap = cap;
    }
    if (!(s->chunk[s->nchunk] = malloc(CHUNK)))
        return pc_err_set(err, PC_EX_NOMEM, "no memory to hold back %lld bytes", (long long)s->size);
    s->nchunk++;
    return 0;
}

static int open_file(struct pc_spool *s, struct pc_err *err)
{
    size_t cap = strlen(s->tmpdir) + 20;
    char *path = malloc(cap);
    if (!path)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    snprintf(path, cap, "%s/.pc-spool-XXXXXX", s->tmpdir);
    s->fd = mkstemp(path);
    if (s->fd >= 0)
        unlink(path);
    else
        pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot make a temporary file there", s->tmpdir);
    free(path);
    return s->fd >= 0 ? 0 : -1;
}

int pc_spool_add(struct pc_spool *s, const void *buf, size_t n, struct pc_err *err)
{
    const char *at = buf;
    while (n && s->size < s->limit_byte) {
        if (s->size == s->nchunk * CHUNK && grow(s, err))
            return -1;
        size_t offset = (size_t)(s->size % CHUNK), room = CHUNK - offset, m = n < room ? n : room;
        memcpy(s->chunk[s->size / CHUNK] + offset, at, m);
        s->size += (int64_t)m;
        at += m;
        n -= m;
    }
    if (!n)
        return 0;
    if (s->fd < 0 && open_file(s, err))
        return -1;
    if (pc_fd_pwrite(s->fd, at, n, s->size - s->limit_byte, s->tmpdir, err))
        return pc_err_prefix(err, "temporary file");
    s->size += (int64_t)n;
    return 0;
}

static int within(const struct pc_spool *s, int64_t at, size_t n, struct pc_err *err)
{
    if (at >= 0 && at + (int64_t)n <= s->size)
        return 0;
    return pc_err_set(err, PC_EX_BUG, "spool: %zu bytes at %lld of %lld", n, (long long)at,
                      (long long)s->size);
}

int pc_spool_replace(struct pc_spool *s, int64_t at, const void *buf, size_t n, struct pc_err *err)
{
    const char *from = buf;
    if (within(s, at, n, err))
        return -1;
    while (n && at < s->limit_byte) {
        size_t offset = (size_t)(at % CHUNK), have = CHUNK - offset, m = n < have ? n : have;
        memcpy(s->chunk[at / CHUNK] + offset, from, m);
        at += (int64_t)m;
        from += m;
        n -= m;
    }
    if (n && pc_fd_pwrite(s->fd, from, n, at - s->limit_byte, s->tmpdir, err))
        return pc_err_prefix(err, "temporary file");
    return 0;
}

int pc_spool_read(struct pc_spool *s, int64_t at, void *buf, size_t n, struct pc_err *err)
{
    char *to = buf;
    if (within(s, at, n, err))
        return -1;
    while (n && at < s->limit_byte) {
        size_t offset = (size_t)(at % CHUNK), have = CHUNK - offset, m = n < have ? n : have;
        memcpy(to, s->chunk[at / CHUNK] + offset, m);
        at += (int64_t)m;
        to += m;
        n -= m;
    }
    return n ? pc_fd_pread(s->fd, to, n, at - s->limit_byte, s->tmpdir, err) : 0;
}

void pc_spool_reset(struct pc_spool *s)
{
    s->size = 0;
    if (s->fd >= 0 && ftruncate(s->fd, 0)) {
        close(s->fd);
        s->fd = -1;
    }
}
