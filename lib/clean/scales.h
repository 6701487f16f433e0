/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_SCALES_H
#define PC_CLEAN_SCALES_H

#include "clean/minor.h"

/* What multiscale CLEAN prepares for one plane (Cornwell 2008, IEEE JSTSP 2, 793; spec/casa-imaging.md
 * section 6): the residual convolved with each scale, the psf with each pair of scales, and where the centre
 * of each scale may lie. Convolutions are periodic on the image, in single precision, as CASA's; with a scale
 * of 0, a point, there is nothing to convolve with. */

struct pc_scales {
    int n, nx, ny;
    double size_px[PC_SCALES_MAX];
    float *residual[PC_SCALES_MAX];     /* blank pixels count as 0 */
    unsigned char *mask[PC_SCALES_MAX]; /* nine tenths of the scale within the mask, and 1.5 times its size
                                           away from the edge */
    float *psf[PC_SCALES_MAX][PC_SCALES_MAX]; /* [i][j], j >= i; centred as the psf is */
    float peak[PC_SCALES_MAX];                /* of psf[i][i] */
    float *kernel[PC_SCALES_MAX];             /* (2 * radius + 1) squared, sum 1 */
    int radius[PC_SCALES_MAX];
};

/* PC_EX_USAGE when a scale does not fit into the image. */
int pc_scales_init(struct pc_scales *s, const struct pc_minor_in *in, int pol,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_scales_fini(struct pc_scales *s);
/* pix += flux * the scale's image, centred on pixel `at`, as far as it lies on the plane. */
void pc_scales_add(const struct pc_scales *s, int i, float *pix, int64_t at, float flux);
/* residual -= psf (x) change, periodic; change is used up. */
int pc_scales_subtract(const struct pc_scales *s, float *residual, const float *psf, float *change,
                       struct pc_err *err) PC_MUST_CHECK;
/* "0,5,15" or "[0, 5, 15]", in any order, into options; PC_EX_USAGE when it is none. */
int pc_scales_parse(const char *text, struct pc_minor_options *options, struct pc_err *err) PC_MUST_CHECK;
int64_t pc_scales_mem_byte(int nx, int ny, int nscale);

#endif
