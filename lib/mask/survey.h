/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_SURVEY_H
#define PC_MASK_SURVEY_H

#include "image/runs.h"

/* The extremes of every block of a residual plane, found while it is read: what is above a threshold is then
 * looked for in few blocks. */

enum { PC_SURVEY_BLOCK = 2048 }; /* pixels */

struct pc_survey {
    int nx, ny;
    int64_t nblock;
    float *min, *max; /* of each block; +inf and -inf where all is blank */
    int64_t n;        /* pixels that are not blank */
    int64_t cursor;   /* into the runs of the pixels that are valid */
};

/* Zeroed before. */
int pc_survey_init(struct pc_survey *s, int nx, int ny, struct pc_err *err) PC_MUST_CHECK;
void pc_survey_fini(struct pc_survey *s);
/* The n pixels from number `first` (a multiple of the block) on, in order: what is infinite, or not in
 * `valid` (NULL: everywhere), becomes NaN. */
void pc_survey_add(struct pc_survey *s, int64_t first, int64_t n, float *pix, const struct pc_runs *valid);
void pc_survey_extremes(const struct pc_survey *s, float *min, float *max);
/* The pixels of the plane above `level`; below it. out is empty before. */
int pc_survey_above(const struct pc_survey *s, const float *pix, float level, struct pc_runs *out,
                    struct pc_err *err) PC_MUST_CHECK;
int pc_survey_below(const struct pc_survey *s, const float *pix, float level, struct pc_runs *out,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
