/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/dir_list.h"
#include "io/fdio.h"
#include "io/fill.h"
#include "io/keep.h"
#include "io/order.h"
#include "io/pass_priv.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

unsigned pc_pass_how(const struct pc_pass *p, const char *name)
{
    unsigned how = 0;
    for (const struct pc_use *u = p->uses; u && u->name; u++)
        if (!fnmatch(u->name, name, FNM_PATHNAME))
            how |= u->how;
    return how;
}

/* Could the tool still put something that comes before `name`, or `name` itself? */
static bool undecided_before(const struct pc_pass *p, const char *name)
{
    char first[1024];
    for (const struct pc_use *u = p->uses; u && u->name; u++) {
        if (!(u->how & PC_MAKE))
            continue;
        pc_order_first(u->name, first, sizeof first);
        bool wild = strpbrk(u->name, "?*[") != NULL;
        if (p->last_put[0] && pc_order_compare(first, p->last_put) <= 0) {
            if (!wild)
                continue;
            snprintf(first, sizeof first, "%s", p->last_put);
        }
        if (pc_order_compare(first, name) <= 0)
            return true;
    }
    return false;
}

enum pc_member_way pc_pass_way(const struct pc_pass *p, const char *name)
{
    if (!p->sink || p->sink->in_place)
        return PC_WAY_SKIP;
    if (p->nheld == 0 && !undecided_before(p, name))
        return PC_WAY_FORWARD;
    return p->source->root ? PC_WAY_LATER : PC_WAY_SPOOL;
}

static int full_name(const struct pc_pass *p, const char *name, char *path, size_t cap, struct pc_err *err)
{
    if (snprintf(path, cap, "%s/%s", p->channel, name) >= (int)cap)
        return pc_err_set(err, PC_EX_DATA, "%s/%s: the name is too long", p->channel, name);
    return 0;
}

static int hold(struct pc_pass *p, const char *name, int64_t size, bool in_file, struct pc_err *err)
{
    if (p->nheld == p->cap_held) {
        int cap = p->cap_held ? 2 * p->cap_held : 32;
        struct pc_held *held = realloc(p->held, (size_t)cap * sizeof *held);
        if (!held)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %d members", cap);
        p->held = held;
        p->cap_held = cap;
    }
    if (!p->spool && pc_spool_new(&p->spool, p->mem_byte, p->tmpdir, err))
        return -1;
    struct pc_held *h = &p->held[p->nheld];
    *h = (struct pc_held){strdup(name), size, pc_spool_size(p->spool), in_file};
    if (!h->name)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    p->nheld++;
    return 0;
}

/* A member of a directory that goes into another one unchanged: uvw.fits, which all channels share, is
 * linked. */
static int link_uvw(struct pc_pass *p, const char *name, struct pc_err *err)
{
    char path[1100], file[5300];
    const char *rest;
    if (!p->source->root || !p->sink->root || pc_order_block(name, &rest) < 0 || strcmp(rest, "uvw.fits"))
        return 0;
    if (full_name(p, name, path, sizeof path, err))
        return -1;
    snprintf(file, sizeof file, "%s/%s", p->source->root, path);
    return p->sink->ops->link(p->sink, path, file, err);
}

int pc_pass_tee_begin(struct pc_pass *p, const char *name, int64_t size, struct pc_err *err)
{
    char path[1100];
    if (pc_listing_size(&p->listing, name) >= 0)
        return pc_err_set(err, PC_EX_DATA, "%s: comes a second time", p->label);
    if (pc_listing_set(&p->listing, name, size, err))
        return -1;
    if (p->way == PC_WAY_SPOOL || p->way == PC_WAY_LATER)
        return hold(p, name, size, p->way == PC_WAY_LATER, err);
    if (p->way == PC_WAY_SKIP)
        return 0;
    int linked = link_uvw(p, name, err);
    if (linked)
        p->way = PC_WAY_SKIP;
    if (linked)
        return linked < 0 ? -1 : 0;
    return full_name(p, name, path, sizeof path, err) ? -1 : p->sink->ops->begin(p->sink, path, size, err);
}

