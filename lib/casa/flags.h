/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_FLAGS_H
#define PC_CASA_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/* Flags as weights. Of n samples: the weight becomes 0 where the sample is flagged, where its visibility is
 * not finite (which becomes 0 too), and where the weight itself is negative or not finite. The last two are
 * counted, in *nnan and *nneg, where they are not flagged. all: the row's flag. Thread-safe. */
void pc_flags_apply(int64_t n, const unsigned char *flag, bool all, float *vis_jy, float *weight,
                    int64_t *nnan, int64_t *nneg);

#endif
