/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_BATCHER_H
#define PC_GRID_BATCHER_H

#include "grid/batch.h"
#include "grid/stokes.h"

/* From a block of visibilities to samples of Stokes planes, a batch at a time, and back.
 *
 * u, v, w of a sample are uvw_m * frequency / c. Its weight is the block's imaging weight, or the natural one
 * where it has none; a sample whose natural weight is 0 (see pc_natural_weight) is passed over whatever its
 * imaging weight. Samples come in the order of the block, up to PC_BATCH_MAX at a time. */

enum { PC_BATCH_MAX = 16384 };

enum pc_batch_mode {
    PC_BATCH_DATA, /* the planes of the visibilities; samples of weight 0 are passed over */
    PC_BATCH_PSF,  /* the same samples, one plane, every visibility is 1; vis_jy is not looked at */
    PC_BATCH_ZERO, /* the same samples, visibilities 0, to be predicted; vis_jy is not looked at */
    PC_BATCH_ALL   /* every sample, flagged ones too: weight 1, visibilities 0, to be predicted. vis_jy and
                      weights are not looked at */
};

struct pc_batcher {
    struct pc_batch batch; /* its arrays are owned, and free to be written to by who is given it */
    const struct pc_visblock *block;
    struct pc_mix mix;
    struct pc_natural natural;
    enum pc_batch_mode mode;
    int64_t row; /* where it goes on */
    int chan;
    double max_w;           /* largest |w| of the samples given, wavelengths */
    double sumwt;           /* of each plane: weights of the samples given, hands_sum times; not of ALL */
    int64_t nused, npassed; /* samples given, and passed over because their weight is 0 */
};

/* nplane: the most planes it will be asked for. */
int pc_batcher_init(struct pc_batcher *s, int nplane, struct pc_err *err) PC_MUST_CHECK;
void pc_batcher_fini(struct pc_batcher *s);
/* Begins with a block (borrowed until the last batch); the sums go on. PC_EX_DATA when pc_mix_find() says so.
 */
int pc_batcher_start(struct pc_batcher *s, const struct pc_visblock *b, const struct pc_planes *planes,
                     enum pc_batch_mode mode, struct pc_err *err) PC_MUST_CHECK;
/* The next batch, NULL at the end of the block. */
struct pc_batch *pc_batcher_next(struct pc_batcher *s);
/* Adds factor times what the planes of a batch predict to visibilities [nrow][nchan][ncorr][2] of the block
 * it is from. */
void pc_batcher_add_to(const struct pc_batcher *s, const struct pc_batch *batch, double factor,
                       float *vis_jy);

#endif
