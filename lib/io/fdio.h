/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FDIO_H
#define PC_IO_FDIO_H

#include "base/text.h"

#include <stdint.h>
#include <sys/types.h>

/* File descriptors: whole writes, interrupted calls taken up again, errors with the name of the file. */

enum { PC_FD_CHUNK = 1 << 20 };

int pc_fd_write(int fd, const void *buf, size_t n, const char *name, struct pc_err *err) PC_MUST_CHECK;
/* Both, in one call where the system allows. */
int pc_fd_write2(int fd, const void *a, size_t na, const void *b, size_t nb, const char *name,
                 struct pc_err *err) PC_MUST_CHECK;
int pc_fd_pwrite(int fd, const void *buf, size_t n, int64_t at, const char *name,
                 struct pc_err *err) PC_MUST_CHECK;
/* The same where the file has nothing yet: 64 KiB of zeros stay a hole. */
int pc_fd_pwrite_holes(int fd, const void *buf, size_t n, int64_t at, const char *name,
                       struct pc_err *err) PC_MUST_CHECK;
/* All n bytes or 65. */
int pc_fd_pread(int fd, void *buf, size_t n, int64_t at, const char *name, struct pc_err *err) PC_MUST_CHECK;
/* 0 at the end of the file, -1 on failure. */
ssize_t pc_fd_read(int fd, void *buf, size_t n, const char *name, struct pc_err *err) PC_MUST_CHECK;
int64_t pc_fd_size(const char *path); /* -1: not there */
/* Writes path beside itself (".NAME.new"), fsyncs, renames: whole or not at all. */
int pc_fd_replace(const char *path, const void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
/* ".NAME.new" in the directory of path: the name of what is being written, which no reader takes for a
 * member. Freed by free(); NULL when there is no memory. */
char *pc_fd_temp_name(const char *path);
/* fsync of the directory that holds path, so that a rename in it lasts. Where directories cannot be synced:
 * nothing. */
void pc_fd_sync_parent(const char *path);
/* Where in [at, end) the file first has data: what lies before is a hole. `at` where that is not known. */
int64_t pc_fd_data(int fd, int64_t at, int64_t end);
/* Where in [at, end) the file first has a hole; `end` where there is none or that is not known. */
int64_t pc_fd_hole(int fd, int64_t at, int64_t end);
/* Has the kernel copy n bytes from a place in one file to a place in another. How many it did: what is left,
 * be it that it cannot (other file systems, old kernels) or that it failed, is for reading and writing. */
int64_t pc_fd_copy(int from, int64_t from_at, int to, int64_t to_at, int64_t n);
/* Lets a pipe hold a megabyte where the system can; else nothing happens. */
void pc_fd_widen_pipe(int fd);

#endif
