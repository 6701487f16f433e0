/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int write_error(const char *name, struct pc_err *err)
{
    return pc_err_errno(err, PC_EX_IOERR, "%s: cannot write", name);
}

int pc_fd_write(int fd, const void *buf, size_t n, const char *name, struct pc_err *err)
{
    const char *s = buf;
    while (n) {
        ssize_t done = write(fd, s, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return write_error(name, err);
        s += done;
        n -= (size_t)done;
    }
    return 0;
}

int pc_fd_write2(int fd, const void *a, size_t na, const void *b, size_t nb, const char *name,
                 struct pc_err *err)
{
    /* iov_base is not const in POSIX, though writev only reads. */
    struct iovec v[2] = {{.iov_len = na}, {.iov_len = nb}};
    memcpy(&v[0].iov_base, &a, sizeof a);
    memcpy(&v[1].iov_base, &b, sizeof b);
    ssize_t done;
    do
        done = writev(fd, v, 2);
    while (done < 0 && errno == EINTR);
    if (done < 0)
        return write_error(name, err);
    size_t n = (size_t)done;
    if (n < na && pc_fd_write(fd, (const char *)a + n, na - n, name, err))
        return -1;
    n = n < na ? 0 : n - na;
    return pc_fd_write(fd, (const char *)b + n, nb - n, name, err);
}

int pc_fd_pwrite(int fd, const void *buf, size_t n, int64_t at, const char *name, struct pc_err *err)
{
    const char *s = buf;
    while (n) {
        ssize_t done = pwrite(fd, s, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return write_error(name, err);
        s += done;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int is_zero(const char *s, size_t n)
{
    return s[0] == 0 && s[n - 1] == 0 && !memcmp(s, s + 1, n - 1);
}

enum { HOLE = 65536, LEAST = 4096 }; /* a block that comes in parts may still be one */

int pc_fd_pwrite_holes(int fd, const void *buf, size_t n, int64_t at, const char *name, struct pc_err *err)
{
    const char *s = buf, *from = s; /* [from, s) is still to be written */
    while (n) {
        size_t m = HOLE - (size_t)(at % HOLE);
        m = m < n ? m : n;
        if (m >= LEAST && is_zero(s, m)) {
            if (s > from && pc_fd_pwrite(fd, from, (size_t)(s - from), at - (s - from), name, err))
                return -1;
            from = s + m;
        }
        s += m;
        n -= m;
        at += (int64_t)m;
    }
    return s > from ? pc_fd_pwrite(fd, from, (size_t)(s - from), at - (s - from), name, err) : 0;
}

int pc_fd_pread(int fd, void *buf, size_t n, int64_t at, const char *name, struct pc_err *err)
{
    char *s = buf;
    while (n) {
        ssize_t done = pread(fd, s, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return pc_err_errno(err, PC_EX_IOERR, "%s: cannot read", name);
        if (done == 0)
            return pc_err_set(err, PC_EX_DATA, "%s: ends %zu bytes early", name, n);
        s += done;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

ssize_t pc_fd_read(int fd, void *buf, size_t n, const char *name, struct pc_err *err)
{
    ssize_t done;
    do
        done = read(fd, buf, n);
    while (done < 0 && errno == EINTR);
    if (done < 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot read", name);
    return done;
}

int64_t pc_fd_size(const char *path)
{
    struct stat st;
    return stat(path, &st) ? -1 : (int64_t)st.st_size;
}

char *pc_fd_temp_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t cap = strlen(path) + 8;
    char *temp = malloc(cap);
    if (temp)
        snprintf(temp, cap, "%.*s.%s.new", (int)(base - path), path, base);
    return temp;
}

void pc_fd_sync_parent(const char *path)
{
    char *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
    if (slash)
        *slash = 0;
    int fd = dir ? open(slash ? (*dir ? dir : "/") : ".", O_RDONLY) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(dir);
}

int pc_fd_replace(const char *path, const void *buf, size_t n, struct pc_err *err)
{
    char *temp = pc_fd_temp_name(path);
    if (!temp)
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a name", path);
    int rc = -1, fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0) {
        pc_err_errno(err, PC_EX_CANTCREAT, "%s", temp);
        goto out;
    }
    rc = pc_fd_write(fd, buf, n, temp, err);
    if (!rc && fsync(fd) && errno != EINVAL)
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot sync", temp);
    if (close(fd) && !rc)
        rc = write_error(temp, err);
    if (!rc && rename(temp, path))
        rc = pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot rename to %s", temp, path);
    if (rc)
        unlink(temp);
    else
        pc_fd_sync_parent(path);
out:
    free(temp);
    return rc;
}
