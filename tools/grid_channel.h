/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_GRID_CHANNEL_H
#define PC_TOOLS_GRID_CHANNEL_H

#include "clean/state.h"
#include "grid/imager.h"
#include "io/bundle.h"

/* A channel as pc-grid takes it from a pass, grids it and puts it back. The store of visibilities serves all
 * channels. */

struct grid_conf {
    const char *program, *history;
    int nthread;
    bool predict; /* the model's visibilities are wanted, no residual */
    bool restart; /* cleaning begins anew from the model */
    bool calcres; /* then: a residual that does not belong to the model is made; else it is an error */
};

struct grid_channel {
    struct pc_visstore *vis;
    struct pc_imhead psf; /* nx 0: was not there */
    struct pc_image sumwt, model, residual;
    struct pc_tally tally[PC_MAX_POL]; /* of the residual */
    struct pc_imager_count count;
    bool direct; /* the model was summed directly */
    struct pc_state state;
    bool has_state, has_residual;
    uint32_t model_datasum;
    int64_t model_bad;  /* its first pixel that is not finite; -1 */
    char model_sum[24]; /* DATASUM of the model, "0" for none */
};

void grid_channel_begin(struct grid_channel *c);
void grid_channel_end(struct grid_channel *c);
/* Takes the member just given. */
int grid_channel_take(struct grid_channel *c, struct pc_pass *pass, const struct pc_member *m,
                      struct pc_err *err) PC_MUST_CHECK;
/* What must be there is, and the model can be subtracted; fills model_sum. */
int grid_channel_check(struct grid_channel *c, struct pc_err *err) PC_MUST_CHECK;
/* The residual belongs to the model as it is. */
bool grid_channel_is_done(const struct grid_channel *c);
/* Cleaning begins anew: the state becomes that of a channel with its first residual, which is kept if it
 * belongs to the model; what is left of the cleaning before is dropped, but for model and mask. A channel
 * without data stays as it is. 65: the residual is to be kept and is not there, or belongs to another model.
 */
int grid_channel_restart(struct grid_channel *c, const struct grid_conf *conf, struct pc_pass *pass,
                         struct pc_err *err) PC_MUST_CHECK;
/* Makes and puts the residual, blank where there are no data, and the state. Uses up visibilities and model.
 * plane: 00plane. */
int grid_channel_make(struct grid_channel *c, const struct grid_conf *conf, const struct pc_record *plane,
                      struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
/* The model's visibilities take the place of the data's in the store ... */
int grid_channel_predict(struct grid_channel *c, const struct grid_conf *conf, const struct pc_record *plane,
                         struct pc_err *err) PC_MUST_CHECK;
/* ... and go out as model_vis.fits of each block. */
int grid_channel_put_predicted(struct grid_channel *c, struct pc_pass *pass,
                               struct pc_err *err) PC_MUST_CHECK;

#endif