int pc_pass_tee(struct pc_pass *p, const void *s, size_t n, struct pc_err *err)
{
    if (p->way == PC_WAY_FORWARD)
        return p->sink->ops->write(p->sink, s, n, err);
    return p->way == PC_WAY_SPOOL ? pc_spool_add(p->spool, s, n, err) : 0;
}

int pc_pass_tee_end(struct pc_pass *p, struct pc_err *err)
{
    return p->way == PC_WAY_FORWARD ? p->sink->ops->end(p->sink, err) : 0;
}

/* ---- what was held goes out ---- */

/* `size` bytes of a file into the member that was begun. */
static int copy_file(struct pc_pass *p, const char *file, int64_t size, struct pc_err *err)
{
    char *buf = malloc(PC_FD_CHUNK);
    int rc = 0, fd = buf ? open(file, O_RDONLY) : -1;
    if (!buf)
        return pc_err_set(err, PC_EX_NOMEM, "no memory to copy %s", file);
    if (fd < 0)
        rc = pc_err_errno(err, PC_EX_DATA, "%s", file);
    while (!rc && size > 0) {
        ssize_t n = pc_fd_read(fd, buf, size < PC_FD_CHUNK ? (size_t)size : PC_FD_CHUNK, file, err);
        if (n == 0)
            pc_err_set(err, PC_EX_DATA, "%s: became %lld bytes shorter while it was read", file,
                       (long long)size);
        rc = n > 0 ? p->sink->ops->write(p->sink, buf, (size_t)n, err) : -1;
        size -= n;
    }
    if (fd >= 0)
        close(fd);
    free(buf);
    return rc;
}

static int copy_spool(struct pc_pass *p, const struct pc_held *h, struct pc_err *err)
{
    char *buf = malloc(PC_FD_CHUNK);
    int rc = buf ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory to copy %s", h->name);
    for (int64_t done = 0; !rc && done < h->size; done += PC_FD_CHUNK) {
        size_t n = h->size - done < PC_FD_CHUNK ? (size_t)(h->size - done) : PC_FD_CHUNK;
        if (pc_spool_read(p->spool, h->at + done, buf, n, err) || p->sink->ops->write(p->sink, buf, n, err))
            rc = -1;
    }
    free(buf);
    return rc;
}

static int release(struct pc_pass *p, const struct pc_held *h, struct pc_err *err)
{
    char path[1100], file[5300];
    int linked = h->in_file ? link_uvw(p, h->name, err) : 0;
    if (linked)
        return linked < 0 ? -1 : 0;
    if (full_name(p, h->name, path, sizeof path, err) || p->sink->ops->begin(p->sink, path, h->size, err))
        return -1;
    if (h->in_file)
        snprintf(file, sizeof file, "%s/%s", p->source->root, path);
    if (h->in_file ? copy_file(p, file, h->size, err) : copy_spool(p, h, err))
        return -1;
    return p->sink->ops->end(p->sink, err);
}

static void forget(struct pc_pass *p, int i)
{
    free(p->held[i].name);
    memmove(p->held + i, p->held + i + 1, (size_t)(p->nheld - i - 1) * sizeof *p->held);
    p->nheld--;
}

static void forget_name(struct pc_pass *p, const char *name)
{
    for (int i = p->nheld - 1; i >= 0; i--)
        if (!strcmp(p->held[i].name, name))
            forget(p, i);
}

/* Everything before `name` in travel order; all of it when name is NULL. */
static int release_before(struct pc_pass *p, const char *name, struct pc_err *err)
{
    while (p->nheld && (!name || pc_order_compare(p->held[0].name, name) < 0)) {
        if (release(p, &p->held[0], err))
            return -1;
        forget(p, 0);
    }
    if (!p->nheld && p->spool)
        pc_spool_reset(p->spool);
    return 0;
}

