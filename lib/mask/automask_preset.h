/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_AUTOMASK_PRESET_H
#define PC_MASK_AUTOMASK_PRESET_H

#include "mask/automask.h"

/* The ALMA pipeline's parameters of auto-multithresh (spec/casa-imaging.md section 7, "Recommended
 * parameters"): of the 12 m array by the 75th percentile of its baselines, short below 300 m, mid to 400 m,
 * long beyond; of the 7 m array. Those whose name ends in -cont are for continuum, the others for cubes. */

extern const char pc_automask_presets[]; /* "none|12m-short|...", the choices of an option */

/* Number `choice` of the list; 0 (none) leaves conf as it is. pbmask is not among what is set. */
void pc_automask_preset(int choice, struct pc_automask_conf *conf);

#endif
