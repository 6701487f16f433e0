/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/fdio.h"
#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ustar, written raw: no owner, no clock, no host; a pax header only where ustar has no room for a size or a
 * name. */

enum { BLOCK = 512, BUFFER = PC_FD_CHUNK, LARGE = 1 << 18 };
#define USTAR_MAX ((INT64_C(1) << 33) - 1)

struct tar_out {
    struct pc_sink base;
    int fd;
    char *name; /* for errors; the final path of a file */
    char *temp; /* NULL: standard output */
    char *buf;
    size_t n;
    int64_t left, pad; /* of the member being written */
};

static int flush(struct tar_out *t, struct pc_err *err)
{
    size_t n = t->n;
    t->n = 0;
    return pc_fd_write(t->fd, t->buf, n, t->name, err);
}

/* Requests of LARGE bytes at least, save at commits; large writes are not copied. */
static int put(struct tar_out *t, const void *s, size_t n, struct pc_err *err)
{
    if (n >= LARGE) {
        size_t have = t->n;
        t->n = 0;
        return pc_fd_write2(t->fd, t->buf, have, s, n, t->name, err);
    }
    if (t->n + n > BUFFER && flush(t, err))
        return -1;
    memcpy(t->buf + t->n, s, n);
    t->n += n;
    return 0;
}

static void octal(char *field, int width, int64_t value)
{
    char s[24];
    snprintf(s, sizeof s, "%0*llo", width, (unsigned long long)value);
    memcpy(field, s, (size_t)width + 1);
}

static int put_header(struct tar_out *t, const char *path, int64_t size, char type, struct pc_err *err)
{
    char h[BLOCK] = {0};
    unsigned sum = 0;
    memcpy(h, path, strnlen(path, 100));
    octal(h + 100, 7, 0644);
    octal(h + 108, 7, 0);
    octal(h + 116, 7, 0);
    octal(h + 124, 11, size);
    octal(h + 136, 11, 0);
    memset(h + 148, ' ', 8);
    h[156] = type;
    memcpy(h + 257, "ustar\00000", 8);
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)h[i];
    octal(h + 148, 6, sum);
    h[155] = ' ';
    return put(t, h, BLOCK, err);
}

/* "LEN key=value\n" where LEN counts itself. */
static void pax_record(struct pc_text *t, const char *key, const char *value)
{
    size_t n = strlen(key) + strlen(value) + 3, total = n, before = 0;
    while (total != before) {
        before = total;
        total = n + (size_t)snprintf(NULL, 0, "%zu", before);
    }
    pc_text_add(t, "%zu %s=%s\n", total, key, value);
}

static int put_pax(struct tar_out *t, const char *path, int64_t size, struct pc_err *err)
{
    struct pc_text record = {0};
    char s[24], zeros[BLOCK] = {0};
    if (strlen(path) > 100)
        pax_record(&record, "path", path);
    snprintf(s, sizeof s, "%lld", (long long)size);
    if (size > USTAR_MAX)
        pax_record(&record, "size", s);
    int rc = pc_text_ok(&record, err);
    if (!rc && record.len)
        rc = put_header(t, "pax", (int64_t)record.len, 'x', err) || put(t, record.s, record.len, err) ||
                     put(t, zeros, (BLOCK - record.len % BLOCK) % BLOCK, err)
                 ? -1
                 : 0;
    pc_text_free(&record);
    return rc;
}

static int tar_begin(struct pc_sink *s, const char *path, int64_t size, struct pc_err *err)
{
    struct tar_out *t = (struct tar_out *)s;
    if (put_pax(t, path, size, err) || put_header(t, path, size > USTAR_MAX ? 0 : size, '0', err))
        return -1;
    t->left = size;
    t->pad = (BLOCK - size % BLOCK) % BLOCK;
    return 0;
}

static int tar_write(struct pc_sink *s, const void *buf, size_t n, struct pc_err *err)
{
    struct tar_out *t = (struct tar_out *)s;
    if ((int64_t)n > t->left)
        return pc_err_set(err, PC_EX_BUG, "%s: %zu bytes written where %lld were left", t->name, n,
                          (long long)t->left);
    t->left -= (int64_t)n;
    return put(t, buf, n, err);
}

