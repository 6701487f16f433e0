/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_AXIS_H
#define PC_CASA_AXIS_H

#include "base/text.h"
#include "casa/ms.h"

/* The planes of the image to be, and the channels of the data that each is made from.
 *
 * Cubes have the data's own channels, in the data's order (descending stays descending): plane i holds the
 * |width| channels from start + i * width on, its frequency is their mean. This is what tclean's channel mode
 * gives where no change of frame is asked for (spec section 3.5). mfs has one plane, from the lowest channel
 * edge to the highest. */

enum pc_specmode { PC_SPECMODE_CUBE, PC_SPECMODE_CUBEDATA, PC_SPECMODE_MFS };

struct pc_axis_ask {
    int specmode;         /* enum pc_specmode */
    int64_t nchan;        /* -1: all */
    const char *start;    /* "" or NULL: the first (the last when width < 0) */
    const char *width;    /* "" or NULL: 1 */
    const char *channels; /* planes that are wanted: "0~9", "3,7"; "" or NULL: all */
    const char *outframe;
    double restfreq_hz; /* 0: the SOURCE table's */
};

struct pc_axis {
    int specmode;
    int nplane, nwanted;
    double *freq_hz, *width_hz; /* [nplane]; width_hz has the sign of the step */
    int *wanted;                /* [nwanted], ascending */
    int nper;                   /* data channels per plane; cubes only */
    double *chan_hz;            /* [nplane][nper]: their frequencies; cubes only */
    double step_hz, restfreq_hz, fracbw;
    char frame[12]; /* as SPECSYS */
};

/* windows: all that will be imaged together, n >= 1. Wrong or unsupported wishes are 64. */
int pc_axis_init(struct pc_axis *axis, const struct pc_axis_ask *ask,
                 const struct pc_ms_window *const *windows, int n, struct pc_err *err) PC_MUST_CHECK;
void pc_axis_fini(struct pc_axis *axis);

/* The channels of a window that the planes need: *nper for each plane, chan[plane * nper + i] (pc_mem_free
 * it). A channel belongs to the one it is asked for when it lies within 1e-3 of a channel width of it. */
int pc_axis_map(const struct pc_axis *axis, const struct pc_ms_window *w, int **chan, int *nper,
                struct pc_err *err) PC_MUST_CHECK;

/* 00cube and 00plane. The records must be zeroed or valid. */
int pc_axis_cube_record(const struct pc_axis *axis, struct pc_record *cube, struct pc_err *err) PC_MUST_CHECK;
int pc_axis_plane_record(const struct pc_axis *axis, int plane, struct pc_record *r,
                         struct pc_err *err) PC_MUST_CHECK;

/* "3,7", "0~9", "0~3,8": sets n flags; 64 for anything else or beyond n. */
int pc_axis_parse_channels(const char *s, int n, bool *flag, struct pc_err *err) PC_MUST_CHECK;

#endif
