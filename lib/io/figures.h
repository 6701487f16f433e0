/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FIGURES_H
#define PC_IO_FIGURES_H

#include "image/suggest.h"
#include "io/bundle.h"

/* What a run's table says about a channel, and what a first image of some visibilities should be like: one
 * reading pass over a bundle, at most the residual and two masks held. */

/* The members pc_figures_channel() takes: for pc_pass_conf.uses. */
extern const struct pc_use pc_figures_uses[];

/* Figures of the channel that was just begun, as keys of a record (units in the keys): freq_hz, velocity_kms
 * (radio, when the rest frequency is known), beam, peak of the image, rms_jy = 1.4826 MAD of the residual,
 * flux_jy = the image summed over the mask (everywhere without one) divided by the beam's area,
 * model_flux_jy, mask_px, from the state iterdone, nmajor, stopcode, and how many visibilities there are and
 * do not count (io/left_out.h). Pixels outside the primary beam's
 * limit do not count. Keys of further Stokes planes have their names at the end, peak_jy_Q; the peak of Q, U
 * and V is the largest of either sign. */
int pc_figures_channel(struct pc_pass *pass, const struct pc_chan *chan, struct pc_record *out,
                       struct pc_err *err) PC_MUST_CHECK;

/* The members pc_figures_suggest() takes. */
extern const struct pc_use pc_figures_vis_uses[];
/* Goes over all channels: a geometry for what there is (image/suggest.h), and whether Stokes I can be made of
 * it: `stokes` is "I", or the name of the one hand there is. PC_EX_DATA when no baseline has a length. */
struct pc_figures_advice {
    struct pc_suggestion geometry;
    const char *stokes;
};
int pc_figures_suggest(struct pc_pass *pass, int max_px, struct pc_figures_advice *out,
                       struct pc_err *err) PC_MUST_CHECK;

#endif
