/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_MEDIAN_H
#define PC_IMAGE_MEDIAN_H

#include "image/rank.h"

/* The median of what is ranked (of an even count: the mean of the middle two), exactly. NaN when nothing
 * counts.
 *
 * A large plane is gone over once: between two values that a sample says are about the median (Floyd and
 * Rivest 1975, CACM 18, 165) lie few pixels; they are put aside while those below are counted, and the one of
 * the rank is among them. When the sample was wrong the whole plane is selected from; the answer is the same.
 * PC_EX_NOMEM only. */
int pc_median(const struct pc_ranked *r, double *median, struct pc_err *err) PC_MUST_CHECK;
/* The median of the values, and that of their distances from it: r->deviation and r->centre are not looked
 * at. The same values as one after the other, in one pass over a large plane. */
int pc_median_mad(const struct pc_ranked *r, double *median, double *mad, struct pc_err *err) PC_MUST_CHECK;

#endif
