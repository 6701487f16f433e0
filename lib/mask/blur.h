/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_BLUR_H
#define PC_MASK_BLUR_H

#include "image/beam.h"
#include "image/runs.h"

#include <stdbool.h>

/* A mask convolved with a beam's Gaussian of peak 1, row by row.
 *
 * Along a row a mask is the running sum of +1 where a run begins and -1 where it ends; so is its convolution
 * of the kernel put there: what a run costs does not depend on its length. Sums are in double precision and
 * begin anew in every gap that no kernel reaches. Where the ends of runs are so many, and the kernel so wide,
 * that transforms cost less, strips of the image are transformed (image/convolve.h) instead: a strip's memory
 * is that of a few hundred rows. */

enum { PC_BLUR_STEP = 64 }; /* columns */

struct pc_blur;

/* The mask is borrowed; it must not be empty. */
int pc_blur_new(struct pc_blur **b, const struct pc_runs *mask, int nx, int ny, const double cell_rad[2],
                const struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;
void pc_blur_free(struct pc_blur *b);
/* The rows that are not all 0: *y0 .. *y1-1. */
void pc_blur_rows(const struct pc_blur *b, int *y0, int *y1);
/* Row y into row[], whole steps of columns; touched[i] tells whether step i may have anything but 0, where it
 * does not row[] is not set. Rows may be asked for in any order; upwards is the fastest. */
int pc_blur_row(struct pc_blur *b, int y, float *row, unsigned char *touched,
                struct pc_err *err) PC_MUST_CHECK;

#endif
