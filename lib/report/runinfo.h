/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_RUNINFO_H
#define PC_REPORT_RUNINFO_H

#include "clean/state.h"
#include "io/workdir.h"

/* All that the records of a cube's run say: read once, for a report. What is not there (a run that is not
 * finished, or was made by an older version) is empty. */

struct pc_runchan {
    int index;
    enum pc_work_state state;
    struct pc_record figures; /* the done record, or that of the failure */
    struct pc_state cleaning; /* of WORK/chNNNNN.state; no cycles when it is not there */
};

struct pc_runinfo {
    struct pc_workdir dir;
    char *imagename;
    struct pc_runchan *chan;
    int nchan;
    struct pc_record params, plan; /* WORK/params, WORK/plan */
    struct pc_record selected;     /* WORK/selected: sums of what pc-select took and left out */
    struct pc_text log;            /* IMAGENAME.log: the commands */
};

/* 66 when WORK is no run's; 65 when one of its records is damaged. */
int pc_runinfo_open(struct pc_runinfo *r, const char *work, const char *imagename,
                    struct pc_err *err) PC_MUST_CHECK;
void pc_runinfo_close(struct pc_runinfo *r);

/* A number of a record; NaN when it has none. */
double pc_runinfo_number(const struct pc_record *r, const char *key);
/* The value of a parameter that some tool was given: "threshold" is what follows "pc-clean=--threshold=";
 * NULL: none was. */
const char *pc_runinfo_param(const struct pc_runinfo *r, const char *tool, const char *name);
/* A small text file whole; an absent one is empty. */
int pc_runinfo_read(const char *path, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;

#endif
