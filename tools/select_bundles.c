/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_bundles.h"

#include "casa/turn.h"
#include "io/bundle.h"
#include "tools/select_report.h"

#include <string.h>

/* Where members can be filled in any order, and channels can share some. */
static bool is_directory(const char *dst)
{
    const size_t n = strlen(dst);
    return strcmp(dst, "-") != 0 && !(n > 4 && strcmp(dst + n - 4, ".tar") == 0);
}

static int put_cube(struct pc_pass *pass, const struct pc_axis *axis, struct pc_err *err)
{
    struct pc_record cube = {0};
    int status = pc_axis_cube_record(axis, &cube, err);
    if (status == 0)
        status = pc_pass_set_cube(pass, &cube, err);
    pc_record_free(&cube);
    return status;
}

static int put_channels(struct pc_turn *t, const struct pc_axis *axis, struct pc_pass *pass, struct pc_run *r,
                        struct pc_err *err)
{
    if (put_cube(pass, axis, err))
        return -1;
    for (int i = 0; i < axis->nwanted; i++) {
        if (pc_turn_put(t, i, pass, err))
            return -1;
        select_say_channel(t, axis, i, &r->log);
    }
    return 0;
}

static int write_bundles(const struct params *p, struct pc_turn *t, const struct pc_axis *axis,
                         struct pc_run *r, struct pc_err *err)
{
    static const struct pc_use nothing[] = {{NULL, 0}};
    const struct pc_pass_conf conf = {
        .dst = r->dst ? r->dst : "-", .uses = nothing, .tmpdir = select_tmpdir(p), .version = pc_version};
    struct pc_pass *pass;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    if (pc_turn_fill(t, err) || put_channels(t, axis, pass, r, err)) {
        pc_pass_abort(pass);
        return -1;
    }
    return pc_pass_close(pass, err);
}

static int write_selected(struct params *p, struct pc_gather *g, struct pc_run *r, struct pc_err *err)
{
    struct pc_axis axis = {0};
    struct pc_turn *turn = NULL;
    const char *frame;
    if (pc_axis_frame(&p->axis, &frame, err) || pc_gather_set_frame(g, frame, err) ||
        pc_axis_init(&axis, &p->axis, g->window, g->n, err))
        return -1;
    select_warn_of_axis(&axis, &r->log);
    const struct pc_turn_conf conf = {.axis = &axis,
                                      .gather = g,
                                      .mem_byte = select_memory(p),
                                      .nthread = (int)p->nthread,
                                      .tmpdir = select_tmpdir(p),
                                      .dir = r->dst && is_directory(r->dst) ? r->dst : NULL,
                                      .history = r->history,
                                      .fitorder = (int)p->fitorder};
    int status = pc_turn_new(&turn, &conf, err);
    if (status == 0)
        status = p->list ? 0 : write_bundles(p, turn, &axis, r, err);
    if (status == 0 && p->list)
        select_list(turn, &axis);
    else if (status == 0)
        select_say_total(turn, &axis, g, &r->log);
    pc_turn_free(turn);
    pc_axis_fini(&axis);
    return status;
}

int select_bundles(struct params *p, const struct pc_operands *from, struct pc_run *r, struct pc_err *err)
{
    struct pc_gather g;
    struct pc_ms_selection *sel = pc_mem_new0(from->n, sizeof *sel, "selections", err);
    int status = sel ? select_clauses_share(&p->sel, from->n, sel, err) : -1;
    if (status == 0)
        status = pc_gather_open(&g, from->path, from->n, sel, (enum pc_ms_column)p->datacolumn,
                                p->phasecenter, &r->log, err);
    if (status == 0) {
        status = write_selected(p, &g, r, err);
        pc_gather_close(&g);
    }
    pc_mem_free(sel);
    return status;
}
