/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/order.h"
#include "io/pass_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The source's side of a pass: its grammar (00stream 00cube { 00plane members zzplane } zzend, again and
 * again) and the bytes of one member. */

int pc_pass_next_entry(struct pc_pass *p, struct pc_err *err)
{
    if (p->have_entry)
        return 1;
    int more = p->source->ops->next(p->source, &p->entry, err);
    p->have_entry = more > 0;
    if (more > 0)
        snprintf(p->label, sizeof p->label, "%.900s: %s", p->source->name, p->entry.path);
    return more;
}

/* ---- bytes ---- */

static void open_member(struct pc_pass *p)
{
    p->have_entry = false;
    p->member_open = true;
    p->nchunk = 0;
    p->reader.name = p->label;
    p->reader.left = p->entry.size;
}

/* More bytes in p->chunk. */
static int refill(struct pc_pass *p, struct pc_err *err)
{
    const void *s;
    p->source_failed = true;
    if (p->source->ops->chunk(p->source, &s, &p->nchunk, err))
        return -1;
    p->chunk = s;
    p->source_failed = p->nchunk == 0;
    if (!p->nchunk)
        return pc_err_set(err, PC_EX_DATA, "%s: ends %lld bytes early", p->label, (long long)p->reader.left);
    if ((int64_t)p->nchunk > p->reader.left)
        return pc_err_set(err, PC_EX_DATA, "%s: is longer than its size says", p->label);
    return pc_pass_tee(p, s, p->nchunk, err);
}

int pc_pass_chunk(struct pc_pass *p, const void **s, size_t *n, struct pc_err *err)
{
    *n = 0;
    if (!p->member_open || p->reader.left == 0)
        return 0;
    if (!p->nchunk && refill(p, err))
        return -1;
    *s = p->chunk;
    *n = p->nchunk;
    p->reader.left -= (int64_t)p->nchunk;
    p->nchunk = 0;
    return 0;
}

int pc_pass_range(struct pc_pass *p, int64_t n, int *fd, int64_t *at)
{
    bool goes_nowhere = p->way == PC_WAY_SKIP || p->way == PC_WAY_LATER;
    if (!p->member_open || p->nchunk || n > p->reader.left || !goes_nowhere || !p->source->ops->range ||
        !p->source->ops->range(p->source, n, fd, at))
        return 0;
    p->reader.left -= n;
    return 1;
}

int pc_pass_place(struct pc_pass *p, int *fd, int64_t *at)
{
    const int64_t held = (int64_t)p->nchunk; /* read ahead of what was asked for */
    const int64_t left = p->reader.left;
    p->nchunk = 0;
    if (pc_pass_range(p, left - held, fd, at)) {
        p->reader.left = 0;
        *at -= held;
        return 1;
    }
    p->nchunk = (size_t)held;
    return 0;
}

static int reader_read(struct pc_reader *r, void *buf, size_t n, struct pc_err *err)
{
    struct pc_pass *p = (struct pc_pass *)r;
    char *to = buf;
    if ((int64_t)n > r->left)
        return pc_err_set(err, PC_EX_DATA, "%s: has %lld bytes left where %zu are needed", r->name,
                          (long long)r->left, n);
    while (n) {
        if (!p->nchunk && refill(p, err))
            return -1;
        size_t m = n < p->nchunk ? n : p->nchunk;
        memcpy(to, p->chunk, m);
        p->chunk += m;
        p->nchunk -= m;
        r->left -= (int64_t)m;
        to += m;
        n -= m;
    }
    return 0;
}

struct pc_reader *pc_pass_reader(struct pc_pass *pass)
{
    pass->reader.read = reader_read;
    return &pass->reader;
}

int pc_pass_slurp(struct pc_pass *p, struct pc_text *t, struct pc_err *err)
{
    const void *s;
    size_t n;
    if (p->entry.size > 64 << 20)
        return pc_err_set(err, PC_EX_DATA, "%s: a text of %lld bytes", p->label, (long long)p->entry.size);
    do {
        if (pc_pass_chunk(p, &s, &n, err))
            return -1;
        pc_text_add_bytes(t, n ? s : "", n);
    } while (n);
    return pc_text_ok(t, err);
}

int pc_pass_finish_member(struct pc_pass *p, struct pc_err *err)
{
    const void *s;
    size_t n = 1;
    if (!p->member_open)
        return 0;
    while (n && (p->way == PC_WAY_FORWARD || p->way == PC_WAY_SPOOL))
        if (pc_pass_chunk(p, &s, &n, err))
            return -1;
    p->member_open = false;
    return pc_pass_tee_end(p, err);
}

/* The whole of a top-level text; it goes nowhere. */
static int read_text(struct pc_pass *p, struct pc_text *t, struct pc_err *err)
{
    p->way = PC_WAY_SKIP;
    open_member(p);
    if (pc_pass_slurp(p, t, err))
        return -1;
    p->member_open = false;
    return 0;
}

