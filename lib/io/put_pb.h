/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PUT_PB_H
#define PC_IO_PUT_PB_H

#include "image/pb_rows.h"
#include "io/bundle.h"

/* A primary beam, the same in all planes, put row by row as it is evaluated, by several threads; where
 * pc_pass_can_amend(). The same bytes as by pc_pass_put_alike() of a plane of these rows.
 *
 * Once it has begun the next member can be put. Threads that have something else to do, such as to write
 * another file, take steps of it meanwhile: of one file only one at a time can write. */

struct pc_pb_out;
/* name, head and rows are borrowed until the end. */
int pc_pb_out_begin(struct pc_pb_out **o, struct pc_pass *pass, const char *name,
                    const struct pc_imhead *head, const struct pc_pb_rows *rows, int nthread,
                    struct pc_err *err) PC_MUST_CHECK;
/* Some rows more, if there are; `thread` < nthread is one at a time. */
void pc_pb_out_step(struct pc_pb_out *o, int thread);
bool pc_pb_out_busy(const struct pc_pb_out *o); /* as pc_rows_out_busy() */
/* All rows that are left, by threads; frees o in any case. */
int pc_pb_out_end(struct pc_pb_out *o, struct pc_err *err) PC_MUST_CHECK;
void pc_pb_out_free(struct pc_pb_out *o); /* given up: the pass must be aborted; NULL is fine */

#endif
