/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_STATUS_EXEC_H
#define PC_TOOLS_STATUS_EXEC_H

#include "base/err.h"

/* pc-status as that which runs the programs of a script. */

struct status_exec {
    const char *record; /* to which a stage adds what it took */
    int share;          /* channels of which each has its share of the seconds */
    double timeout_s;   /* of a stage; 0: none */
};

/* Runs a command, argv that ends with NULL, as a stage. err->code is its exit status, without a sentence when
 * it has said its own. */
int status_exec(const struct status_exec *how, const char *stage, const char *const *argv,
                struct pc_err *err) PC_MUST_CHECK;
/* Runs the commands that come on standard input (io/runner.h), until there are no more. */
int status_serve(const struct status_exec *how, struct pc_err *err) PC_MUST_CHECK;

#endif
