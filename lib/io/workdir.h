/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_WORKDIR_H
#define PC_IO_WORKDIR_H

#include "base/text.h"

#include <stdint.h>

/* The work directory of a cube's run, as far as its records say: which channels there are (WORK/channels, one
 * index a line), which are done (WORK/chNNNNN.done) or failed (.failed), and on which somebody is at work now
 * (WORK/chNNNNN.lock is held). Truth is the done record: a channel with one is done whatever else is there.
 */

enum pc_work_state { PC_WORK_TODO, PC_WORK_RUNNING, PC_WORK_FAILED, PC_WORK_DONE };

struct pc_work_chan {
    int index;
    enum pc_work_state state;
};

struct pc_workdir {
    char *path;
    int nchan;
    struct pc_work_chan *chan; /* in order of WORK/channels */
    int count[4];              /* of channels in each state, as of the last scan */
};

/* 66 when there is no such directory or no list of channels in it, 65 when the list is damaged. Scans. */
int pc_workdir_open(struct pc_workdir *w, const char *path, struct pc_err *err) PC_MUST_CHECK;
/* Looks at every channel again. */
int pc_workdir_scan(struct pc_workdir *w, struct pc_err *err) PC_MUST_CHECK;
/* The done record of a channel, or its failed record; r stays empty when it has neither. */
int pc_workdir_record(const struct pc_workdir *w, int index, struct pc_record *r,
                      struct pc_err *err) PC_MUST_CHECK;
/* The final table: a heading, then one row per channel, fields divided by tabs; what is not known is "nan" in
 * a column of numbers. The last column is the reason of a failure. `stop_words` says a stop code in words. */
int pc_workdir_table(const struct pc_workdir *w, const char *(*stop_words)(int code), struct pc_text *out,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_workdir_close(struct pc_workdir *w);

/* A whole small text file as a record. `missing_ok`: an absent file is an empty record. */
int pc_record_load(struct pc_record *r, const char *path, int missing_ok, struct pc_err *err) PC_MUST_CHECK;

#endif
