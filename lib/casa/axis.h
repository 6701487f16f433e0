/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_AXIS_H
#define PC_CASA_AXIS_H

#include "base/text.h"
#include "casa/ms.h"

/* The planes of the image to be, along the spectral axis (spec section 3.5), in the frame that the windows
 * have been put into (casa/frame.h).
 *
 * --start and --width are each a channel number (a number of channels), a frequency or a velocity.
 * - Channels are those of the data at the first time: plane i holds the |width| channels from
 *   start + i * width on, in the data's order (descending stays descending); its frequency is their mean.
 * - A frequency or velocity as start is the centre of the first plane; without one the first plane begins at
 *   the edge of the data. Widths in Hz have the sign of the step in frequency, widths in m/s that in
 * velocity. Steps in optical velocity are not even in frequency.
 * - Without a width planes are as wide as the data's channels, and ascend in the unit of start.
 * Without nchan the planes reach to the other edge of the data. mfs has one plane, from the lowest channel
 * edge at any time to the highest. */

enum pc_specmode { PC_SPECMODE_CUBE, PC_SPECMODE_CUBEDATA, PC_SPECMODE_CUBESOURCE, PC_SPECMODE_MFS };
enum pc_veltype { PC_VELTYPE_RADIO, PC_VELTYPE_OPTICAL };
enum pc_interpolation { PC_INTERPOLATION_NEAREST, PC_INTERPOLATION_LINEAR, PC_INTERPOLATION_CUBIC };

struct pc_axis_ask {
    int specmode;         /* enum pc_specmode */
    int64_t nchan;        /* -1: all */
    const char *start;    /* "" or NULL: the first (the last when width < 0) */
    const char *width;    /* "" or NULL: 1 */
    const char *channels; /* planes that are wanted: "0~9", "3,7"; "" or NULL: all */
    const char *outframe; /* "" or NULL: LSRK; cubedata: the data's own; cubesource: the source's */
    double restfreq_hz;   /* 0: the SOURCE table's */
    int veltype, interpolation;
};

struct pc_axis {
    int specmode, interpolation, veltype;
    int nplane, nwanted;
    double *freq_hz, *width_hz; /* [nplane]; width_hz has the sign of the step */
    int *wanted;                /* [nwanted], ascending */
    double step_hz, restfreq_hz, fracbw;
    double chan_hz; /* width of the data's widest channels, in this frame */
    char frame[12]; /* as SPECSYS */
};

/* The frame that is asked for, as SPECSYS has it; NULL: the data's own. One that there is not is 64. */
int pc_axis_frame(const struct pc_axis_ask *ask, const char **specsys, struct pc_err *err) PC_MUST_CHECK;

/* windows: all that will be imaged together, n >= 1. Wrong wishes are 64. */
int pc_axis_init(struct pc_axis *axis, const struct pc_axis_ask *ask,
                 const struct pc_ms_window *const *windows, int n, struct pc_err *err) PC_MUST_CHECK;
void pc_axis_fini(struct pc_axis *axis);

/* In the velocities of --veltype; restfreq_hz must be known. */
double pc_axis_velocity_m_s(const struct pc_axis *axis, double freq_hz);

/* Where planes meet: the lower side of `plane` in the sense of the axis; nplane: the end of the last. */
double pc_axis_edge(const struct pc_axis *axis, int plane);

/* 00cube and 00plane. The records must be zeroed or valid. */
int pc_axis_cube_record(const struct pc_axis *axis, struct pc_record *cube, struct pc_err *err) PC_MUST_CHECK;
int pc_axis_plane_record(const struct pc_axis *axis, int plane, struct pc_record *r,
                         struct pc_err *err) PC_MUST_CHECK;

/* "3,7", "0~9", "0~3,8": sets n flags; 64 for anything else or beyond n. */
int pc_axis_parse_channels(const char *s, int n, bool *flag, struct pc_err *err) PC_MUST_CHECK;

/* The signed spacing of the window's channels. MSs exist whose CHAN_WIDTH is positive while CHAN_FREQ
 * descends. */
double pc_axis_spacing(const struct pc_ms_window *w);

#endif
