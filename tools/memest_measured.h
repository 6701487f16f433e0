/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_MEASURED_H
#define PC_TOOLS_MEMEST_MEASURED_H

#include "base/err.h"
#include "tools/memest_model.h"

/* What was measured takes the place of what was estimated. */

/* The channels of a run of pc-cube that are done: the largest peak of each program, and the mean of the
 * seconds. *nchan: how many there are that tell it; with none the estimate stays. */
int memest_finished(const char *work, struct memest *m, int *nchan, struct pc_err *err) PC_MUST_CHECK;

/* The table of make bench (PC_BENCH_TSV): seconds of each program, those of the size, gridder and accuracy
 * that are nearest, by the number of pixels. *nstage: of how many programs it told. */
int memest_bench(const char *tsv, const struct memest_in *in, bool standard, struct memest *m, int *nstage,
                 struct pc_err *err) PC_MUST_CHECK;

#endif
