/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CLEAN_CHANNEL_H
#define PC_TOOLS_CLEAN_CHANNEL_H

#include "base/log.h"
#include "tools/clean_window.h"

/* A channel as pc-clean takes it from a pass, turns it once and puts it back.
 *
 * Of a directory only what the minor cycle needs is held, and the rest is gone over in blocks; of a stream
 * psf, primary beam and residual are held, and the mask: buffers pass from what is used up to what comes
 * next. */

struct clean_options {
    struct pc_clean_conf conf; /* sidelobe and nsigma_median are the channel's */
    double pbmask;
    double sidelobe;     /* >= 0: in place of the channel's own */
    struct pc_beam beam; /* likewise; maj 0: the channel's own */
    const char *program, *history;
};

struct clean_channel {
    const struct clean_options *opt;
    struct pc_later psf, pb, residual, mask,
        best; /* mask: masknext.fits when that is there, else mask.fits */
    bool mask_is_next;
    struct model_in model; /* as it came */
    bool had_best;
    struct pc_state state;
    struct pc_clean_result result;
    struct clean_window window;
    bool is_tested, is_cleaned;
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
