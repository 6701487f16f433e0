/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/dir_list.h"
#include "io/fdio.h"
#include "io/order.h"
#include "io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory read as if it were a stream: 00stream, 00cube, the members of each channel, zzplane, zzend. */

/* Of a member first what a header takes: often no more of it is wanted, or the rest goes straight to its
 * place. */
enum { FIRST = 32768 };

enum stage { STREAM, CUBE, CHANNEL, MEMBER, COMMIT, END, DONE };

struct dir_in {
    struct pc_source base;
    char *root;
    bool accept_uncommitted;
    enum stage stage;
    int *channel, nchannel, ichannel;
    struct pc_names members;
    int imember;
    bool committed; /* this channel has a zzplane */
    int fd;
    int64_t size, left;
    char file[4200], zzend[32]; /* zzend of a single channel is made up */
    char *buf;
};

static int whole_is_whole(struct dir_in *d, struct pc_err *err)
{
    struct stat st;
    snprintf(d->file, sizeof d->file, "%s/zzend", d->root);
    if (stat(d->file, &st))
        return pc_err_set(err, PC_EX_DATA, "%s: no zzend: this directory was never finished", d->root);
    return 0;
}

static int open_file(struct dir_in *d, const char *path, struct pc_entry *e, struct pc_err *err)
{
    struct stat st;
    size_t n = strlen(path);
    if (n >= sizeof e->path)
        return pc_err_set(err, PC_EX_DATA, "%s/%s: the name is too long", d->root, path);
    memcpy(e->path, path, n + 1);
    snprintf(d->file, sizeof d->file, "%s/%s", d->root, path);
    d->fd = open(d->file, O_RDONLY);
    if (d->fd < 0)
        return pc_err_errno(err, errno == ENOENT ? PC_EX_DATA : PC_EX_NOINPUT, "%s", d->file);
    if (fstat(d->fd, &st))
        return pc_err_errno(err, PC_EX_IOERR, "%s", d->file);
    e->size = d->size = d->left = st.st_size;
    e->uncommitted = false;
    return 1;
}

static void close_file(struct dir_in *d)
{
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
    d->left = 0;
}

/* Only what pc-select wrote is worth keeping of a channel that was left unfinished. */
static bool survives(const char *name)
{
    const char *rest;
    return !strcmp(name, "00plane") || (pc_order_block(name, &rest) >= 0 && strcmp(rest, "imweight.fits") &&
                                        strcmp(rest, "model_vis.fits"));
}

static int begin_channel(struct dir_in *d, struct pc_err *err)
{
    struct stat st;
    int index = d->channel[d->ichannel];
    pc_names_free(&d->members);
    d->imember = 0;
    snprintf(d->file, sizeof d->file, "%s/ch%05d/zzplane", d->root, index);
    d->committed = !stat(d->file, &st);
    if (!d->committed && !d->accept_uncommitted)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: no zzplane: the channel was left unfinished; begin it again with pc-psf",
                          d->file);
    snprintf(d->file, sizeof d->file, "%s/ch%05d", d->root, index);
    return pc_dir_members(d->file, &d->members, err);
}

static int next_member(struct dir_in *d, struct pc_entry *e, struct pc_err *err)
{
    char path[1100];
    int index = d->channel[d->ichannel];
    while (d->imember < d->members.n) {
        const char *name = d->members.s[d->imember++];
        if (!d->committed && !survives(name))
            continue;
        snprintf(path, sizeof path, "ch%05d/%.1080s", index, name);
        return open_file(d, path, e, err);
    }
    d->stage = CHANNEL;
    d->ichannel++;
    snprintf(path, sizeof path, "ch%05d/zzplane", index);
    if (d->committed)
        return open_file(d, path, e, err);
    snprintf(e->path, sizeof e->path, "ch%05d/zzplane", index);
    e->size = 0;
    e->uncommitted = true;
    return 1;
}

