/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_INPUTS_H
#define PC_MASK_INPUTS_H

#include "image/image.h"
#include "image/runs.h"
#include "mask/survey.h"

#include <stdbool.h>

/* What a channel's mask is made of, gathered while its images are read: of the primary beam and of the
 * previous mask only runs stay; the residual is held, blank where it is not valid. A zeroed struct has
 * nothing; an image begins with its header (taken over: h is zeroed) and goes on block by block
 * (PC_SURVEY_BLOCK divides what is not a plane's end), plane by plane. Any image may be missing; they
 * may come in any order, but a primary beam that comes after the residual costs a pass over that. */

struct pc_mask_inputs {
    struct pc_imhead pb, residual, prev; /* nx 0: not there */
    float *pix;                          /* of the residual, [npol][ny][nx]; NULL: not there */
    double pblimit, pbmask;
    bool late;                          /* the primary beam came after the residual */
    bool has_valid, has_central;        /* whether these say anything; else they are everywhere */
    struct pc_runs valid[PC_MAX_POL];   /* pb > pblimit */
    struct pc_runs central[PC_MAX_POL]; /* pb > pbmask */
    struct pc_runs mask[PC_MAX_POL];    /* the previous one: above 0.5 */
    struct pc_survey survey[PC_MAX_POL];
};

void pc_mask_inputs_fini(struct pc_mask_inputs *in);
/* pbmask < 0: none. PBLIMIT of the header bounds when it is positive. Without either bound no block is
 * needed: has_valid and has_central are false. */
void pc_mask_inputs_begin_pb(struct pc_mask_inputs *in, struct pc_imhead *h, double pbmask);
int pc_mask_inputs_add_pb(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n, const float *pix,
                          struct pc_err *err) PC_MUST_CHECK;
/* Makes room in pix. The blocks are in their place there. */
int pc_mask_inputs_begin_residual(struct pc_mask_inputs *in, struct pc_imhead *h,
                                  struct pc_err *err) PC_MUST_CHECK;
void pc_mask_inputs_add_residual(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n);
/* Either bytes or floats; the other is NULL. */
void pc_mask_inputs_begin_prev(struct pc_mask_inputs *in, struct pc_imhead *h);
int pc_mask_inputs_add_prev(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n,
                            const unsigned char *mask, const float *pix, struct pc_err *err) PC_MUST_CHECK;
/* When all has come: everything above is set. */
int pc_mask_inputs_end(struct pc_mask_inputs *in, struct pc_err *err) PC_MUST_CHECK;

#endif