static int tar_end(struct pc_sink *s, struct pc_err *err)
{
    static const char zeros[BLOCK];
    struct tar_out *t = (struct tar_out *)s;
    if (t->left)
        return pc_err_set(err, PC_EX_BUG, "%s: a member ended %lld bytes early", t->name, (long long)t->left);
    return put(t, zeros, (size_t)t->pad, err);
}

static int tar_link(struct pc_sink *s, const char *path, const char *file, struct pc_err *err)
{
    (void)s;
    (void)path;
    (void)file;
    (void)err;
    return 0;
}

static int tar_remove(struct pc_sink *s, const char *path, struct pc_err *err)
{
    (void)s;
    (void)path;
    (void)err;
    return 0;
}

static int tar_commit(struct pc_sink *s, const char *channel, const struct pc_text *zzplane,
                      struct pc_err *err)
{
    char path[64];
    snprintf(path, sizeof path, "%s/zzplane", channel);
    if (pc_sink_put(s, path, pc_text_str(zzplane), zzplane->len, err))
        return -1;
    /* The next program can begin with this channel now. */
    return flush((struct tar_out *)s, err);
}

static void tar_abort(struct pc_sink *s)
{
    struct tar_out *t = (struct tar_out *)s;
    if (t->fd >= 0)
        close(t->fd);
    if (t->temp)
        unlink(t->temp);
    free(t->temp);
    free(t->name);
    pc_mem_free(t->buf);
    free(t);
}

static int finish_file(struct tar_out *t, struct pc_err *err)
{
    int fd = t->fd;
    t->fd = -1;
    if (t->temp && fsync(fd) && errno != EINVAL) {
        pc_err_errno(err, PC_EX_IOERR, "%s: cannot sync", t->temp);
        close(fd);
        return -1;
    }
    if (close(fd))
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot write", t->name);
    if (!t->temp)
        return 0;
    if (rename(t->temp, t->name))
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot rename to %s", t->temp, t->name);
    pc_fd_sync_parent(t->name);
    free(t->temp);
    t->temp = NULL;
    return 0;
}

static int tar_close(struct pc_sink *s, const struct pc_text *zzend, struct pc_err *err)
{
    static const char zeros[2 * BLOCK];
    struct tar_out *t = (struct tar_out *)s;
    int rc = (zzend && pc_sink_put(s, "zzend", pc_text_str(zzend), zzend->len, err)) ||
                     put(t, zeros, sizeof zeros, err) || flush(t, err) || finish_file(t, err)
                 ? -1
                 : 0;
    tar_abort(s);
    return rc;
}

static const struct pc_sink_ops TAR_OPS = {tar_begin,  tar_write,  NULL,      tar_end,  tar_link,
                                           tar_remove, tar_commit, tar_close, tar_abort};

int pc_tar_out_open(struct pc_sink **s, const char *path, struct pc_err *err)
{
    struct tar_out *t = calloc(1, sizeof *t);
    *s = NULL;
    if (!t)
        return pc_err_set(err, PC_EX_NOMEM, "no memory to write a stream");
    t->base = (struct pc_sink){&TAR_OPS, NULL, false};
    t->fd = -1;
    t->name = strdup(path ? path : "standard output");
    t->buf = pc_mem_new(BUFFER, 1, "a write buffer", err);
    if (!t->name || !t->buf)
        goto fail;
    if (!path) {
        t->fd = dup(STDOUT_FILENO);
        pc_fd_widen_pipe(STDOUT_FILENO);
    } else {
        char *temp = pc_fd_temp_name(path);
        t->fd = temp ? open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
        if (t->fd < 0) {
            free(temp);
            pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
            goto fail_set;
        }
        t->temp = temp;
    }
    if (t->fd < 0) {
        pc_err_errno(err, PC_EX_CANTCREAT, "standard output");
        goto fail_set;
    }
    *s = &t->base;
    return 0;
fail:
    pc_err_set(err, PC_EX_NOMEM, "no memory to write a stream");
fail_set:
    tar_abort(&t->base);
    return -1;
}
