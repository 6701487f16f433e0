/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_CONVOLVE_H
#define PC_IMAGE_CONVOLVE_H

#include "image/beam.h"
#include "image/rows.h"

#include <stdbool.h>

/* Convolution of a plane with an elliptical Gaussian, periodic on the image size, no padding, as CASA's (by
 * FFT there; spec/casa-imaging.md sections 7 step 6 and 8): the Gaussian is exp(-4 ln2 (x'^2/maj^2 +
 * y'^2/min^2)), zero where the exponent passes 20. Planes with few non-zero pixels (a CLEAN model) are
 * painted (image/paint.h), exact to rounding; others are transformed row by row (image/smear.h), in single
 * precision. No plane is held. Pixels must be finite (PC_EX_DATA else). */

enum pc_convolve_norm {
    PC_CONVOLVE_PEAK1, /* kernel's peak is 1: Jy/pixel becomes Jy/beam */
    PC_CONVOLVE_SUM1   /* kernel's sum is 1: smoothing */
};

struct pc_convolution {
    int nx, ny;
    double cell_rad[2]; /* cell_rad[0] < 0 */
    struct pc_beam beam;
    enum pc_convolve_norm norm;
    bool is_dense; /* most pixels are not 0, and all are finite: it need not be looked at first */
};
struct pc_convolver;
/* rows: of the plane, read now and as rows are asked for, while the convolver lives. */
int pc_convolver_new(struct pc_convolver **c, const struct pc_convolution *conf, const struct pc_rows *rows,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_convolver_free(struct pc_convolver *c);
/* Row y of the convolution: 1; 0 when all of it is 0, and row (nx) is left as it was; -1. Ascending order is
 * the fast one; then the plane's row y may be overwritten with it. One at a time. */
int pc_convolver_row(struct pc_convolver *c, int y, float *row, struct pc_err *err) PC_MUST_CHECK;
/* Whether doing it a second time costs more than keeping the first. */
bool pc_convolver_is_slow(const struct pc_convolver *c);

/* A plane in place. */
int pc_convolve_gaussian(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                         enum pc_convolve_norm norm, struct pc_err *err) PC_MUST_CHECK;

#endif
