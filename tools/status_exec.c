/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/status_exec.h"

#include "base/child.h"
#include "io/runner.h"
#include "io/stage.h"

int status_exec(const struct status_exec *how, const char *stage, const char *const *argv, struct pc_err *err)
{
    int status = 0;
    if (pc_stage_run(argv, stage, how->share, how->record, how->timeout_s, &status, err))
        return -1;
    if (status == PC_CHILD_TIMEOUT && how->timeout_s > 0)
        return pc_err_set(err, status, "%s was ended: it took longer than %g s (--timeout)", argv[0],
                          how->timeout_s);
    err->code = status; /* the command has said why */
    return status ? -1 : 0;
}

/* What is no stage is not measured, and takes the time it takes. */
static int exec_plain(const char *const *argv, struct pc_err *err)
{
    struct pc_child child;
    if (pc_child_run(argv, 0, &child, err))
        return -1;
    err->code = child.status;
    return child.status ? -1 : 0;
}

int status_serve(const struct status_exec *how, struct pc_err *err)
{
    struct pc_runner r;
    int more = pc_runner_open(&r, err) ? -1 : 1;
    while (more > 0 && (more = pc_runner_next(&r, err)) > 0) {
        struct pc_err said = {0};
        const char *stage = r.word[0], *const *argv = r.word + 1;
        int bad = *stage ? status_exec(how, stage, argv, &said) : exec_plain(argv, &said);
        if (bad && said.msg[0])
            fprintf(stderr, "pc-status: %s\n", said.msg);
        if (pc_runner_answer(&r, bad ? said.code : 0, err))
            more = -1;
    }
    pc_runner_close(&r);
    return more;
}
