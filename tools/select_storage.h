/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_STORAGE_H
#define PC_TOOLS_SELECT_STORAGE_H

#include "casa/mscopy.h"
#include "casa/operands.h"
#include "tools/tool.h"

/* pc-select --check-storage: a line for each column on standard output. given: what they are called. */
int select_check_storage(const struct pc_operands *from, const char *const *given,
                         struct pc_err *err) PC_MUST_CHECK;
/* pc-select --to-ms: the selected rows of one MeasurementSet, stored another way. */
int select_to_ms(const char *path, const struct pc_ms_selection *sel, const struct pc_mscopy_conf *conf,
                 struct pc_log *log, struct pc_err *err) PC_MUST_CHECK;

#endif
