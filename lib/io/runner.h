/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_RUNNER_H
#define PC_IO_RUNNER_H

#include "base/text.h"

#include <stdio.h>

/* Commands that come one after another from a parent that waits for each. A shell that runs a long line of
 * programs so has one process beside them, and not a new one, and a copy of itself, for each.
 *
 * A command is words, each with a NUL behind it: how many follow, the stage that it is, the command itself.
 * The answer is its exit status, as a shell gives it, on a line. */

struct pc_runner {
    FILE *in;
    int out_fd;
    struct pc_text text; /* the words that came last */
    const char **word;   /* where they are: the stage, then argv, which ends with NULL */
};

/* Takes over standard input, from which commands come, and standard output, to which answers go: what is run
 * has nothing on its standard input, and standard error for its standard output. */
int pc_runner_open(struct pc_runner *r, struct pc_err *err) PC_MUST_CHECK;
void pc_runner_close(struct pc_runner *r);

/* The next command: 1, or 0 when there is no other. */
int pc_runner_next(struct pc_runner *r, struct pc_err *err) PC_MUST_CHECK;
int pc_runner_answer(struct pc_runner *r, int status, struct pc_err *err) PC_MUST_CHECK;

#endif
