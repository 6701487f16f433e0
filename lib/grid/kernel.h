/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_KERNEL_H
#define PC_GRID_KERNEL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The gridding kernel: exp(beta (sqrt(1 - z^2) - 1)), |z| <= 1, the "exponential of semicircle" of Barnett,
 * Magland & af Klinteberg 2019 (SIAM J. Sci. Comput. 41, C479). A finer grid takes fewer taps: which pair is
 * the cheapest depends on the image and on the number of samples, and a small model of the cost chooses.
 *
 * What is gridded with is a polynomial per tap that interpolates it; the correction of the image is the
 * Fourier transform of these very polynomials, so that only aliasing is left as error. Positions are in
 * cells. */

enum { PC_KERNEL_TAPS = 16, PC_KERNEL_DEGREE = 19 };

struct pc_kernel {
    int ntap;            /* taps per axis, <= PC_KERNEL_TAPS */
    int degree;          /* of the polynomials */
    double oversampling; /* of the grid it is for */
    double alias;        /* largest aliased amplitude per axis anywhere in the image, relative */
    double coef[PC_KERNEL_DEGREE + 1][PC_KERNEL_TAPS]; /* highest power first; lanes beyond ntap are 0 */
    float coef_f32[PC_KERNEL_DEGREE + 1][PC_KERNEL_TAPS];
};

/* The finest accuracy in single and in double precision. */
double pc_kernel_finest(bool wide);
/* The cheapest kernel, for an image of npix pixels and nsample samples, whose aliasing stays below the
 * accuracy with a margin. PC_EX_USAGE when there is none. */
int pc_kernel_init(struct pc_kernel *k, double accuracy, bool wide, int64_t npix, int64_t nsample,
                   struct pc_err *err) PC_MUST_CHECK;
/* The oversampling of the grid that pc_kernel_init() would choose; the largest for what it refuses. */
double pc_kernel_oversampling(double accuracy, bool wide, int64_t npix, int64_t nsample);

/* Where the taps around a position begin: the first cell, and the argument of the polynomials, in [-1, 1]. */
static inline int64_t pc_kernel_place(const struct pc_kernel *k, double pos, double *s)
{
    double left = pos - 0.5 * k->ntap;
    int64_t first = (int64_t)left;
    first += (double)first < left; /* upwards, also of negative numbers */
    *s = 2 * ((double)first - left) - 1;
    return first;
}

/* corr[i] = 1/FT(kernel) at pixel i - n/2 of an axis of n pixels whose grid has ngrid cells. For grids of
 * single precision it is that of coef_f32. */
void pc_kernel_correction(const struct pc_kernel *k, bool wide, int n, int ngrid, double *corr);

#endif
