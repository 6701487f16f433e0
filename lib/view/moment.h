/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_MOMENT_H
#define PC_VIEW_MOMENT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Maps of what a cube's spectra come to, the numbers those of CASA's immoments: fed channel by channel in any
 * order, a few planes are held.
 *
 *     0   sum of I dv
 *     1   sum of I v / sum of I
 *     2   sqrt(sum of I (v - moment 1)^2 / sum of I)
 *     8   the largest I (with both_signs: that of the largest |I|)
 *     9   the v where it is
 *
 * over the channels where a pixel is not blank and at least `least`. NaN where none is, and where the
 * weights of 1 and 2 sum to nothing positive. */

enum pc_moment_kind { PC_MOMENT_NONE = -1, PC_MOMENT_0, PC_MOMENT_1, PC_MOMENT_2, PC_MOMENT_8, PC_MOMENT_9 };

struct pc_moment {
    enum pc_moment_kind kind;
    bool both_signs; /* |I| is compared with `least` */
    int64_t npx;
    double v0; /* of the first channel: velocities count from there */
    bool begun;
    double *sum, *first, *second; /* of I, I v, I v^2; those that are needed */
    float *peak, *at;
    unsigned char *seen;
};

int pc_moment_init(struct pc_moment *m, enum pc_moment_kind kind, bool both_signs, int64_t npx,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_moment_add(struct pc_moment *m, const float *pix, double v, double dv, double least);
void pc_moment_end(const struct pc_moment *m, float *out);
void pc_moment_fini(struct pc_moment *m);

#endif
