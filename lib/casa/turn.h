/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURN_H
#define PC_CASA_TURN_H

#include "casa/axis.h"
#include "casa/contsub.h"
#include "casa/gather.h"
#include "io/bundle.h"

/* Visibilities turned from the MeasurementSet's order (rows of all channels) into the bundle's (channels of
 * all rows), in one pass over the MS whatever the number of channels.
 *
 * Rows are read in sequence, a chunk at a time, and each plane's share of a chunk goes to its place in a
 * scratch: memory when everything fits in three quarters of mem_byte, else an unlinked file. Then channels
 * are put one by one. What is written does not depend on mem_byte. */

struct pc_turn;

struct pc_turn_conf {
    const struct pc_axis *axis;
    const struct pc_gather *gather;
    int64_t mem_byte;
    const char *tmpdir;
    int fitorder; /* of the continuum that is subtracted from windows that have nfit */
};

/* conf's axis and gather must live as long as the turn. */
int pc_turn_new(struct pc_turn **t, const struct pc_turn_conf *conf, struct pc_err *err) PC_MUST_CHECK;
void pc_turn_free(struct pc_turn *t);
/* Reads the MS. */
int pc_turn_fill(struct pc_turn *t, struct pc_err *err) PC_MUST_CHECK;

struct pc_turn_count {
    int64_t nrow, nblock;
    int64_t nnan,
        nneg; /* visibilities and weights not usable although not flagged, in all channels that are wanted */
    struct pc_contsub_count unfit;
};
struct pc_turn_count pc_turn_counts(const struct pc_turn *t);

/* Puts channel axis->wanted[i]: record, blocks, commit. may_link: the destination is a directory, and
 * uvw.fits and row.fits of the first channel put serve the others. *weight (may be NULL) gets the sum of the
 * channel's weights, 0 when all is flagged. */
int pc_turn_put(struct pc_turn *t, int i, struct pc_pass *pass, bool may_link, const char *history,
                double *weight, struct pc_err *err) PC_MUST_CHECK;

#endif
