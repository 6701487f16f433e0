/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_REPORT_H
#define PC_TOOLS_SELECT_REPORT_H

#include "casa/turn.h"

/* What pc-select says: to stderr about what it does, to stdout the plan (--list). */

void select_warn_of_axis(const struct pc_axis *axis, struct pc_log *log);
/* The line of channel axis->wanted[i]. */
void select_say_channel(const struct pc_turn *t, const struct pc_axis *axis, int i, struct pc_log *log);
/* In the end: how much was left out, and why. */
void select_say_total(const struct pc_turn *t, const struct pc_axis *axis, const struct pc_gather *g,
                      struct pc_log *log);
/* The plan as a table, tab-separated, a line for each plane that is wanted. */
void select_list(const struct pc_turn *t, const struct pc_axis *axis);

#endif
