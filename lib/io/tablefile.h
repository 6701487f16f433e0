/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_TABLEFILE_H
#define PC_IO_TABLEFILE_H

#include "base/err.h"

/* A table that many processes write at the same time: a text file with a heading, then rows of fields divided
 * by tabs, the first of which is the key they belong to (a channel). The rows of a key are replaced all at
 * once, and the file is there whole or not at all, after any kill: whoever writes holds a lock and renames.
 * Rows are in order of their keys (shorter ones first, then as strcmp), so the file does not depend on who
 * came first. A path that is no regular file (a pipe, a terminal) gets the rows as they come. */

/* `heading` is one line with its end; `rows` are whole lines of `key`, and may be empty. A new file begins
 * with the heading. PC_EX_DATA when the file has another one; PC_EX_CANTCREAT, PC_EX_IOERR. */
int pc_tablefile_put(const char *path, const char *heading, const char *key, const char *rows,
                     struct pc_err *err) PC_MUST_CHECK;

#endif
