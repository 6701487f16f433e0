/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FILL_H
#define PC_IO_FILL_H

#include "base/err.h"

#include <stdint.h>

/* Members of a new directory that are written piece by piece, in any order, before their channels come: the
 * data of many channels, where all cannot be held. pc_pass_put_filled() then gives each its header and makes
 * it one of its channel. Zeros become holes, as in pc_file_out. No file stays open in between; threads may
 * fill different members. */

/* n bytes at `at` of root/chNNNNN/name. */
int pc_fill_piece(const char *root, int channel, const char *name, int64_t at, const void *buf, int64_t n,
                  struct pc_err *err) PC_MUST_CHECK;
/* Its first bytes, and its size: what no piece covered is zero. */
int pc_fill_end(const char *root, int channel, const char *name, const void *head, int64_t nhead,
                int64_t size, struct pc_err *err) PC_MUST_CHECK;

#endif
