/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_BRIGHT_H
#define PC_CLEAN_BRIGHT_H

#include "clean/active.h"

/* Clark's list of bright pixels: those of the active pixels whose residual exceeds a limit, copied, with the
 * flux that components have taken from each since. Several Stokes planes are looked at together, by
 * sqrt(sum of squares). In scan order, with the largest of each block remembered, so that a component costs
 * what its patch of the psf covers, and a look at one number per block. One list, one thread. */

struct pc_bright {
    int nx, npol;
    int64_t n, cap;
    int64_t *at;  /* [n] index into the plane, ascending */
    float *value; /* [n][npol] */
    float *taken; /* [n][npol] the components' sum */
    float *block; /* largest magnitude of each block */
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

/* Takes the pixels of the runs of `active` whose size exceeds limit. residual: [npol][npix]. A blank in any
 * plane leaves a pixel out. */
int pc_bright_init(struct pc_bright *b, const struct pc_active *active, const float *residual, int npol,
                   float limit, struct pc_err *err) PC_MUST_CHECK;
void pc_bright_fini(struct pc_bright *b);
/* Index of the first of the largest; n must not be 0. */
int64_t pc_bright_peak(const struct pc_bright *b);
/* Takes gain times pixel k's values as a component. */
void pc_bright_take(struct pc_bright *b, int64_t k, float gain, const struct pc_patch *patch);

#endif
