/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_SPOOL_H
#define PC_CASA_SPOOL_H

#include "base/err.h"

#include <stdint.h>

/* A store of bytes at offsets: in memory when it is small enough, else an unlinked file in tmpdir, which is
 * gone however the program ends. Disk full is 74, no place for the file 73. One thread. */

struct pc_spool;

int pc_spool_new(struct pc_spool **s, int64_t size, int64_t mem_byte, const char *tmpdir,
                 struct pc_err *err) PC_MUST_CHECK;
void pc_spool_free(struct pc_spool *s);
/* The place itself when the spool is memory, to be read or written; NULL when it is a file. */
void *pc_spool_at(struct pc_spool *s, int64_t offset);
int pc_spool_write(struct pc_spool *s, int64_t offset, const void *buf, int64_t n,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_spool_read(struct pc_spool *s, int64_t offset, void *buf, int64_t n, struct pc_err *err) PC_MUST_CHECK;

#endif
