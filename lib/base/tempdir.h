/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_TEMPDIR_H
#define PC_BASE_TEMPDIR_H

#include "base/err.h"

#include <sys/types.h>

/* A directory of this process's own that goes, with all that is in it, when it is closed, and also however
 * the process ends, by a kill too: a child waits for that and removes it. For what must have a name; a file
 * that need not is unlinked at once (pc_spool, pc_scratch). */

struct pc_tempdir {
    char *path; /* absolute; NULL: there is none */
    int fd;
    pid_t keeper;
};

/* PARENT/NAME.XXXXXX; parent NULL: /tmp. 73 when it cannot be made. Not for a process that has threads. */
int pc_tempdir_open(struct pc_tempdir *d, const char *parent, const char *name,
                    struct pc_err *err) PC_MUST_CHECK;
/* Also of one that is zeroed. */
void pc_tempdir_close(struct pc_tempdir *d);

#endif