void pc_pass_forget_channel(struct pc_pass *p)
{
    while (p->nheld)
        forget(p, p->nheld - 1);
    if (p->spool)
        pc_spool_reset(p->spool);
    pc_listing_clear(&p->listing);
    pc_record_free(&p->plane);
    pc_text_free(&p->zzplane);
    p->last_put[0] = 0;
    p->in_channel = p->members_done = p->changed = p->uncommitted = p->member_open = false;
}

/* ---- what the tool makes ---- */

static int prepare_put(struct pc_pass *p, const char *name, struct pc_err *err)
{
    if (!p->sink || !p->in_channel || p->putting)
        return pc_err_set(err, PC_EX_BUG, "%s is put where nothing can be", name);
    if (p->source && !(pc_pass_how(p, name) & PC_MAKE))
        return pc_err_set(err, PC_EX_BUG, "%s is put by a tool that did not say so", name);
    if (p->last_put[0] && pc_order_compare(name, p->last_put) <= 0)
        return pc_err_set(err, PC_EX_BUG, "%s is put after %s: not the order in which members travel", name,
                          p->last_put);
    if (pc_pass_pull(p, name, err))
        return -1;
    forget_name(p, name);
    if (!p->sink->in_place && release_before(p, name, err))
        return -1;
    snprintf(p->last_put, sizeof p->last_put, "%s", name);
    p->changed = true;
    return 0;
}

int pc_pass_put(struct pc_pass *p, const char *name, int64_t size, struct pc_err *err)
{
    char path[1100];
    if (prepare_put(p, name, err) || pc_listing_set(&p->listing, name, size, err) ||
        full_name(p, name, path, sizeof path, err) || p->sink->ops->begin(p->sink, path, size, err))
        return -1;
    p->putting = true;
    p->put_left = size;
    snprintf(p->put_name, sizeof p->put_name, "%s", name);
    return p->keep ? pc_keep_begin(p->keep, p->index, name, size, err) : 0;
}

int pc_pass_write(struct pc_pass *p, const void *buf, size_t n, struct pc_err *err)
{
    if (!p->putting || (int64_t)n > p->put_left)
        return pc_err_set(err, PC_EX_BUG, "%s: %zu bytes written where %lld were left", p->put_name, n,
                          (long long)p->put_left);
    p->put_left -= (int64_t)n;
    if (p->keep && pc_keep_write(p->keep, buf, n, err))
        return -1;
    return p->sink->ops->write(p->sink, buf, n, err);
}

bool pc_pass_can_amend(const struct pc_pass *p)
{
    return p->sink && p->sink->ops->fd && !p->keep;
}

int pc_pass_put_fd(const struct pc_pass *p)
{
    return p->putting && pc_pass_can_amend(p) ? p->sink->ops->fd(p->sink) : -1;
}

void pc_pass_put_written(struct pc_pass *p)
{
    p->put_left = 0;
}

int pc_pass_put_end(struct pc_pass *p, struct pc_err *err)
{
    if (!p->putting || p->put_left)
        return pc_err_set(err, PC_EX_BUG, "%s: ended with %lld bytes missing", p->put_name,
                          (long long)p->put_left);
    p->putting = false;
    return p->sink->ops->end(p->sink, err);
}

int pc_pass_drop(struct pc_pass *p, const char *name, struct pc_err *err)
{
    char path[1100];
    if (!p->sink || !(pc_pass_how(p, name) & PC_MAKE))
        return pc_err_set(err, PC_EX_BUG, "%s is dropped by a tool that did not say so", name);
    if (pc_pass_pull(p, name, err) || full_name(p, name, path, sizeof path, err))
        return -1;
    forget_name(p, name);
    if (!pc_listing_remove(&p->listing, name))
        return 0;
    p->changed = true;
    return p->sink->ops->remove(p->sink, path, err);
}

