/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/scratch.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pc_scratch {
    char *mem;
    int fd;
    char dir[512];
};

static int open_file(struct pc_scratch *s, const char *tmpdir, struct pc_err *err)
{
    char path[600];
    snprintf(s->dir, sizeof s->dir, "%s", tmpdir && *tmpdir ? tmpdir : "/tmp");
    snprintf(path, sizeof path, "%s/.pc-scratch-XXXXXX", s->dir);
    s->fd = mkstemp(path);
    if (s->fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "cannot make a temporary file in %s (TMPDIR says where)",
                            s->dir);
    if (unlink(path) != 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    return 0;
}

int pc_scratch_new(struct pc_scratch **scratch, int64_t size, int64_t mem_byte, const char *tmpdir,
                   struct pc_err *err)
{
    struct pc_scratch *s = pc_mem_new0(1, sizeof *s, "scratch space", err);
    *scratch = s;
    if (!s)
        return -1;
    s->fd = -1;
    if (size <= mem_byte) {
        s->mem = pc_mem_new(size, 1, "visibilities held in memory (--mem)", err);
        if (s->mem)
            return 0;
    } else if (open_file(s, tmpdir, err) == 0) {
        return 0;
    }
    pc_scratch_free(s);
    *scratch = NULL;
    return -1;
}

void pc_scratch_free(struct pc_scratch *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    pc_mem_free(s->mem);
    pc_mem_free(s);
}

void *pc_scratch_at(struct pc_scratch *s, int64_t offset)
{
    return s->mem ? s->mem + offset : NULL;
}

int pc_scratch_write(struct pc_scratch *s, int64_t offset, const void *buf, int64_t n, struct pc_err *err)
{
    if (s->mem) {
        memcpy(s->mem + offset, buf, (size_t)n);
        return 0;
    }
    for (const char *p = buf; n > 0;) {
        const ssize_t done = pwrite(s->fd, p, (size_t)n, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return pc_err_errno(err, PC_EX_IOERR, "cannot write a temporary file in %s (TMPDIR says where)",
                                s->dir);
        p += done;
        offset += done;
        n -= done;
    }
    return 0;
}

int pc_scratch_read(struct pc_scratch *s, int64_t offset, void *buf, int64_t n, struct pc_err *err)
{
    if (s->mem) {
        memcpy(buf, s->mem + offset, (size_t)n);
        return 0;
    }
    for (char *p = buf; n > 0;) {
        const ssize_t done = pread(s->fd, p, (size_t)n, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return pc_err_errno(err, PC_EX_IOERR, "cannot read back a temporary file in %s", s->dir);
        p += done;
        offset += done;
        n -= done;
    }
    return 0;
}
