/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_CLAUSES_H
#define PC_TOOLS_SELECT_CLAUSES_H

#include "base/opt.h"
#include "casa/ms.h"

/* The clauses of a selection as they were given on the command line: each once for all MeasurementSets, or
 * once for each of them, in their order. */

struct select_clauses {
    struct pc_strlist field, spw, timerange, uvrange, antenna, scan, observation, intent, taql, fitspec;
    const char *rows; /* "k/n", for all */
};

/* sel[nms], zeroed before. A clause given another number of times is 64, as are rows that are not
 * k/n with k from 1 to n. */
int select_clauses_share(const struct select_clauses *c, int nms, struct pc_ms_selection *sel,
                         struct pc_err *err) PC_MUST_CHECK;

#endif
