/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/diff.h"
#include "io/diff_member.h"
#include "io/fdio.h"
#include "io/order.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- bundles: two passes walk side by side, always the one that is behind ---- */

struct side {
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    int more_chan, more_member; /* 1: chan, m hold the next one */
    int last_index;
};

struct walk {
    struct side a, b;
    const struct pc_diff_conf *conf;
    int64_t ndiffer;
};

static void report(struct walk *w, struct pc_diff_line *line)
{
    bool good = !strcmp(line->verdict, "same") || !strcmp(line->verdict, "near");
    w->ndiffer += !good;
    if (w->conf->line)
        w->conf->line(w->conf->user, line);
}

static void only(struct walk *w, const char *channel, const char *member, bool in_a)
{
    struct pc_diff_line line = {
        .channel = channel, .member = member, .verdict = in_a ? "only in A" : "only in B"};
    report(w, &line);
}

static int next_channel(struct side *s, const char *name, struct pc_err *err)
{
    s->more_chan = pc_pass_channel(s->pass, &s->chan, err);
    if (s->more_chan <= 0)
        return s->more_chan;
    if (s->chan.index <= s->last_index)
        return pc_err_set(
            err, PC_EX_DATA,
            "%s: %s comes after ch%05d: only ascending channels can be compared; make it a directory", name,
            s->chan.name, s->last_index);
    s->last_index = s->chan.index;
    return 0;
}

static int next_member(struct side *s, struct pc_err *err)
{
    s->more_member = pc_pass_member(s->pass, &s->m, err);
    return s->more_member < 0 ? -1 : 0;
}

static int compare_members(struct walk *w, struct pc_err *err)
{
    const char *name = w->a.m.name;
    size_t n = strlen(name);
    struct pc_diff_line line = {.channel = w->a.chan.name, .member = name};
    struct pc_reader *a = pc_pass_reader(w->a.pass), *b = pc_pass_reader(w->b.pass);
    bool is_fits = n > 5 && !strcmp(name + n - 5, ".fits") && pc_order_known(name);
    if (is_fits ? pc_diff_fits(a, b, w->conf, &line, err) : pc_diff_text(a, b, &line, err))
        return -1;
    report(w, &line);
    return 0;
}

static int compare_channels(struct walk *w, struct pc_err *err)
{
    if (next_member(&w->a, err) || next_member(&w->b, err))
        return -1;
    while (w->a.more_member || w->b.more_member) {
        int order = !w->a.more_member   ? 1
                    : !w->b.more_member ? -1
                                        : pc_order_compare(w->a.m.name, w->b.m.name);
        if (order < 0)
            only(w, w->a.chan.name, w->a.m.name, true);
        else if (order > 0)
            only(w, w->b.chan.name, w->b.m.name, false);
        else if (compare_members(w, err))
            return -1;
        if ((order <= 0 && next_member(&w->a, err)) || (order >= 0 && next_member(&w->b, err)))
            return -1;
    }
    return 0;
}

/* 00plane is read by the pass itself. */
static int compare_planes(struct walk *w, struct pc_err *err)
{
    struct pc_text a = {0}, b = {0};
    struct pc_diff_line line = {.channel = w->a.chan.name, .member = "00plane"};
    int rc =
        pc_record_format(&w->a.chan.plane, &a, err) || pc_record_format(&w->b.chan.plane, &b, err) ? -1 : 0;
    line.verdict = strcmp(pc_text_str(&a), pc_text_str(&b)) ? "text" : "same";
    if (!rc)
        report(w, &line);
    pc_text_free(&a);
    pc_text_free(&b);
    return rc;
}

static int walk_both(struct walk *w, const char *a, const char *b, struct pc_err *err)
{
    if (next_channel(&w->a, a, err) || next_channel(&w->b, b, err))
        return -1;
    while (w->a.more_chan || w->b.more_chan) {
        int order = !w->a.more_chan ? 1 : !w->b.more_chan ? -1 : w->a.chan.index - w->b.chan.index;
        if (order < 0)
            only(w, w->a.chan.name, "*", true);
        else if (order > 0)
            only(w, w->b.chan.name, "*", false);
        else if (compare_planes(w, err) || compare_channels(w, err))
            return -1;
        if ((order <= 0 && next_channel(&w->a, a, err)) || (order >= 0 && next_channel(&w->b, b, err)))
            return -1;
    }
    return 0;
}

static int diff_bundles(const char *a, const char *b, struct walk *w, struct pc_err *err)
{
    static const struct pc_use all[] = {{"*", PC_TAKE}, {"*/*", PC_TAKE}, {"*/*/*", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = a, .uses = all, .read_only = true};
    if (pc_pass_open(&w->a.pass, &conf, err))
        return -1;
    conf.src = b;
    int rc = pc_pass_open(&w->b.pass, &conf, err);
    if (!rc)
        rc = walk_both(w, a, b, err);
    pc_pass_abort(w->a.pass);
    pc_pass_abort(w->b.pass);
    return rc;
}

/* ---- plain FITS files ---- */

struct file_reader {
    struct pc_reader reader; /* first */
    int fd;
    int64_t at;
};

static int file_read(struct pc_reader *r, void *buf, size_t n, struct pc_err *err)
{
    struct file_reader *f = (struct file_reader *)r;
    if (pc_fd_pread(f->fd, buf, n, f->at, r->name, err))
        return -1;
    f->at += (int64_t)n;
    r->left -= (int64_t)n;
    return 0;
}

static bool is_fits(const char *path)
{
    char s[10] = "";
    struct stat st;
    struct pc_err ignored;
    if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
        return false;
    int fd = open(path, O_RDONLY);
    bool yes = fd >= 0 && !pc_fd_pread(fd, s, 9, 0, path, &ignored) && !memcmp(s, "SIMPLE  =", 9);
    if (fd >= 0)
        close(fd);
    return yes;
}

static int open_file(struct file_reader *f, const char *path, struct pc_err *err)
{
    *f = (struct file_reader){.reader = {.read = file_read, .name = path, .left = pc_fd_size(path)}};
    f->fd = open(path, O_RDONLY);
    return f->fd >= 0 ? 0 : pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
}

static int diff_files(const char *a, const char *b, struct walk *w, struct pc_err *err)
{
    struct file_reader fa, fb = {.fd = -1};
    struct pc_diff_line line = {.channel = "-", .member = "-"};
    int rc = open_file(&fa, a, err) || open_file(&fb, b, err) ? -1 : 0;
    if (!rc)
        rc = pc_diff_fits(&fa.reader, &fb.reader, w->conf, &line, err);
    if (!rc)
        report(w, &line);
    if (fa.fd >= 0)
        close(fa.fd);
    if (fb.fd >= 0)
        close(fb.fd);
    return rc;
}

int pc_diff(const char *a, const char *b, const struct pc_diff_conf *conf, int64_t *ndiffer,
            struct pc_err *err)
{
    struct walk w = {.conf = conf, .a.last_index = -1, .b.last_index = -1};
    int rc;
    if (!strcmp(a, "-") && !strcmp(b, "-"))
        return pc_err_set(err, PC_EX_USAGE, "only one of the two can be the standard input");
    bool fits_a = is_fits(a), fits_b = is_fits(b);
    if (fits_a != fits_b && !access(a, F_OK) && !access(b, F_OK))
        return pc_err_set(err, PC_EX_DATA, "%s is a FITS file and %s is none", fits_a ? a : b,
                          fits_a ? b : a);
    rc = fits_a && fits_b ? diff_files(a, b, &w, err) : diff_bundles(a, b, &w, err);
    *ndiffer = w.ndiffer;
    return rc;
}
