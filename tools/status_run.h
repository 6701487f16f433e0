/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_STATUS_RUN_H
#define PC_TOOLS_STATUS_RUN_H

#include "io/workdir.h"

/* What pc-status does with a run's work directory beyond its tables. */

/* Says on stderr how the run goes on, until standard input closes. */
int status_watch(struct pc_workdir *w, struct pc_err *err) PC_MUST_CHECK;
/* Prints the channels that are done, but whose planes are not what was written; one index a line. */
int status_verify(struct pc_workdir *w, struct pc_err *err) PC_MUST_CHECK;
/* What of its visibilities does not count, in a sentence; nothing when the run does not know. */
int status_left_out(const struct pc_workdir *w, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;
/* How far the run is, and what of the machine is in use, as lines key=value. */
int status_state(const struct pc_workdir *w, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;

#endif