/* Between directories' channels; where the file system has no hard links, a copy. */
static int link_channel(struct pc_pass *p, const char *name, int from_channel, const char *from_name,
                        struct pc_err *err)
{
    char path[1100], file[5300];
    if (prepare_put(p, name, err) || full_name(p, name, path, sizeof path, err))
        return -1;
    snprintf(file, sizeof file, "%s/ch%05d/%s", p->sink->root, from_channel, from_name);
    int64_t size = pc_fd_size(file);
    if (size < 0)
        return pc_err_errno(err, PC_EX_BUG, "%s: cannot be linked to", file);
    if (pc_listing_set(&p->listing, name, size, err))
        return -1;
    int linked = p->sink->ops->link(p->sink, path, file, err);
    if (linked)
        return linked < 0 ? -1 : 0;
    if (p->sink->ops->begin(p->sink, path, size, err) || copy_file(p, file, size, err))
        return -1;
    return p->sink->ops->end(p->sink, err);
}

int pc_pass_put_link(struct pc_pass *p, const char *name, int from_channel, const char *from_name,
                     struct pc_err *err)
{
    if (p->sink && p->sink->root)
        return link_channel(p, name, from_channel, from_name, err);
    int64_t size = p->keep ? pc_keep_size(p->keep, from_channel, from_name) : -1;
    struct pc_keep *keep = p->keep;
    if (size < 0)
        return pc_err_set(err, PC_EX_BUG, "%s of channel %d was not kept", from_name, from_channel);
    p->keep = NULL; /* what is kept stays as it is */
    int rc = pc_pass_put(p, name, size, err);
    p->keep = keep;
    if (rc || pc_keep_copy(keep, from_name, p->sink, err))
        return -1;
    p->put_left = 0;
    return pc_pass_put_end(p, err);
}

int pc_pass_put_filled(struct pc_pass *p, const char *name, int64_t size, const void *head, size_t nhead,
                       struct pc_err *err)
{
    if (!p->sink || !p->sink->root || p->sink->in_place)
        return pc_err_set(err, PC_EX_BUG, "%s was filled where it cannot be", name);
    if (prepare_put(p, name, err) || pc_listing_set(&p->listing, name, size, err))
        return -1;
    return pc_fill_end(p->sink->root, p->index, name, head, (int64_t)nhead, size, err);
}

/* A channel that had been left unfinished is begun afresh: what it still holds of before goes away. */
static int remove_stale(struct pc_pass *p, struct pc_err *err)
{
    char dir[4200], path[1100];
    struct pc_names names = {0};
    snprintf(dir, sizeof dir, "%s/%s", p->source->root, p->channel);
    int rc = pc_dir_members(dir, &names, err);
    for (int i = 0; !rc && i < names.n; i++)
        if (pc_listing_size(&p->listing, names.s[i]) < 0)
            rc = full_name(p, names.s[i], path, sizeof path, err) || p->sink->ops->remove(p->sink, path, err)
                     ? -1
                     : 0;
    pc_names_free(&names);
    return rc;
}

int pc_pass_commit(struct pc_pass *p, struct pc_err *err)
{
    struct pc_text zzplane = {0};
    int rc = 0;
    if (!p->in_channel)
        return 0;
    if (p->putting)
        return pc_err_set(err, PC_EX_BUG, "%s: committed while it was being written", p->put_name);
    if (pc_pass_pull(p, NULL, err) || (p->sink && release_before(p, NULL, err)))
        return -1;
    if (p->sink && p->sink->in_place && p->uncommitted && remove_stale(p, err))
        return -1;
    if (p->sink && (!p->sink->in_place || p->changed || p->uncommitted)) {
        rc = pc_listing_format(&p->listing, &zzplane, err);
        if (!rc)
            rc = p->sink->ops->commit(p->sink, p->channel, &zzplane, err);
        pc_text_free(&zzplane);
    }
    pc_pass_forget_channel(p);
    return rc;
}
