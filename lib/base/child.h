/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_CHILD_H
#define PC_BASE_CHILD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Running another program and seeing what it took. */

struct pc_child {
    int status; /* exit status as a shell gives it: 128 + n when signal n ended it; 127 when it was not found
                 */
    double time_s;    /* wall clock */
    double cpu_s;     /* user and system */
    int64_t mem_byte; /* largest resident set of it, or of one of its own children that it has waited for */
    bool timed_out;   /* ended for having gone on too long; status is PC_CHILD_TIMEOUT */
};

enum { PC_CHILD_TIMEOUT = 124 }; /* as timeout(1) has it */

/* Runs argv (ends with NULL, found through PATH) to its end with this process's descriptors. With limit_s > 0
 * it is ended after so long: SIGTERM, and two seconds later SIGKILL. -1 only when no process could be made.
 */
int pc_child_run(const char *const *argv, double limit_s, struct pc_child *out,
                 struct pc_err *err) PC_MUST_CHECK;

/* Runs argv with nothing on its standard input, and its standard output into out_fd; what it says on stderr
 * goes to ours. *status as above. */
int pc_child_into(const char *const *argv, int out_fd, int *status, struct pc_err *err) PC_MUST_CHECK;

#endif
