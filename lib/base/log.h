/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_LOG_H
#define PC_BASE_LOG_H

#include "base/err.h"

#include <stdio.h>

/* Where warnings go. The library prints nothing: a tool owns the FILE (stderr, usually) and hands this down
 * to what may have something to say. A NULL log, or one whose out is NULL, is silence. Lines are "pc-psf:
 * warning: ...". */

struct pc_log {
    FILE *out;
    const char *tool;
    int verbose; /* 0: warnings and channel lines; 1: notes too */
    int nwarn;
};

void pc_log_warn(struct pc_log *log, const char *fmt, ...) PC_PRINTF(2, 3);
void pc_log_note(struct pc_log *log, const char *fmt, ...) PC_PRINTF(2, 3); /* only when verbose */
void pc_log_line(struct pc_log *log, const char *fmt, ...)
    PC_PRINTF(2, 3); /* "pc-psf: ch00042 key=value ..." */

#endif
