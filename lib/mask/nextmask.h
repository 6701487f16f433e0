/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_NEXTMASK_H
#define PC_MASK_NEXTMASK_H

#include "image/image.h"
#include "mask/automask.h"
#include "mask/inputs.h"

/* The member masknext.fits: what a channel came with in, the next mask with its header out. */

struct pc_nextmask {
    struct pc_imhead head;
    struct pc_runs mask[PC_MAX_POL];
};
void pc_nextmask_fini(struct pc_nextmask *next);

struct pc_nextmask_in {
    const struct pc_imhead *psf; /* geometry; beam and SIDELOBE unless given below */
    const struct pc_mask_inputs *from;
    const struct pc_beam *beam; /* NULL: the psf's */
    double sidelobe;            /* 0: the psf's */
    int64_t iterdone;
    double cyclethreshold_jy, threshold_jy;
    bool done[PC_MAX_POL]; /* planes whose previous mask, if there is one, needs no successor */
};

/* Reads from the header of a masknext.fits which planes are done; true: all of them. */
bool pc_nextmask_done(const struct pc_imhead *masknext, bool done[PC_MAX_POL]);

/* One automask per Stokes plane, each by itself; planes that are done keep their previous mask. Keywords
 * AMDONE (all planes are done), with several planes AMDONE1 ... of each; AMMEDIAN, AMSIGMA, AMTHRESH and
 * AMLIMIT of the first that was not done before. out[npol]: figures (their masks are in next); of a plane
 * that was done only `done` and n_final. next is uninitialised before, and to be freed when this fails too.
 */
int pc_nextmask_auto(const struct pc_automask_conf *conf, const struct pc_nextmask_in *in,
                     struct pc_nextmask *next, struct pc_automask_out *out, struct pc_log *log,
                     struct pc_err *err) PC_MUST_CHECK;

/* A mask that does not depend on the residual: `given` ([npol][ny][nx]; NULL: everywhere) within the bounds
 * that the primary beam was read with. *count: pixels that are 1. */
int pc_nextmask_fixed(const struct pc_nextmask_in *in, const unsigned char *given, struct pc_nextmask *next,
                      int64_t *count, struct pc_err *err) PC_MUST_CHECK;

#endif
