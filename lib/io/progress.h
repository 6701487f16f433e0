/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PROGRESS_H
#define PC_IO_PROGRESS_H

#include "io/workdir.h"

#include <stdbool.h>

/* How a run goes on, as text: what has happened since the last look, a line per channel, and a bar with the
 * time left. The time left is what remains at the pace of this watch so far; seen from the files alone, what
 * the channels that are done took, over the jobs at work. */

struct pc_progress {
    struct pc_workdir *w;     /* borrowed */
    enum pc_work_state *said; /* of each channel, when last told; owned */
    int ndone_begin;
    double begin_s;
};

/* Channels that are done or failed already are not told again. */
int pc_progress_init(struct pc_progress *p, struct pc_workdir *w, double now_s,
                     struct pc_err *err) PC_MUST_CHECK;
/* Scans, and appends a line for each channel that has finished since: a failed one always, a done one when
 * `each`. */
int pc_progress_news(struct pc_progress *p, double now_s, bool each, struct pc_text *out,
                     struct pc_err *err) PC_MUST_CHECK;
/* One line without its end: "[####....] 12 of 24 done, 2 in flight, 1 failed, 0:42 left; memory 3.1 of 24 GB,
 * cubes 12 GB, 80 GB free". */
void pc_progress_bar(const struct pc_progress *p, double now_s, struct pc_text *out);
/* From the files alone: seconds until all channels are done; -1 when none is done yet or none is at work. */
int pc_progress_left(const struct pc_workdir *w, double *left_s, struct pc_err *err) PC_MUST_CHECK;
void pc_progress_fini(struct pc_progress *p);

#endif
