/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_RESAMPLE_H
#define PC_CASA_RESAMPLE_H

#include "casa/axis.h"
#include "casa/flags.h"

/* How the channels of a window become the samples of the planes (spec section 3.6), integration by
 * integration.
 *
 * Each plane has `nper` samples of a row, its slots. With linear and cubic interpolation the slots divide the
 * plane evenly: as many as it is data channels wide, at least one. A slot takes the visibility at its
 * frequency from the line through the two channels beside it, or from the cubic through the nearest four
 * (where all are good, else from the line), and the weight from the line through two; either's flag flags it;
 * nothing is extrapolated. A channel within 1e-3 of a channel width of the slot is taken as it is. With
 * nearest, with one plane, and with windows of one channel, each channel goes to the plane that its frequency
 * is in, and in mfs all go to the one.
 *
 * The uv of a slot counts at its own frequency, or at the channel's in the frame of the axis. */

struct pc_tap {
    int n;      /* 0: nothing is there; 1: chan; 2: chan and chan+1; 4: first .. first+3, or as 2 */
    int chan;   /* of the data */
    float frac; /* from chan to chan+1 */
    int first;
    float c[4];
};

struct pc_resample {
    const struct pc_axis *axis;
    const struct pc_ms_window *w;
    int nper;
    bool by_channel;    /* slots hold channels, not interpolated samples */
    bool copies;        /* every slot is a channel, the same at all epochs */
    bool freq_per_row;  /* freq.fits is (nper, nrow) */
    int lo, nspan;      /* channels lo .. lo + nspan - 1 are needed; nspan 0: none */
    bool *selected;     /* [w->nchan] */
    int64_t *nrow;      /* [nwanted] rows that have a channel in the plane */
    struct pc_tap *tap; /* [nwanted][nper], where they are the same at all epochs; else NULL */
};

int pc_resample_init(struct pc_resample *r, const struct pc_axis *axis, const struct pc_ms_window *w,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_resample_fini(struct pc_resample *r);
/* Has the channels lo .. hi read too. */
void pc_resample_widen(struct pc_resample *r, int lo, int hi);
/* Visibilities of selected channels that are in no plane of the axis. */
int64_t pc_resample_beyond(const struct pc_resample *r);
/* The taps [q1 - q0][nper] of wanted planes q0 .. q1-1 at an epoch. */
void pc_resample_taps(const struct pc_resample *r, int q0, int q1, int epoch, struct pc_tap *tap);
/* One row by n taps: [nspan][ncorr] to [n][ncorr]. */
void pc_resample_row(const struct pc_resample *r, const struct pc_tap *tap, int64_t n, const float *vis_jy,
                     const float *weight, float *vis_to, float *weight_to);
/* The frequencies of the slots of axis->wanted[q], at an epoch (any one, unless freq_per_row). */
void pc_resample_freq(const struct pc_resample *r, int q, int epoch, double *freq_hz);
/* The epoch of a time of the window. `near` is where to look first. */
int pc_ms_epoch_find(const struct pc_ms_window *w, double time_s, int near);

#endif
