/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_TOOL_H
#define PC_TOOLS_TOOL_H

#include "base/log.h"
#include "base/opt.h"

/* What every program's main() is: parse, --help/--version, run(), one sentence on stderr, exit status.
 * run() gets the parsed parameters; `history` is the HISTORY text of this run (see pc_opt_history). Hidden
 * first arguments make documents and are not in --help: --print-mdoc, --print-completion, --print-options. */

struct pc_run {
    const struct pc_program *prog;
    const struct pc_cmdline *cl;
    const char *src;     /* first operand, "-" when absent */
    const char *dst;     /* -o, NULL when absent */
    const char *history; /* lines */
    struct pc_log log;
};

int pc_tool_main(const struct pc_program *prog, int argc, char **argv,
                 int (*run)(void *params, struct pc_run *r, struct pc_err *err));

extern const char pc_version[]; /* from git describe */

#endif
