/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/concat_take.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int concat_take_begin(const struct concat_take *t, struct pc_pass *pass, struct pc_err *err)
{
    const struct pc_record *cube00 = pc_pass_cube(pass);
    long long nchan;
    if (t->work)
        return pc_cube_begin_work(t->cube, t->work, cube00, err);
    if (pc_record_int(cube00, "nchan", &nchan, err) != 0)
        return -1;
    return pc_cube_set_axis(t->cube, cube00, 0, (int)nchan, err);
}

/* src is a directory of channels, or a channel of one. */
static int refer_channel(const struct concat_take *t, const char *src, struct pc_pass *pass,
                         const struct pc_chan *chan, struct pc_err *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/00stream", src);
    const bool whole = access(path, F_OK) == 0;
    snprintf(path, sizeof path, "%s%s%s", src, whole ? "/" : "", whole ? chan->name : "");
    if (pc_cube_refer(t->cube, pass, chan, path, err) != 0)
        return -1;
    pc_log_line(t->log, "%s freq_hz=%s", chan->name, pc_record_get(&chan->plane, "freq_hz"));
    return 0;
}

static int take_channel(const struct concat_take *t, const char *src, struct pc_pass *pass,
                        const struct pc_chan *chan, struct pc_err *err)
{
    struct pc_record done = {0};
    if (t->refer)
        return refer_channel(t, src, pass, chan, err);
    int ret = pc_cube_place(t->cube, pass, chan, t->work == NULL, &done, err);
    if (ret == 0 && t->work)
        ret = pc_cube_done_work(t->work, chan->index, &done, t->note->s, t->note->n, err);
    if (ret == 0)
        pc_log_line(t->log, "%s freq_hz=%s", chan->name, pc_record_get(&done, "freq_hz"));
    pc_record_free(&done);
    return ret;
}

static int take_source(const struct concat_take *t, const char *src, struct pc_err *err)
{
    struct pc_pass_conf conf = {
        .src = src, .uses = pc_cube_uses(t->cube), .read_only = true, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass;
    struct pc_chan chan;
    if (pc_pass_open(&pass, &conf, err) != 0)
        return -1;
    int more = concat_take_begin(t, pass, err);
    while (more >= 0 && (more = pc_pass_channel(pass, &chan, err)) > 0)
        more = take_channel(t, src, pass, &chan, err);
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return pc_err_prefix(err, "%s", strcmp(src, "-") == 0 ? "standard input" : src);
}

int concat_take_all(const struct concat_take *t, const struct pc_run *r, struct pc_err *err)
{
    if (r->cl->noperand == 0)
        return take_source(t, "-", err);
    for (int i = 0; i < r->cl->noperand; i++)
        if (take_source(t, r->cl->operand[i], err) != 0)
            return -1;
    return 0;
}
