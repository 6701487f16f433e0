/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_SPOOL_H
#define PC_IO_SPOOL_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes kept for later: in memory up to a limit, what comes after in an unlinked file. One writer at the end,
 * reads anywhere, and what is there may be replaced. */

struct pc_spool;
int pc_spool_new(struct pc_spool **s, int64_t mem_byte, const char *tmpdir, struct pc_err *err) PC_MUST_CHECK;
void pc_spool_free(struct pc_spool *s);
int64_t pc_spool_size(const struct pc_spool *s);
int pc_spool_add(struct pc_spool *s, const void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
int pc_spool_read(struct pc_spool *s, int64_t at, void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
/* In the place of n bytes that were added. */
int pc_spool_replace(struct pc_spool *s, int64_t at, const void *buf, size_t n,
                     struct pc_err *err) PC_MUST_CHECK;
/* Empties it; keeps its memory for the next channel. */
void pc_spool_reset(struct pc_spool *s);

#endif
