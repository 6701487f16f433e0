/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CHECK_H
#define PC_IO_CHECK_H

#include "base/text.h"

#include <stdint.h>

/* Is a stream, tar file or directory what pc-stream(5) says? End marker, commit records, sizes, order, sums.
 */

struct pc_check_report {
    int64_t nchan, nmember, nbyte, nsum; /* nsum: members whose checksum was verified */
    int64_t nproblem;
    struct pc_text problems; /* one sentence a line */
};

/* 0, also when there are problems; -1: it cannot be read to its end (65, 66, ...). The report tells in both
 * cases what was seen until then; free its text. */
int pc_check(const char *src, struct pc_check_report *report, struct pc_err *err) PC_MUST_CHECK;

#endif
