/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_STATS_H
#define PC_IMAGE_STATS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Statistics of a plane, over the pixels where `where` is not 0 (NULL: all). NaNs never count. The answers do
 * not depend on threads or instruction set. */

struct pc_stats {
    int64_t n;          /* finite pixels counted */
    double sum, rms;    /* rms about zero */
    float min, max;     /* NaN when n is 0 */
    int64_t imin, imax; /* first position in scan order */
};
/* The same piece by piece: s zeroed, then pieces in order, each but the last a multiple of 2048 pixels. Of
 * imin and imax nothing is known; pc_stats_end() gives the rest, to the same bits. */
struct pc_stats_sum {
    int64_t n;
    double sum, square;
    float min, max;
};
void pc_stats_add(struct pc_stats_sum *s, const float *pix, const unsigned char *where, int64_t n);
/* Adds what was seen elsewhere. */
void pc_stats_join(struct pc_stats_sum *s, const struct pc_stats_sum *more);
void pc_stats_end(const struct pc_stats_sum *s, struct pc_stats *out);
void pc_stats_basic(const float *pix, const unsigned char *where, int64_t n, struct pc_stats *out);

bool pc_stats_all_finite(const float *pix, int64_t n);

/* Exact median (of an even count: the mean of the middle two) and median absolute deviation from it, without
 * sorting (image/median.h): mostly in one pass for both. NaN when nothing counts. PC_EX_NOMEM only. */
int pc_stats_median_mad(const float *pix, const unsigned char *where, int64_t n, double *median, double *mad,
                        struct pc_err *err) PC_MUST_CHECK;

/* Mean, standard deviation and median/MAD after Chauvenet clipping as CASA's ChauvenetCriterion statistics do
 * (zscore -1: limit from the count; at most `max_iterations` rounds). */
struct pc_chauvenet {
    int64_t n;
    double mean, stddev, median, mad;
};
int pc_stats_chauvenet(const float *pix, const unsigned char *where, int64_t n, double zscore,
                       int max_iterations, struct pc_chauvenet *out, struct pc_err *err) PC_MUST_CHECK;

#endif
