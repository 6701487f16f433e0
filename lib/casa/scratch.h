/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_SCRATCH_H
#define PC_CASA_SCRATCH_H

#include "base/err.h"

#include <stdint.h>

/* A store of bytes at offsets: in memory when it is small enough, else an unlinked file in tmpdir, which is
 * gone however the program ends. Disk full is 74, no place for the file 73. Writes to
 * different places may be made by different threads at once. */

struct pc_scratch;

int pc_scratch_new(struct pc_scratch **s, int64_t size, int64_t mem_byte, const char *tmpdir,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_scratch_free(struct pc_scratch *s);
/* The place itself when the scratch is memory, to be read or written; NULL when it is a file. */
void *pc_scratch_at(struct pc_scratch *s, int64_t offset);
int pc_scratch_write(struct pc_scratch *s, int64_t offset, const void *buf, int64_t n,
                     struct pc_err *err) PC_MUST_CHECK;
int pc_scratch_read(struct pc_scratch *s, int64_t offset, void *buf, int64_t n,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
