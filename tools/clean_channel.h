/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CLEAN_CHANNEL_H
#define PC_TOOLS_CLEAN_CHANNEL_H

#include "clean/cycle.h"
#include "io/wanted.h"

/* A channel as pc-clean takes it from a pass and puts it back. */

struct clean_channel {
    struct pc_image psf, pb, residual, mask, masknext, model, best; /* pix and mask NULL: was not there */
    struct pc_state state;
    bool had_model, had_best; /* they came with the channel; else they are zero */
    struct pc_wanted wanted[8];
};

void clean_channel_init(struct clean_channel *c);
void clean_channel_fini(struct clean_channel *c);
/* Takes the member just given. Of a channel that has stopped nothing more is read. */
int clean_channel_take(struct clean_channel *c, struct pc_pass *pass, const char *name,
                       struct pc_err *err) PC_MUST_CHECK;
/* All is there, of one grid, and the residual belongs to the model; an absent model becomes a zero one. */
int clean_channel_complete(struct clean_channel *c, struct pc_err *err) PC_MUST_CHECK;
/* Puts what changed, in travel order. `history` is the HISTORY of this run. */
int clean_channel_put(struct clean_channel *c, struct pc_pass *pass, const struct pc_clean_result *res,
                      const char *program, const char *history, struct pc_err *err) PC_MUST_CHECK;

#endif
