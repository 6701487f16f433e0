/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_MODEL_H
#define PC_TOOLS_SELECT_MODEL_H

#include "tools/tool.h"

#include <stdint.h>

/* pc-select --put-model: the predictions of a bundle into MODEL_DATA of the MeasurementSets it was made from.
 */

struct select_put {
    const char *src, *phasecenter, *tmpdir; /* phasecenter: of planes that follow a source that moves */
    int64_t mem_byte;
};
int select_put_model(const struct select_put *conf, struct pc_run *r, struct pc_err *err) PC_MUST_CHECK;

#endif
