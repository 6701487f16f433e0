/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CLEAN_CHANNEL_H
#define PC_TOOLS_CLEAN_CHANNEL_H

#include "base/log.h"
#include "clean/cycle.h"
#include "clean/sparse.h"
#include "io/wanted.h"

/* A channel as pc-clean takes it from a pass, turns it once and puts it back.
 *
 * What is held of a channel are three planes (psf, residual, model) and two of bytes (the mask, and what the
 * primary beam says of each pixel): buffers pass from what is used up to what comes next. */

struct clean_options {
    struct pc_clean_conf conf; /* sidelobe and nsigma_median are the channel's */
    double pbmask;
    double sidelobe;     /* >= 0: in place of the channel's own */
    struct pc_beam beam; /* likewise; maj 0: the channel's own */
    const char *program, *history;
};

struct clean_channel {
    const struct clean_options *opt;
    struct pc_image psf, residual, masknext, model, best;
    struct pc_image mask; /* mask.fits, unless masknext.fits is there too */
    struct pc_image pb;   /* its mask is the bits of pc_clean_inside() */
    float *spare;         /* pb's pixels, for the residual */
    struct pc_state state;
    struct pc_clean_result result;
    bool is_tested, is_cleaned;
    bool had_model, had_best; /* they came with the channel; else they are zero */
    struct pc_sparse before;  /* the model as it came, when it is the best */
    struct pc_wanted wanted[8];
};

void clean_channel_init(struct clean_channel *c, const struct clean_options *opt);
void clean_channel_fini(struct clean_channel *c);
/* Takes the member just given. Of a channel that has stopped nothing more is read. */
int clean_channel_take(struct clean_channel *c, struct pc_pass *pass, const char *name, struct pc_log *log,
                       struct pc_err *err) PC_MUST_CHECK;
/* Test, and minor cycle; nothing when the channel had stopped before. */
int clean_channel_turn(struct clean_channel *c, struct pc_log *log, struct pc_err *err) PC_MUST_CHECK;
/* Puts what changed, in travel order. */
int clean_channel_put(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;

#endif
