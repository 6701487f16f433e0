/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_MODELSUM_H
#define PC_IO_MODELSUM_H

#include "base/err.h"

#include <stdint.h>

/* Does a residual belong to the model with this DATASUM (0: of no model)? residual_model is what the
 * channel's state says. PC_EX_DATA when not. */
int pc_model_check(const char *residual_model, uint32_t datasum, struct pc_err *err) PC_MUST_CHECK;

#endif
