/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_GATHER_H
#define PC_CASA_GATHER_H

#include "casa/direction.h"

/* The windows of one or several MeasurementSets that are imaged together: one field, seen by all. */

struct pc_feed {
    struct pc_ms *ms;
    int window;
};

struct pc_gather {
    struct pc_ms **ms;
    int nms;
    struct pc_feed *feed;               /* [n], MS by MS */
    const struct pc_ms_window **window; /* [n], of the feeds */
    int n;
    int64_t nrow;
};

/* Opens and selects, sel[i] of MS i. Several fields, or phase centres that differ between MSs, are 64.
 * phasecenter: as tclean has it, see casa/direction.h; field numbers are those of the first MS; NULL or "":
 * the field's own. */
int pc_gather_open(struct pc_gather *g, const char *const *path, int npath, const struct pc_ms_selection *sel,
                   enum pc_ms_column column, const char *phasecenter, struct pc_log *log,
                   struct pc_err *err) PC_MUST_CHECK;
/* Puts all into one frame (casa/frame.h); NULL: each window stays in its own. */
int pc_gather_set_frame(struct pc_gather *g, const char *specsys, struct pc_err *err) PC_MUST_CHECK;
/* Rows that were selected and dropped, because they are autocorrelations. */
int64_t pc_gather_autocorrelations(const struct pc_gather *g);
/* Rows that were not selected, by any clause. */
int64_t pc_gather_unselected(const struct pc_gather *g);
void pc_gather_close(struct pc_gather *g);

#endif
