/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/atomic.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *temporary_name(const char *path, struct pc_err *err)
{
    size_t cap = strlen(path) + 32;
    char *s = malloc(cap);
    if (s == NULL)
        pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    else
        snprintf(s, cap, "%s.tmp%ld", path, (long)getpid());
    return s;
}

static int write_fd(int fd, const char *s, size_t n)
{
    while (n > 0) {
        ssize_t got = write(fd, s, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        s += got;
        n -= (size_t)got;
    }
    return 0;
}

static int sync_parent(const char *path, struct pc_err *err)
{
    char *dir = strdup(path);
    if (dir == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    char *slash = strrchr(dir, '/');
    if (slash == dir)
        slash[1] = '\0';
    else if (slash)
        *slash = '\0';
    int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(dir);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: its directory", path);
    int bad = fsync(fd) != 0 && errno != EINVAL;
    close(fd);
    return bad ? pc_err_errno(err, PC_EX_IOERR, "%s: its directory cannot be made safe", path) : 0;
}

static int write_file(const char *path, const struct pc_text *text, struct pc_err *err)
{
    if (pc_text_ok(text, err) != 0)
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    int bad = write_fd(fd, pc_text_str(text), text->len) != 0 || fsync(fd) != 0;
    if (bad)
        pc_err_errno(err, PC_EX_IOERR, "%s", path);
    close(fd);
    return bad ? -1 : 0;
}

int pc_atomic_write(const char *path, const struct pc_text *text, struct pc_err *err)
{
    char *tmp = temporary_name(path, err);
    if (tmp == NULL)
        return -1;
    int ret = write_file(tmp, text, err);
    if (ret == 0 && rename(tmp, path) != 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    if (ret == 0)
        ret = sync_parent(path, err);
    else
        unlink(tmp);
    free(tmp);
    return ret;
}

int pc_atomic_make(const char *path, const struct pc_text *text, bool *made, struct pc_err *err)
{
    char *tmp = temporary_name(path, err);
    if (tmp == NULL)
        return -1;
    int ret = write_file(tmp, text, err);
    *made = ret == 0 && link(tmp, path) == 0;
    if (ret == 0 && !*made && errno != EEXIST)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    unlink(tmp);
    free(tmp);
    return ret == 0 ? sync_parent(path, err) : -1;
}

int pc_atomic_write_record(const char *path, const struct pc_record *r, struct pc_err *err)
{
    struct pc_text text = {0};
    int ret = pc_record_format(r, &text, err);
    if (ret == 0)
        ret = pc_atomic_write(path, &text, err);
    pc_text_free(&text);
    return ret;
}

static int copy_fd(int in, int out, const char *from, const char *to, struct pc_err *err)
{
    enum { CHUNK = 1 << 20 };
    ssize_t n = 0;
    char *buf = pc_mem_new(CHUNK, 1, "buffer", err);
    if (buf == NULL)
        return -1;
    int ret = 0;
    while (ret == 0 && ((n = read(in, buf, CHUNK)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0 && write_fd(out, buf, (size_t)n) != 0)
            ret = pc_err_errno(err, PC_EX_IOERR, "%s", to);
    if (n < 0)
        ret = pc_err_errno(err, PC_EX_IOERR, "%s", from);
    if (ret == 0 && fsync(out) != 0)
        ret = pc_err_errno(err, PC_EX_IOERR, "%s", to);
    pc_mem_free(buf);
    return ret;
}

static int move_by_copy(const char *from, const char *to, struct pc_err *err)
{
    int in = -1, out = -1, ret = -1;
    char *tmp = temporary_name(to, err);
    if (tmp == NULL)
        return -1;
    if ((in = open(from, O_RDONLY | O_CLOEXEC)) < 0)
        pc_err_errno(err, PC_EX_NOINPUT, "%s", from);
    else if ((out = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
        pc_err_errno(err, PC_EX_CANTCREAT, "%s", tmp);
    else
        ret = copy_fd(in, out, from, to, err);
    if (ret == 0 && rename(tmp, to) != 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", to);
    if (ret == 0)
        unlink(from);
    else
        unlink(tmp);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    free(tmp);
    return ret;
}

int pc_atomic_move(const char *from, const char *to, struct pc_err *err)
{
    if (rename(from, to) != 0) {
        if (errno != EXDEV)
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot be renamed to %s", from, to);
        if (move_by_copy(from, to, err) != 0)
            return -1;
    }
    return sync_parent(to, err);
}
