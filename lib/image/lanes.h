/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_LANES_H
#define PC_IMAGE_LANES_H

#include <stdbool.h>
#include <stdint.h>

/* What statistics do to a block of pixels, in loops that every compiler turns into vectors. A block is small
 * enough for a core's first cache, so that it may be gone over twice; sums run in lanes that are added in
 * order, block after block: the same bits whatever the width of a vector. Private to lib/image. */

enum { PC_LANES = 32, PC_LANES_BLOCK = 2048 };

struct pc_lanes {
    double sum, square;
    float min, max; /* +inf and -inf when nothing counts */
};

/* Whether n pixels are a block of which all are wanted: it need not be picked. */
bool pc_lanes_whole(const unsigned char *where, int n);
/* Copies n <= PC_LANES_BLOCK pixels into out; those outside [lo, hi], those where `where` (may be NULL) is 0,
 * and what is missing to a whole block become NaN. Returns how many are not; when 0, out is not set. */
int pc_lanes_pick(const float *pix, const unsigned char *where, int n, float lo, float hi, float *out);
/* Of a whole block without a NaN; square is not finite when there is a NaN or an infinity. */
void pc_lanes_add(const float *v, struct pc_lanes *out);
/* Of what is no NaN in a whole block, and of its distance from `shift` for sum and square. */
void pc_lanes_add_picked(const float *v, double shift, struct pc_lanes *out);

#endif
