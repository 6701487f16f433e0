/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_COST_H
#define PC_REPORT_COST_H

#include "report/runinfo.h"

/* Parts of a report's page: time and memory by stage, predicted and used; the parameters and the command that
 * repeats the run. */
void pc_report_cost(const struct pc_runinfo *r, struct pc_text *out);
void pc_report_recipe(const struct pc_runinfo *r, struct pc_text *out);

#endif
