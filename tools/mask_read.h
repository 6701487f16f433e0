/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MASK_READ_H
#define PC_TOOLS_MASK_READ_H

#include "io/pass.h"
#include "mask/inputs.h"

/* The images that pc-mask makes a mask of, each the member just given, block by block into `in`. pbmask < 0:
 * none. */
int mask_read_pb(struct pc_pass *pass, struct pc_mask_inputs *in, double pbmask,
                 struct pc_err *err) PC_MUST_CHECK;
int mask_read_residual(struct pc_pass *pass, struct pc_mask_inputs *in, struct pc_err *err) PC_MUST_CHECK;
int mask_read_prev(struct pc_pass *pass, struct pc_mask_inputs *in, struct pc_err *err) PC_MUST_CHECK;

#endif
