/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fdio.h"
#include "io/file_out.h"
#include "io/sink.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new directory. Until zzend is in it, it is unfinished and every reader says so; one that is given up is
 * removed: it was new or empty, so that all in it is ours. */

struct dir_out {
    struct pc_sink base;
    char *root;
    struct pc_file_out file;
    char path[4200];
    bool made; /* here, it did not exist */
};

/* Length of what is before the last slash. */
static size_t parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* Makes the directories of a path, unless it has those of the path before. */
static int full_path(struct dir_out *d, const char *path, struct pc_err *err)
{
    const size_t root = strlen(d->root) + 1, n = parent(path);
    const bool made = d->path[0] && parent(d->path) == root + n && !strncmp(d->path + root, path, n);
    if (snprintf(d->path, sizeof d->path, "%s/%s", d->root, path) >= (int)sizeof d->path)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s/%s: the path is too long", d->root, path);
    return made ? 0 : pc_file_out_make_parents(d->root, path, err);
}

static int dir_begin(struct pc_sink *s, const char *path, int64_t size, struct pc_err *err)
{
    struct dir_out *d = (struct dir_out *)s;
    if (full_path(d, path, err))
        return -1;
    return pc_file_out_begin(&d->file, d->path, size, err);
}

static int dir_write(struct pc_sink *s, const void *buf, size_t n, struct pc_err *err)
{
    return pc_file_out_write(&((struct dir_out *)s)->file, buf, n, err);
}

static int dir_fd(const struct pc_sink *s)
{
    return ((const struct dir_out *)s)->file.fd;
}

static int dir_end(struct pc_sink *s, struct pc_err *err)
{
    return pc_file_out_end(&((struct dir_out *)s)->file, 0, err);
}

static int dir_link(struct pc_sink *s, const char *path, const char *file, struct pc_err *err)
{
    struct dir_out *d = (struct dir_out *)s;
    if (full_path(d, path, err))
        return -1;
    return link(file, d->path) == 0;
}

static int dir_remove(struct pc_sink *s, const char *path, struct pc_err *err)
{
    (void)s;
    (void)path;
    (void)err;
    return 0;
}

static int dir_commit(struct pc_sink *s, const char *channel, const struct pc_text *zzplane,
                      struct pc_err *err)
{
    struct dir_out *d = (struct dir_out *)s;
    char path[64];
    snprintf(path, sizeof path, "%s/zzplane", channel);
    if (full_path(d, path, err))
        return -1;
    return pc_fd_replace(d->path, pc_text_str(zzplane), zzplane->len, err);
}

static void free_dir(struct dir_out *d)
{
    free(d->root);
    free(d);
}

static int remove_below(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    return at->level > 0 ? remove(path) : 0;
}

static void dir_abort(struct pc_sink *s)
{
    struct dir_out *d = (struct dir_out *)s;
    pc_file_out_abort(&d->file);
    nftw(d->root, remove_below, 16, FTW_DEPTH | FTW_PHYS);
    if (d->made)
        rmdir(d->root);
    free_dir(d);
}

static int dir_close(struct pc_sink *s, const struct pc_text *zzend, struct pc_err *err)
{
    struct dir_out *d = (struct dir_out *)s;
    if (full_path(d, "zzend", err) || pc_fd_replace(d->path, pc_text_str(zzend), zzend->len, err)) {
        dir_abort(s);
        return -1;
    }
    free_dir(d);
    return 0;
}

static const struct pc_sink_ops DIR_OPS = {dir_begin,  dir_write,  dir_fd,    dir_end,  dir_link,
                                           dir_remove, dir_commit, dir_close, dir_abort};

static int is_empty(const char *path)
{
    struct dirent *e;
    int n = 0;
    DIR *d = opendir(path);
    if (!d)
        return 0;
    while (!n && (e = readdir(d)))
        n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
    closedir(d);
    return !n;
}

int pc_dir_out_open(struct pc_sink **s, const char *path, struct pc_err *err)
{
    bool made = mkdir(path, 0777) == 0;
    if (!made) {
        if (errno != EEXIST)
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot make this directory", path);
        if (!is_empty(path))
            return pc_err_set(err, PC_EX_CANTCREAT,
                              "%s: exists and is not an empty directory; remove it or choose another name",
                              path);
    }
    struct dir_out *d = calloc(1, sizeof *d);
    if (!d || !(d->root = strdup(path))) {
        free(d);
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory to write a directory", path);
    }
    for (size_t n = strlen(d->root); n > 1 && d->root[n - 1] == '/'; n--)
        d->root[n - 1] = 0;
    d->base = (struct pc_sink){&DIR_OPS, d->root, false};
    d->file.fd = -1;
    d->made = made;
    *s = &d->base;
    return 0;
}
