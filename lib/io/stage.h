/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_STAGE_H
#define PC_IO_STAGE_H

#include "base/err.h"

/* Runs argv (ends with NULL) as a stage of nchan channels, and adds what it took to the record in the file
 * `record`, which is made when it is absent: a channel's share is added to seconds_STAGE and seconds;
 * mem_byte_STAGE and peak_mem_byte are the largest so far. With limit_s > 0 it is ended after so long;
 * *status is then PC_CHILD_TIMEOUT, else the command's exit status as a shell gives it. */
int pc_stage_run(const char *const *argv, const char *stage, int nchan, const char *record, double limit_s,
                 int *status, struct pc_err *err) PC_MUST_CHECK;

#endif
