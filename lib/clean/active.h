/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_ACTIVE_H
#define PC_CLEAN_ACTIVE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The active pixels of a plane: those a minor cycle looks at, as runs along rows in scan order (y outer, x
 * inner). Each run remembers its largest |value|, so that a peak is found without looking at the pixels
 * again, and each is short enough to stay in the first cache between being subtracted from and being
 * searched. Blank (NaN or infinite) pixels are never active. Results equal those of a plain double loop over
 * the plane to the last bit. One list, one thread. */

struct pc_run {
    int32_t y, x0, x1; /* pixels x0 <= x < x1 of row y */
    uint32_t max_bits; /* largest |value| as the bits of a float: they order as the floats do */
};
struct pc_active {
    int nx, ny;
    float *pix;       /* borrowed: [ny][nx] */
    const float *psf; /* borrowed: [ny][nx], peak at (nx/2, ny/2) */
    struct pc_run *run;
    int64_t nrun, cap, npix;
};

enum { PC_RUN_MAX = 256 };

/* Finite pixels where mask is (inside) or is not (!inside) set; a NULL mask is set everywhere. */
int pc_active_init(struct pc_active *a, float *pix, const float *psf, const unsigned char *mask, bool inside,
                   int nx, int ny, struct pc_err *err) PC_MUST_CHECK;
void pc_active_fini(struct pc_active *a);

/* Largest |value|; 0 when nothing is active. Its position, the first in scan order, in *at (index into pix;
 * -1). */
float pc_active_peak(const struct pc_active *a, int64_t *at);
/* pix -= flux * psf centred on pixel `at`, over the overlap, in single precision. */
void pc_active_subtract(struct pc_active *a, int64_t at, float flux);

#endif
