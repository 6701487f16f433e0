/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/modelsum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int pc_model_check(const char *residual_model, uint32_t datasum, struct pc_err *err)
{
    char sum[24];
    snprintf(sum, sizeof sum, "%" PRIu32, datasum);
    if (!strcmp(sum, residual_model))
        return 0;
    if (!residual_model[0])
        return pc_err_set(err, PC_EX_DATA,
                          "the state names no model that residual.fits belongs to: pc-grid makes a residual");
    return pc_err_set(
        err, PC_EX_DATA,
        "residual.fits belongs to a model with DATASUM %s, model.fits has %s: pc-grid makes it anew",
        residual_model, sum);
}
