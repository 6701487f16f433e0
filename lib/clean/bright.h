/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_BRIGHT_H
#define PC_CLEAN_BRIGHT_H

#include "clean/active.h"

/* Clark's list of bright pixels: those of the active pixels whose residual exceeds a limit, with the flux
 * that components have taken from them since. Several Stokes planes are looked at together, by sqrt(sum of
 * squares).
 *
 * No pixel is listed. The image is cut into tiles; of each the largest bright one is remembered, and a tile
 * is copied when a component first reaches it: all others are as the residual has them, which does not change
 * meanwhile. A component costs what its patch of the psf covers, and a look at one number per tile; the
 * copies are bounded to a byte per pixel and plane, beyond a floor. One list, one thread. */

enum { PC_BRIGHT_NPOL = 4 };

struct pc_taken {
    int64_t at; /* index into the plane */
    int64_t order;
    float flux[PC_BRIGHT_NPOL];
};
struct pc_bright {
    const struct pc_active *active;
    const float *residual; /* [npol][npix] */
    int npol, ntx, nty;
    int64_t npix;
    float limit;
    float *largest; /* [nty][ntx] magnitude of the largest bright pixel of each tile; 0: none */
    float **copy;   /* [nty][ntx][npol][tile]; NULL: not yet. A NaN is not bright */
    int64_t ncopy, most;
    struct pc_taken
        *taken; /* in the order of the components; at most one per pixel after pc_bright_merge() */
    int64_t ntaken, cap;
};

/* The part of a psf that is subtracted from the list: pixels -half <= dx < size - half of its centre, and
 * likewise in y. */
struct pc_patch {
    const float *centre; /* in a plane of rows of nx */
    int nx;
    int size[2], half[2];
};

/* sqrt(sum of squares) of npol values `stride` apart; |value| to the bit for one. */
float pc_bright_size(const float *value, int npol, int64_t stride);

/* Of the pixels of the runs of `active` whose size exceeds limit. residual: borrowed until the end, with all
 * subtractions done. A blank in any plane leaves a pixel out. */
int pc_bright_init(struct pc_bright *b, const struct pc_active *active, const float *residual, int npol,
                   float limit, struct pc_err *err) PC_MUST_CHECK;
void pc_bright_fini(struct pc_bright *b);
/* The size of the largest, and its place, the first in scan order in *at; 0 and -1 when there is none. */
float pc_bright_peak(const struct pc_bright *b, int64_t *at);
/* Takes gain times pixel `at`'s values as a component: 1; 0 when there is no more room: the residual is to be
 * made anew first; -1. */
int pc_bright_take(struct pc_bright *b, int64_t at, float gain, const struct pc_patch *patch,
                   struct pc_err *err) PC_MUST_CHECK;
/* What was taken, by pixel: sums in the order of the components, pixels in scan order. */
void pc_bright_merge(struct pc_bright *b);

#endif
