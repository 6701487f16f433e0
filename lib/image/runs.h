/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_RUNS_H
#define PC_IMAGE_RUNS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A set of pixels as runs along rows: memory and time go with the number of runs, not with the plane.
 *
 * Runs are in the order of rows and, in a row, of columns, with a gap between any two: a set has one form. A
 * zeroed struct is the empty set. What returns int fails with PC_EX_NOMEM only; what adds pixels must get
 * them in order. */

struct pc_span {
    int32_t y, x0, x1; /* pixels x0 .. x1-1 of row y */
};

struct pc_runs {
    struct pc_span *run;
    int64_t n, cap;
};

void pc_runs_free(struct pc_runs *r); /* leaves it empty */
int pc_runs_add(struct pc_runs *r, int y, int x0, int x1, struct pc_err *err) PC_MUST_CHECK;
int pc_runs_add_all(struct pc_runs *r, int nx, int ny, struct pc_err *err) PC_MUST_CHECK;
/* Of the n pixels v of row y that begin at column x: those above `level`, below it, the finite ones, those
 * that are not 0. A NaN is neither above nor below. */
int pc_runs_add_above(struct pc_runs *r, int y, int x, const float *v, int n, float level,
                      struct pc_err *err) PC_MUST_CHECK;
int pc_runs_add_below(struct pc_runs *r, int y, int x, const float *v, int n, float level,
                      struct pc_err *err) PC_MUST_CHECK;
int pc_runs_add_finite(struct pc_runs *r, int y, int x, const float *v, int n,
                       struct pc_err *err) PC_MUST_CHECK;
int pc_runs_add_bytes(struct pc_runs *r, int y, int x, const unsigned char *v, int n,
                      struct pc_err *err) PC_MUST_CHECK;

/* out (empty before) becomes the pixels of a or b; of a and b. */
int pc_runs_or(struct pc_runs *out, const struct pc_runs *a, const struct pc_runs *b,
               struct pc_err *err) PC_MUST_CHECK;
int pc_runs_and(struct pc_runs *out, const struct pc_runs *a, const struct pc_runs *b,
                struct pc_err *err) PC_MUST_CHECK;

int64_t pc_runs_count(const struct pc_runs *r); /* pixels */
/* Sets the pixels of a plane of rows of nx bytes to v; the others stay. */
void pc_runs_paint(const struct pc_runs *r, int nx, unsigned char v, unsigned char *plane);

#endif
