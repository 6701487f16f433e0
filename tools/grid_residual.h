/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_GRID_RESIDUAL_H
#define PC_TOOLS_GRID_RESIDUAL_H

#include "tools/grid_channel.h"

/* Images what the store of visibilities holds, straight into the file where that can be, and puts it as
 * residual.fits, whose header is complete; blank where there are no data. The model is used up. */
int grid_residual_put(struct grid_channel *c, const struct pc_gridder_conf *g, const struct pc_planes *planes,
                      struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;

#endif
