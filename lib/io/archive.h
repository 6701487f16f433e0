/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_ARCHIVE_H
#define PC_IO_ARCHIVE_H

#include "base/log.h"
#include "io/check.h"

/* Archives of products: a tar file, compressed by zstd(1) when its name ends in .zst, of one directory, in
 * the order of names, and at the end of it SHA256SUMS, which sha256sum(1) understands. No owner, no clock, no
 * host: the same files make the same bytes. */

/* Packs what belongs to IMAGENAME: its products (FITS files, compressed or not, CASA images), report, table,
 * log, pictures, and the records of IMAGENAME.pc. 66 when there is no product; 65 when a virtual cube refers
 * to what would not be in the archive; 73 when out exists. */
int pc_archive_write(const char *imagename, const char *out, bool overwrite, struct pc_log *log,
                     struct pc_err *err) PC_MUST_CHECK;

/* Whether src is such a file: a tar file whose first member is in a directory, or what zstd compressed. */
bool pc_archive_is(const char *src);
/* Each member against SHA256SUMS: report as of pc_check(), nchan 0. A compressed one is unpacked into tmpdir
 * (NULL: /tmp). */
int pc_archive_check(const char *src, const char *tmpdir, struct pc_check_report *report,
                     struct pc_err *err) PC_MUST_CHECK;

#endif
