/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_RESTORE_CHANNEL_H
#define PC_TOOLS_RESTORE_CHANNEL_H

#include "base/log.h"
#include "clean/restore.h"
#include "clean/state.h"
#include "image/stats.h"
#include "tools/model_in.h"
#include "tools/restore_beam.h"

/* One channel on its way through pc-restore: its images are made row by row as they are written. They are
 * held when a person wants to see them, or when they are wanted more than once and making them is slow. */

struct restore_options {
    const char *program, *history;
    const struct restore_beam *beam;
    bool pbcor, preview, has_pblimit;
    double pblimit; /* in place of the primary beam's own, when has_pblimit */
};

struct restore_channel {
    const struct restore_options *opt;
    struct pc_imhead psf;
    struct model_in model;
    struct pc_later pb, residual;
    struct pc_image image; /* pix only when it is held */
    struct pc_image mask;  /* for the preview */
    struct pc_state state;
    double pblimit;
    struct restore_plane *plane; /* [npol] */
    float *row, *pb_row;         /* row: number `at`, of the image and corrected */
    int64_t at;                  /* counted through all planes; -1: none */
    bool corrected;              /* by the primary beam, where one image is put after the other */
    struct pc_stats_sum seen;
};

void restore_channel_init(struct restore_channel *c, const struct restore_options *opt);
void restore_channel_fini(struct restore_channel *c);
/* The member just given. */
int restore_channel_take(struct restore_channel *c, struct pc_pass *pass, const char *name,
                         struct pc_err *err) PC_MUST_CHECK;
/* Once all has been taken: what is needed is there and belongs together. */
int restore_channel_open(struct restore_channel *c, const struct pc_pass *pass, struct pc_log *log,
                         struct pc_err *err) PC_MUST_CHECK;
int restore_channel_put(struct restore_channel *c, struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;

#endif
