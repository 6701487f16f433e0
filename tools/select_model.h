/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_MODEL_H
#define PC_TOOLS_SELECT_MODEL_H

#include "tools/tool.h"

#include <stdint.h>

/* pc-select --put-model: the predictions of a bundle into MODEL_DATA of the MeasurementSets it was made from.
 */

int select_put_model(const char *src, struct pc_run *r, int64_t mem_byte, struct pc_err *err) PC_MUST_CHECK;

#endif
