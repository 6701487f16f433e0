/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PUT_PB_H
#define PC_IO_PUT_PB_H

#include "image/pb_rows.h"
#include "io/bundle.h"

/* A primary beam, the same in all planes, put row by row as it is evaluated, by several threads; where
 * pc_pass_can_amend(). The same bytes as by pc_pass_put_alike() of a plane of these rows. */
int pc_pass_put_pb(struct pc_pass *pass, const char *name, const struct pc_imhead *head,
                   const struct pc_pb_rows *rows, int nthread, struct pc_err *err) PC_MUST_CHECK;

#endif
