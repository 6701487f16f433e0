/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/dir_list.h"
#include "io/fdio.h"
#include "io/file_out.h"
#include "io/order.h"
#include "io/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory changed in place. New members wait as ".NAME.new"; a commit unlinks zzplane, renames them in,
 * removes what was dropped and writes zzplane: killed in between, the channel has no zzplane and every reader
 * refuses it. */

struct change {
    char *path; /* root/ch00042/psf.fits */
    char *temp; /* NULL: the member is dropped */
};

struct place_out {
    struct pc_sink base;
    char *root;
    struct pc_file_out file;
    struct change *change;
    int n, cap;
    char cleaned[16]; /* the channel whose leftovers were removed */
};

static int add_change(struct place_out *p, const char *path, bool drop, struct pc_err *err)
{
    if (p->n == p->cap) {
        int cap = p->cap ? 2 * p->cap : 16;
        struct change *c = realloc(p->change, (size_t)cap * sizeof *c);
        if (!c)
            return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a list of changes", path);
        p->change = c;
        p->cap = cap;
    }
    struct change *c = &p->change[p->n];
    size_t size = strlen(p->root) + strlen(path) + 2;
    c->temp = NULL;
    if (!(c->path = malloc(size)))
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a name", path);
    snprintf(c->path, size, "%s/%s", p->root, path);
    p->n++;
    if (!drop && !(c->temp = pc_fd_temp_name(c->path)))
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a name", path);
    return 0;
}

static void forget_changes(struct place_out *p, bool unlink_temps)
{
    for (int i = 0; i < p->n; i++) {
        if (unlink_temps && p->change[i].temp)
            unlink(p->change[i].temp);
        free(p->change[i].path);
        free(p->change[i].temp);
    }
    p->n = 0;
}

static void clean_once(struct place_out *p, const char *path)
{
    char channel[16], dir[4200];
    snprintf(channel, sizeof channel, "%.*s", (int)strcspn(path, "/"), path);
    if (!strcmp(channel, p->cleaned))
        return;
    strcpy(p->cleaned, channel);
    snprintf(dir, sizeof dir, "%s/%s", p->root, channel);
    pc_dir_clean(dir);
}

static int place_begin(struct pc_sink *s, const char *path, int64_t size, struct pc_err *err)
{
    struct place_out *p = (struct place_out *)s;
    clean_once(p, path);
    if (pc_file_out_make_parents(p->root, path, err) || add_change(p, path, false, err))
        return -1;
    return pc_file_out_begin(&p->file, p->change[p->n - 1].temp, size, err);
}

static int place_write(struct pc_sink *s, const void *buf, size_t n, struct pc_err *err)
{
    return pc_file_out_write(&((struct place_out *)s)->file, buf, n, err);
}

static int place_fd(const struct pc_sink *s)
{
    return ((const struct place_out *)s)->file.fd;
}

static int place_end(struct pc_sink *s, struct pc_err *err)
{
    return pc_file_out_end(&((struct place_out *)s)->file, 1, err);
}

static int place_link(struct pc_sink *s, const char *path, const char *file, struct pc_err *err)
{
    (void)s;
    (void)path;
    (void)file;
    (void)err;
    return 0;
}

static int place_remove(struct pc_sink *s, const char *path, struct pc_err *err)
{
    return add_change((struct place_out *)s, path, true, err);
}

static int place_commit(struct pc_sink *s, const char *channel, const struct pc_text *zzplane,
                        struct pc_err *err)
{
    struct place_out *p = (struct place_out *)s;
    char path[4200];
    snprintf(path, sizeof path, "%s/%s/zzplane", p->root, channel);
    if (unlink(path) && errno != ENOENT)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot remove it to change the channel", path);
    pc_fd_sync_parent(path);
    for (int i = 0; i < p->n; i++) {
        struct change *c = &p->change[i];
        if (c->temp && rename(c->temp, c->path))
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot rename to %s", c->temp, c->path);
        if (!c->temp && unlink(c->path) && errno != ENOENT)
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot remove", c->path);
    }
    forget_changes(p, false);
    return pc_fd_replace(path, pc_text_str(zzplane), zzplane->len, err);
}

static void place_abort(struct pc_sink *s)
{
    struct place_out *p = (struct place_out *)s;
    pc_file_out_abort(&p->file);
    forget_changes(p, true);
    free(p->change);
    free(p->root);
    free(p);
}

static int place_close(struct pc_sink *s, const struct pc_text *zzend, struct pc_err *err)
{
    (void)zzend;
    (void)err;
    place_abort(s);
    return 0;
}

static const struct pc_sink_ops PLACE_OPS = {place_begin,  place_write,  place_fd,    place_end,  place_link,
                                             place_remove, place_commit, place_close, place_abort};

int pc_place_out_open(struct pc_sink **s, const char *root, struct pc_err *err)
{
    struct place_out *p = calloc(1, sizeof *p);
    *s = NULL;
    if (!p || !(p->root = strdup(root))) {
        free(p);
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory to write a directory", root);
    }
    p->base = (struct pc_sink){&PLACE_OPS, p->root, true};
    p->file.fd = -1;
    *s = &p->base;
    return 0;
}
