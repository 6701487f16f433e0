/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURN_H
#define PC_CASA_TURN_H

#include "casa/contsub.h"
#include "casa/flags.h"
#include "casa/gather.h"
#include "casa/resample.h"
#include "io/bundle.h"

/* Visibilities turned from the MeasurementSet's order (rows of all channels) into the bundle's (planes of all
 * rows), in one pass over the MS whatever the number of planes.
 *
 * Rows are read in sequence, a chunk at a time, and each plane's share of a chunk goes to its place: where
 * the channels go to a directory, in the members themselves (io/fill.h), so that each sample is written once
 * and none is held; else in a scratch, memory when everything fits in three quarters of mem_byte and an
 * unlinked file when not. While one thread reads a chunk, the others turn the one before. Then channels are
 * put one by one. What is written depends neither on mem_byte nor on nthread.
 *
 * A plane has blocks of those windows that reach it. One that none reaches has one block of one row without
 * weight: it is blank, not missing. */

struct pc_turn;

struct pc_turn_conf {
    const struct pc_axis *axis;
    const struct pc_gather *gather;
    int64_t mem_byte;
    int nthread;
    const char *tmpdir;
    const char *dir;     /* the directory the channels will be put into; NULL: they go somewhere else */
    const char *history; /* of how they were selected, in lines */
    int fitorder;        /* of the continuum that is subtracted from windows that have nfit */
};

/* conf's axis, gather and dir must live as long as the turn. */
int pc_turn_new(struct pc_turn **t, const struct pc_turn_conf *conf, struct pc_err *err) PC_MUST_CHECK;
void pc_turn_free(struct pc_turn *t);
/* Reads the MS. */
int pc_turn_fill(struct pc_turn *t, struct pc_err *err) PC_MUST_CHECK;

/* What there is of channel axis->wanted[i]; known before the MS is read, but for what follows nblock. */
struct pc_turn_count {
    int64_t nrow, nblock;
    int64_t nreach;                    /* rows that have a channel of the data in the plane */
    int64_t nsample;                   /* visibilities, each correlation counted */
    int64_t left_out[PC_LEFT_NREASON]; /* those that do not count */
    double weight;                     /* the sum of those that do */
};
struct pc_turn_count pc_turn_counts(const struct pc_turn *t, int i);
/* Spectra whose continuum could not be fitted as wished. */
struct pc_contsub_count pc_turn_unfit(const struct pc_turn *t);
/* Visibilities of selected channels that are in no plane of the axis. */
int64_t pc_turn_beyond(const struct pc_turn *t);

/* Puts channel axis->wanted[i]: record, blocks, commit. In a directory uvw.fits and row.fits of the channel
 * that had the block first serve the others. */
int pc_turn_put(struct pc_turn *t, int i, struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;

#endif
