/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_COMPONENTS_H
#define PC_CLEAN_COMPONENTS_H

#include "clean/active.h"
#include "clean/minor.h"

/* What a minor cycle subtracted from one plane, in order, to be subtracted from the pixels outside the mask
 * as well. The list owns its memory; {0} is an empty one. */

struct pc_component {
    int64_t at; /* index into the plane */
    float flux_jy;
};
struct pc_components {
    struct pc_component *c;
    int64_t n, cap;
};

int pc_components_add(struct pc_components *list, int64_t at, float flux_jy,
                      struct pc_err *err) PC_MUST_CHECK;
void pc_components_fini(struct pc_components *list);

/* The pixels outside the mask, after the fact: the same subtractions in the same order when whole_plane is
 * set. *peak is their largest |residual| then; NaN when they were left alone and there are some. */
int pc_components_subtract_outside(const struct pc_components *list, const struct pc_minor_in *in,
                                   float *residual, const struct pc_psf *psf, const unsigned char *mask,
                                   double *peak, struct pc_err *err) PC_MUST_CHECK;

#endif
