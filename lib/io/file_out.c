/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/file_out.h"
#include "io/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pc_file_out_begin(struct pc_file_out *f, const char *path, int64_t size, struct pc_err *err)
{
    if (snprintf(f->path, sizeof f->path, "%s", path) >= (int)sizeof f->path)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the path is too long", path);
    f->fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    if (f->fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    f->at = 0;
    f->size = size;
    return 0;
}

int pc_file_out_resume(struct pc_file_out *f, const char *root, const char *path, int64_t at,
                       struct pc_err *err)
{
    if (snprintf(f->path, sizeof f->path, "%s/%s", root, path) >= (int)sizeof f->path)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s/%s: the path is too long", root, path);
    f->fd = open(f->path, O_WRONLY | O_CREAT, 0666);
    if (f->fd < 0 && errno == ENOENT) { /* once a file, where its directories would be asked for each time */
        if (pc_file_out_make_parents(root, path, err))
            return -1;
        f->fd = open(f->path, O_WRONLY | O_CREAT, 0666);
    }
    if (f->fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", f->path);
    f->at = at;
    f->size = 0;
    return 0;
}

int pc_file_out_pause(struct pc_file_out *f, struct pc_err *err)
{
    const int fd = f->fd;
    f->fd = -1;
    return close(fd) ? pc_err_errno(err, PC_EX_IOERR, "%s: cannot write", f->path) : 0;
}

int pc_file_out_write(struct pc_file_out *f, const void *buf, size_t n, struct pc_err *err)
{
    if (pc_fd_pwrite_holes(f->fd, buf, n, f->at, f->path, err))
        return -1;
    f->at += (int64_t)n;
    return 0;
}

int pc_file_out_end(struct pc_file_out *f, int sync, struct pc_err *err)
{
    int rc = 0, fd = f->fd;
    f->fd = -1;
    if (ftruncate(fd, (off_t)f->size)) /* a hole at the end */
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot set its size", f->path);
    if (!rc && sync && fdatasync(fd) && errno != EINVAL)
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot sync", f->path);
    if (close(fd) && !rc)
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot write", f->path);
    return rc;
}

void pc_file_out_abort(struct pc_file_out *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

int pc_file_out_make_parents(const char *root, const char *path, struct pc_err *err)
{
    char dir[4200];
    size_t nroot = strlen(root);
    snprintf(dir, sizeof dir, "%s/%s", root, path);
    for (char *s = strchr(dir + nroot + 1, '/'); s; s = strchr(s + 1, '/')) {
        *s = 0;
        if (mkdir(dir, 0777) && errno != EEXIST)
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot make this directory", dir);
        *s = '/';
    }
    return 0;
}
