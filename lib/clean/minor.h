/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_MINOR_H
#define PC_CLEAN_MINOR_H

#include "base/err.h"

#include <stdint.h>

/* A deconvolver: one minor cycle on the planes of one channel. Chosen by name: hogbom.
 * Algorithms and their stops: spec/casa-imaging.md section 6. */

struct pc_minor_in {
    int nx, ny, npol;
    float *residual;             /* [npol][ny][nx]; is worked on in place and left as the minor cycle's residual */
    const float *psf;            /* [npol][ny][nx], peak 1 at (nx/2, ny/2) */
    const unsigned char *mask;   /* [npol][ny][nx] 0/1; pixels to clean (already bounded by pb); NULL: all */
    float *model;                /* [npol][ny][nx]; components are added */
    double gain;
    double threshold_jy;         /* stop when the peak within the mask falls below */
    int64_t cycleniter;          /* at most this many components, per plane */
};

/* CASA's minor stop codes (section 5). */
enum pc_minor_stop {
    PC_MINOR_SKIPPED = 0, PC_MINOR_CYCLENITER = 1, PC_MINOR_THRESHOLD = 2, PC_MINOR_ZERO_ITER = 3,
    PC_MINOR_DIVERGING = 4, PC_MINOR_NONE = 5, PC_MINOR_NSIGMA = 6
};
struct pc_minor_out {
    int64_t iterdone;
    double peakres_jy;           /* largest |residual| within the mask after it */
    double peakres_nomask_jy;    /* and over all pixels */
    double modelflux_jy;         /* sum of the model, all planes */
    enum pc_minor_stop stop;
};

struct pc_deconvolver {
    const char *name;
    int64_t (*mem_byte)(int nx, int ny, int npol);
    int (*minor)(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err);
};
const struct pc_deconvolver *pc_deconvolver_find(const char *name);

#endif
