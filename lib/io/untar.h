/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_UNTAR_H
#define PC_IO_UNTAR_H

#include "base/err.h"

/* A tar archive (plain, or compressed by gzip, bzip2, xz or zstd) unpacked into a directory, and nowhere
 * else: members with absolute names or with .., links that lead out, and members that are neither files,
 * directories nor links are refused (65), as is an archive that is cut short. Owners, modes and times are not
 * restored. */

/* 1: done; 0: `path` is no tar archive; -1. A full disk is 74. */
int pc_untar(const char *path, const char *dir, struct pc_err *err) PC_MUST_CHECK;

#endif
