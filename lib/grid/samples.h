/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_SAMPLES_H
#define PC_GRID_SAMPLES_H

#include "grid/gridder.h"
#include "image/vis.h"

/* From a block of visibilities to the samples of one Stokes plane, spec/casa-imaging.md sections 2.1 and 2.7.
 *
 * A sample is the mean of its hands (XX and YY, or RR and LL; or one hand alone); it counts with its imaging
 * weight once for each hand. A flag (weight 0) on any correlation of a row and channel removes it. */

struct pc_hands {
    int stokes; /* FITS code of the plane */
    int n;      /* hands that make it: 1 or 2 */
    int at[2];  /* where they are among the correlations of a block */
};

/* PC_EX_DATA when the block lacks the correlations; the sentence names those it has. */
int pc_hands_find(struct pc_hands *h, int stokes, const struct pc_visinfo *info,
                  struct pc_err *err) PC_MUST_CHECK;

/* The natural weight of a sample from those of its ncorr correlations: the mean of the first and the last, 0
 * when any is flagged (not above 0, or not finite). */
float pc_vis_natural(const float *weight, int ncorr);
/* Frequency at which a sample's uv counts. */
static inline double pc_vis_freq_hz(const struct pc_visblock *b, int64_t row, int chan)
{
    return b->freq_hz[b->freq_per_row ? row * b->nchan + chan : chan];
}

/* Walks through a block, a batch at a time. */
struct pc_sampler {
    const struct pc_visblock *block;
    struct pc_hands hands;
    bool psf;    /* every visibility is 1; vis_jy is not looked at */
    int64_t row; /* where it goes on */
    int chan;
    struct pc_samples batch;
    double max_w;           /* largest |w| of the samples given, wavelengths */
    double sumwt;           /* so far: imaging weights of the samples given, once per hand */
    int64_t nused, npassed; /* samples given, and passed over because their weight is 0 */
};

int pc_sampler_init(struct pc_sampler *s, struct pc_err *err) PC_MUST_CHECK;
void pc_sampler_fini(struct pc_sampler *s);
/* Begins with a block (borrowed until the last batch); the sums go on. */
void pc_sampler_start(struct pc_sampler *s, const struct pc_visblock *b, const struct pc_hands *h, bool psf);
/* The next batch, NULL at the end of the block. Its samples are in the order of the block. */
struct pc_samples *pc_sampler_next(struct pc_sampler *s);

#endif
