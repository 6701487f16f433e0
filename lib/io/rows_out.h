/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_ROWS_OUT_H
#define PC_IO_ROWS_OUT_H

#include "io/bundle.h"

/* An image put while it is made: rows in any order, by several threads, nothing of it held. Only where a
 * member can be written anywhere (pc_pass_can_amend()). The same bytes as by pc_pass_put_image(), holes too.
 * Once it has begun the next member can be put: several may be made at a time. */

struct pc_rows_out_conf {
    const char *name; /* borrowed, as is head */
    const struct pc_imhead
        *head;  /* borrowed until the end: values may still change, but no card come or go */
    bool wide;  /* of doubles, BITPIX -64; else of floats */
    bool alike; /* what is taken for plane 0 is for all planes, as by pc_pass_put_alike() */
    int nthread;
};

struct pc_rows_out;
int pc_rows_out_begin(struct pc_rows_out **o, struct pc_pass *pass, const struct pc_rows_out_conf *conf,
                      struct pc_err *err) PC_MUST_CHECK;
/* Rows y0 .. y0+nrow-1 of a plane; `thread` < nthread is one at a time. What fails is told at the end. */
void pc_rows_out_take(void *o, int thread, int plane, int y0, int nrow, const void *rows);
/* Whether somebody writes just now: who comes would wait, for systems let in but one writer of a file. */
bool pc_rows_out_busy(const struct pc_rows_out *o);
/* Completes the member, and frees o in any case. */
int pc_rows_out_end(struct pc_rows_out *o, struct pc_err *err) PC_MUST_CHECK;
void pc_rows_out_free(struct pc_rows_out *o); /* given up: the pass must be aborted; NULL is fine */

#endif
