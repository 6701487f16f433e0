/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_BUNDLES_H
#define PC_TOOLS_SELECT_BUNDLES_H

#include "casa/operands.h"
#include "tools/select_params.h"
#include "tools/tool.h"

/* pc-select's own work: the selected rows, turned into channel bundles; or, with --list, the plan alone. */
int select_bundles(struct params *p, const struct pc_operands *from, struct pc_run *r,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