static int next_end(struct dir_in *d, struct pc_entry *e, struct pc_err *err)
{
    d->stage = DONE;
    if (d->base.only_channel < 0)
        return open_file(d, "zzend", e, err);
    strcpy(e->path, "zzend");
    strcpy(d->zzend, "nchan=1\n");
    e->size = d->left = (int64_t)strlen(d->zzend);
    e->uncommitted = false;
    return 1;
}

static int dir_next(struct pc_source *s, struct pc_entry *e, struct pc_err *err)
{
    struct dir_in *d = (struct dir_in *)s;
    close_file(d);
    switch (d->stage) {
    case STREAM:
        d->stage = CUBE;
        return open_file(d, "00stream", e, err);
    case CUBE:
        d->stage = CHANNEL;
        return open_file(d, "00cube", e, err);
    case CHANNEL:
        if (d->ichannel == d->nchannel)
            return next_end(d, e, err);
        if (begin_channel(d, err))
            return -1;
        d->stage = MEMBER;
        return next_member(d, e, err);
    case MEMBER:
        return next_member(d, e, err);
    default:
        return 0;
    }
}

static int dir_chunk(struct pc_source *s, const void **p, size_t *n, struct pc_err *err)
{
    struct dir_in *d = (struct dir_in *)s;
    *n = 0;
    if (d->left == 0)
        return 0;
    if (d->fd < 0) {
        *p = d->zzend;
        *n = (size_t)d->left;
        d->left = 0;
        return 0;
    }
    const int64_t most = d->left == d->size ? FIRST : PC_FD_CHUNK;
    size_t want = (size_t)(d->left < most ? d->left : most);
    ssize_t got = pc_fd_read(d->fd, d->buf, want, d->file, err);
    if (got < 0)
        return -1;
    if (got == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: became %lld bytes shorter while it was read", d->file,
                          (long long)d->left);
    d->left -= got;
    *p = d->buf;
    *n = (size_t)got;
    return 0;
}

static int dir_range(struct pc_source *s, int64_t n, int *fd, int64_t *at)
{
    struct dir_in *d = (struct dir_in *)s;
    off_t here = d->fd >= 0 && n <= d->left ? lseek(d->fd, 0, SEEK_CUR) : -1;
    if (here < 0 || lseek(d->fd, (off_t)n, SEEK_CUR) < 0)
        return 0;
    *fd = d->fd;
    *at = (int64_t)here;
    d->left -= n;
    return 1;
}

static void dir_free(struct pc_source *s)
{
    struct dir_in *d = (struct dir_in *)s;
    close_file(d);
    pc_names_free(&d->members);
    free(d->channel);
    free(d->root);
    pc_mem_free(d->buf);
    free(d);
}

static const struct pc_source_ops DIR_OPS = {dir_next, dir_chunk, dir_free, dir_range};

int pc_dir_in_open(struct pc_source **s, const char *root, int only_channel, bool accept_uncommitted,
                   struct pc_err *err)
{
    struct dir_in *d = calloc(1, sizeof *d);
    *s = NULL;
    if (!d || !(d->root = strdup(root))) {
        free(d);
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory to read a directory", root);
    }
    d->base = (struct pc_source){&DIR_OPS, d->root, d->root, only_channel};
    d->accept_uncommitted = accept_uncommitted;
    d->fd = -1;
    if (strlen(root) > 3000) {
        pc_err_set(err, PC_EX_DATA, "%s: the path is too long", root);
        goto fail;
    }
    if (!(d->buf = pc_mem_new(PC_FD_CHUNK, 1, "a read buffer", err)))
        goto fail;
    if (only_channel >= 0) {
        if (!(d->channel = malloc(sizeof *d->channel)))
            goto fail_memory;
        d->channel[0] = only_channel;
        d->nchannel = 1;
    } else if (whole_is_whole(d, err) || pc_dir_channels(root, &d->channel, &d->nchannel, err)) {
        goto fail;
    }
    *s = &d->base;
    return 0;
fail_memory:
    pc_err_set(err, PC_EX_NOMEM, "%s: no memory to read a directory", root);
fail:
    dir_free(&d->base);
    return -1;
}
