/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_FLAGS_H
#define PC_CASA_FLAGS_H

#include "io/left_out.h"

#include <stdbool.h>
#include <stdint.h>

/* On the way from the MeasurementSet to a bundle, where it becomes 0, the weight of a sample that does not
 * count is minus its pc_left_out. */

/* Flags as weights, of n samples. A visibility that is not finite becomes 0. all: the row's flag.
 * Thread-safe. */
void pc_flags_apply(int64_t n, const unsigned char *flag, bool all, float *vis_jy, float *weight);

#endif
