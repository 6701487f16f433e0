/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_DECONVOLVE_H
#define PC_IMAGE_BEAM_DECONVOLVE_H

#include "image/beam.h"

/* Deconvolution of elliptical Gaussians, CASA's formulas and limits (spec/casa-imaging.md section 8). */

enum pc_deconvolved {
    PC_DECONVOLVED,       /* diff is the beam that takes `from` to `to` */
    PC_DECONVOLVED_POINT, /* they are the same within a tenth of the smallest axis, squared */
    PC_DECONVOLVED_NOT    /* `to` is smaller somewhere: there is no such beam */
};
/* diff: beam with from (x) diff = to, where (x) is convolution; zero axes unless PC_DECONVOLVED. */
enum pc_deconvolved pc_beam_deconvolve(const struct pc_beam *to, const struct pc_beam *from,
                                       struct pc_beam *diff);

#endif
