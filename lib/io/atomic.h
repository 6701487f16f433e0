/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_ATOMIC_H
#define PC_IO_ATOMIC_H

#include "base/text.h"

#include <stdbool.h>

/* Small files that are there whole or not at all, after any kill or power cut: written under a name of this
 * process, fsync, then given their name, then the directory is made safe. */

/* Replaces what is there. */
int pc_atomic_write(const char *path, const struct pc_text *text, struct pc_err *err) PC_MUST_CHECK;
/* Gives way to what is there: *made tells whether this call made it. */
int pc_atomic_make(const char *path, const struct pc_text *text, bool *made,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_atomic_write_record(const char *path, const struct pc_record *r, struct pc_err *err) PC_MUST_CHECK;
/* Moves a file to another name, across file systems by copying; replaces what is there. */
int pc_atomic_move(const char *from, const char *to, struct pc_err *err) PC_MUST_CHECK;

#endif
