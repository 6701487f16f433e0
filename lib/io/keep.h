/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_KEEP_H
#define PC_IO_KEEP_H

#include "io/sink.h"

/* Copies of the members that the channels of a stream share (uvw.fits, row.fits): a stream has no links, so a
 * later channel gets the bytes again. The last one of each name is kept. */

struct pc_keep;
int pc_keep_new(struct pc_keep **k, int64_t mem_byte, const char *tmpdir, struct pc_err *err) PC_MUST_CHECK;
void pc_keep_free(struct pc_keep *k);
/* A member begins; bytes of one that is not kept are ignored. */
int pc_keep_begin(struct pc_keep *k, int channel, const char *name, int64_t size,
                  struct pc_err *err) PC_MUST_CHECK;
int pc_keep_write(struct pc_keep *k, const void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
/* -1 when the last one of that name is not from that channel. */
int64_t pc_keep_size(const struct pc_keep *k, int channel, const char *name);
int pc_keep_copy(struct pc_keep *k, const char *name, struct pc_sink *sink, struct pc_err *err) PC_MUST_CHECK;

#endif
