/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FILE_OUT_H
#define PC_IO_FILE_OUT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* A file being written in which 64 KiB of zeros become holes; open for reading too. */

struct pc_file_out {
    int fd; /* -1: none */
    int64_t at, size;
    char path[4200];
};
int pc_file_out_begin(struct pc_file_out *f, const char *path, int64_t size,
                      struct pc_err *err) PC_MUST_CHECK;
/* root/path from byte `at` on, whatever else it holds already; made, with its directories, where it is not
 * there yet. pc_file_out_pause() closes it, its size being what it is. */
int pc_file_out_resume(struct pc_file_out *f, const char *root, const char *path, int64_t at,
                       struct pc_err *err) PC_MUST_CHECK;
int pc_file_out_pause(struct pc_file_out *f, struct pc_err *err) PC_MUST_CHECK;
int pc_file_out_write(struct pc_file_out *f, const void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
int pc_file_out_end(struct pc_file_out *f, int sync, struct pc_err *err) PC_MUST_CHECK;
void pc_file_out_abort(struct pc_file_out *f); /* closes; the file stays */

/* root/path with the directories between made; 73 when that fails. */
int pc_file_out_make_parents(const char *root, const char *path, struct pc_err *err) PC_MUST_CHECK;

#endif
