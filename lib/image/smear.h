/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_SMEAR_H
#define PC_IMAGE_SMEAR_H

#include "image/beam.h"
#include "image/rows.h"

#include <stdint.h>

/* Convolution with a Gaussian by transforms along the rows and sums across them: row y of the result is the
 * transform back of the sum over dy of (row y - dy of the plane, transformed) times (row dy of the Gaussian,
 * transformed). Columns of the transforms where a Gaussian's is below 2e-9 of its peak are left out: a wide
 * Gaussian has many rows of few columns, a narrow one few rows of many. Rows of zeros cost nothing, and no
 * plane is held: transforms of the rows within reach, three times the Gaussian's height, are (a few MB).
 *
 * Periodic on the image's size. Single precision. Pixels must be finite. One at a time per smear. */

struct pc_smear;
/* form: at most as wide as its reach says; rows is read as rows are asked for. */
int pc_smear_new(struct pc_smear **smear, const struct pc_rows *rows, int nx, int ny,
                 const struct pc_beam_form *form, double scale, struct pc_err *err) PC_MUST_CHECK;
void pc_smear_free(struct pc_smear *smear);
/* Row y of the convolution: 1; 0 when nothing reaches it, and row (nx) is left as it was; -1. In ascending
 * order each row of the plane is read once, but for those that are within reach across the edge; then row y
 * of the plane may be overwritten once row y of the result is there. */
int pc_smear_row(struct pc_smear *smear, int y, float *row, struct pc_err *err) PC_MUST_CHECK;
/* Multiplications for a row of the result, not counting the transforms. */
double pc_smear_cost(const struct pc_beam_form *form, int nx, int ny);

#endif