/* ---- grammar ---- */

static int expect(struct pc_pass *p, const char *path, const char *what, struct pc_err *err)
{
    int more = pc_pass_next_entry(p, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: cut short: %s is missing", p->source->name, path);
    if (strcmp(p->entry.path, path))
        return pc_err_set(err, PC_EX_DATA, "%s: %s comes where %s should: %s", p->source->name, p->entry.path,
                          path, what);
    return 0;
}

static int read_version(struct pc_pass *p, struct pc_err *err)
{
    struct pc_text t = {0};
    struct pc_record r = {0};
    long long version = 0;
    int rc = -1;
    if (expect(p, "00stream", "this is not a stream of channels", err) || read_text(p, &t, err))
        goto out;
    if (pc_record_parse(&r, pc_text_str(&t), t.len, p->label, err) || pc_record_int(&r, "pcs", &version, err))
        goto out;
    if (version == 1)
        rc = 0;
    else
        pc_err_set(err, PC_EX_DATA, "%s: version %lld of the stream; this program knows 1", p->label,
                   version);
out:
    pc_text_free(&t);
    pc_record_free(&r);
    return rc;
}

static int cube_differs(struct pc_pass *p, const struct pc_text *t, struct pc_err *err)
{
    const char *a = pc_text_str(&p->cube_text), *b = pc_text_str(t);
    for (int line = 1;; line++) {
        size_t na = strcspn(a, "\n"), nb = strcspn(b, "\n");
        if (na != nb || strncmp(a, b, na) || a[na] != b[nb])
            return pc_err_set(err, PC_EX_DATA,
                              "%s: streams of different cubes: line %d of the first 00cube is \"%.*s\", of "
                              "the next \"%.*s\"",
                              p->label, line, (int)na, a, (int)nb, b);
        if (!a[na])
            return pc_err_set(err, PC_EX_DATA, "%s: streams of different cubes", p->label);
        a += na + 1;
        b += nb + 1;
    }
}

static int read_cube(struct pc_pass *p, struct pc_err *err)
{
    struct pc_text t = {0};
    int rc = -1;
    if (expect(p, "00cube", "it says what the channels belong to", err) || read_text(p, &t, err))
        goto out;
    if (!p->cube_text.s) {
        rc = pc_record_parse(&p->cube, pc_text_str(&t), t.len, p->label, err);
        p->cube_text = t;
        return rc;
    }
    if (p->cube_text.len == t.len && !memcmp(p->cube_text.s, t.s, t.len))
        rc = 0;
    else
        cube_differs(p, &t, err);
out:
    pc_text_free(&t);
    return rc;
}

int pc_pass_start(struct pc_pass *p, struct pc_err *err)
{
    p->ended = false;
    p->nchan_here = 0;
    return read_version(p, err) || read_cube(p, err) ? -1 : 0;
}

static int read_end(struct pc_pass *p, struct pc_err *err)
{
    struct pc_text t = {0};
    struct pc_record r = {0};
    long long n = -1;
    int rc = -1;
    if (read_text(p, &t, err) || pc_record_parse(&r, pc_text_str(&t), t.len, p->label, err) ||
        pc_record_int(&r, "nchan", &n, err))
        goto out;
    if (n == p->nchan_here)
        rc = 0;
    else
        pc_err_set(err, PC_EX_DATA, "%s: says that %lld channels came; there were %lld", p->label, n,
                   (long long)p->nchan_here);
    p->ended = true;
out:
    pc_text_free(&t);
    pc_record_free(&r);
    return rc;
}

static int mark_seen(struct pc_pass *p, struct pc_err *err)
{
    long long index = -1;
    if (pc_record_int(&p->plane, "index", &index, err))
        return pc_err_prefix(err, "%s", p->label);
    if (index != p->index)
        return pc_err_set(err, PC_EX_DATA, "%s: index is %lld in a channel called %s", p->label, index,
                          p->channel);
    if (p->ncube > 0 && p->index >= p->ncube)
        return pc_err_set(err, PC_EX_DATA, "%s: index is %lld; the cube has %lld channels", p->label, index,
                          (long long)p->ncube);
    if (p->seen[index])
        return pc_err_set(err, PC_EX_DATA, "%s: channel %s comes a second time", p->label, p->channel);
    p->seen[index] = 1;
    return 0;
}

static int begin_channel(struct pc_pass *p, struct pc_chan *chan, struct pc_err *err)
{
    struct pc_text t = {0};
    int rc = -1;
    if (strcmp(p->entry.path + 7, "/00plane"))
        return pc_err_set(err, PC_EX_DATA, "%s: %s comes where %.7s/00plane should", p->source->name,
                          p->entry.path, p->entry.path);
    pc_pass_forget_channel(p);
    p->index = pc_order_channel(p->entry.path);
    snprintf(p->channel, sizeof p->channel, "%.7s", p->entry.path);
    p->in_channel = true;
    p->way = pc_pass_way(p, "00plane");
    open_member(p);
    if (pc_pass_tee_begin(p, "00plane", p->entry.size, err) || pc_pass_slurp(p, &t, err) ||
        pc_pass_finish_member(p, err))
        goto out;
    if (pc_record_parse(&p->plane, pc_text_str(&t), t.len, p->label, err) || mark_seen(p, err))
        goto out;
    p->nchan++;
    p->nchan_here++;
    chan->index = p->index;
    memcpy(chan->name, p->channel, sizeof chan->name);
    chan->plane = p->plane;
    rc = 1;
out:
    pc_text_free(&t);
    return rc;
}

/* What stands between channels and is not ours goes through. */
static int forward_foreign(struct pc_pass *p, struct pc_err *err)
{
    bool out = p->sink && !p->sink->in_place;
    const void *s;
    size_t n;
    if (pc_order_channel(p->entry.path) >= 0 || p->ended)
        return pc_err_set(err, PC_EX_DATA, "%s: %s comes after the end", p->source->name, p->entry.path);
    p->way = PC_WAY_SKIP;
    open_member(p);
    if (out && p->sink->ops->begin(p->sink, p->entry.path, p->entry.size, err))
        return -1;
    while (out) {
        if (pc_pass_chunk(p, &s, &n, err) || (n && p->sink->ops->write(p->sink, s, n, err)))
            return -1;
        if (!n)
            break;
    }
    p->member_open = false;
    return out ? p->sink->ops->end(p->sink, err) : 0;
}

int pc_pass_channel(struct pc_pass *p, struct pc_chan *chan, struct pc_err *err)
{
    if (p->in_channel && pc_pass_commit(p, err))
        return -1;
    for (;;) {
        int rc, more = pc_pass_next_entry(p, err);
        if (more < 0)
            return -1;
        if (more == 0 && !p->ended)
            return pc_err_set(err, PC_EX_DATA, "%s: cut short: no zzend after %lld channels", p->source->name,
                              (long long)p->nchan_here);
        if (more == 0)
            return 0;
        if (p->ended && !strcmp(p->entry.path, "00stream"))
            rc = pc_pass_start(p, err);
        else if (!p->ended && !strcmp(p->entry.path, "zzend"))
            rc = read_end(p, err);
        else if (!p->ended && pc_order_channel(p->entry.path) >= 0)
            return begin_channel(p, chan, err);
        else
            rc = forward_foreign(p, err);
        if (rc)
            return -1;
    }
}

/* The name within the channel when the next entry is one of its members; NULL at zzplane, which is taken. */
static int peek_member(struct pc_pass *p, const char **name, struct pc_err *err)
{
    int more = pc_pass_next_entry(p, err);
    size_t n = strlen(p->channel);
    *name = NULL;
    if (more < 0)
        return -1;
    if (more == 0 || strncmp(p->entry.path, p->channel, n) || p->entry.path[n] != '/')
        return pc_err_set(err, PC_EX_DATA, "%s: %s has no zzplane: %s%s", p->source->name, p->channel,
                          more ? "then comes " : "cut short", more ? p->entry.path : "");
    *name = p->entry.path + n + 1;
    if (strcmp(*name, "zzplane"))
        return 0;
    *name = NULL;
    p->members_done = true;
    p->uncommitted = p->entry.uncommitted;
    return read_text(p, &p->zzplane, err);
}

static int take_in(struct pc_pass *p, const char *name, struct pc_err *err)
{
    if (!strcmp(name, "00plane"))
        return pc_err_set(err, PC_EX_DATA, "%s: comes a second time", p->label);
    p->way = pc_pass_way(p, name);
    open_member(p);
    return pc_pass_tee_begin(p, name, p->entry.size, err);
}

int pc_pass_member(struct pc_pass *p, struct pc_member *m, struct pc_err *err)
{
    const char *name;
    if (pc_pass_finish_member(p, err))
        return -1;
    while (!p->members_done) {
        if (peek_member(p, &name, err))
            return -1;
        if (!name)
            break;
        if (take_in(p, name, err))
            return -1;
        if (pc_pass_how(p, name) & PC_TAKE) {
            m->name = name;
            m->size = p->entry.size;
            return 1;
        }
        if (pc_pass_finish_member(p, err))
            return -1;
    }
    return 0;
}

int pc_pass_pull(struct pc_pass *p, const char *upto, struct pc_err *err)
{
    const char *name;
    if (pc_pass_finish_member(p, err))
        return -1;
    while (p->source && !p->members_done) {
        if (peek_member(p, &name, err))
            return -1;
        if (!name || (upto && pc_order_compare(name, upto) > 0))
            break;
        if (take_in(p, name, err) || pc_pass_finish_member(p, err))
            return -1;
    }
    return 0;
}
