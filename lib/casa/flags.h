/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_FLAGS_H
#define PC_CASA_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/* Why a sample does not count. On the way from the MeasurementSet to a bundle, where it becomes 0, the weight
 * of such a sample is minus this. */
enum pc_left_out {
    PC_LEFT_ZERO,    /* a weight of 0 */
    PC_LEFT_FLAGGED, /* FLAG, FLAG_ROW */
    PC_LEFT_NAN,     /* a visibility that is not finite */
    PC_LEFT_WEIGHT,  /* a weight that is negative or not finite */
    PC_LEFT_OUTSIDE, /* no selected channel of the data is there */
    PC_LEFT_NREASON
};

/* "flagged" and so on: keys of 00plane. */
extern const char *const pc_left_out_name[PC_LEFT_NREASON];

/* Flags as weights, of n samples. A visibility that is not finite becomes 0. all: the row's flag.
 * Thread-safe. */
void pc_flags_apply(int64_t n, const unsigned char *flag, bool all, float *vis_jy, float *weight);

#endif
