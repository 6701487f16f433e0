/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_ENGINES_H
#define PC_GRID_ENGINES_H

#include "grid/gridder.h"

/* The engines there are; pc_gridder_find() looks through them. */

extern const struct pc_gridder_ops pc_gridder_2d, pc_gridder_w;

#endif
