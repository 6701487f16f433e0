/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_DIFF_MEMBER_H
#define PC_IO_DIFF_MEMBER_H

#include "io/diff.h"
#include "io/pass.h"

/* One member against another; `line` gets figures and verdict. The numbers of a FITS primary array, or bytes.
 */
int pc_diff_fits(struct pc_reader *a, struct pc_reader *b, const struct pc_diff_conf *conf,
                 struct pc_diff_line *line, struct pc_err *err) PC_MUST_CHECK;
int pc_diff_text(struct pc_reader *a, struct pc_reader *b, struct pc_diff_line *line,
                 struct pc_err *err) PC_MUST_CHECK;

#endif
