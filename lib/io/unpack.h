/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_UNPACK_H
#define PC_IO_UNPACK_H

#include "base/err.h"

/* One compressed file (gzip, bzip2, xz or zstd), as it was before.
 *
 * 1: it is in `to`; 0: `path` is not compressed, or what is compressed does not begin with `begins`; -1: it
 * is damaged or cut short (65), or there is no room (74). */
int pc_unpack(const char *path, const char *begins, const char *to, struct pc_err *err) PC_MUST_CHECK;

#endif
