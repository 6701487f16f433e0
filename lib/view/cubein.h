/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_CUBEIN_H
#define PC_VIEW_CUBEIN_H

#include "image/image.h"
#include "io/fits_cube.h"
#include "io/fits_rows.h"

#include <stdbool.h>

/* The cube that is looked at: which of its channels, which Stokes plane, in which unit, and what each channel
 * is (frequency, radio velocity in the frame of the file, beam). Planes, or rows of them, are read when they
 * are asked for. */

struct pc_cubein_conf {
    const char *path;
    const char *channels; /* as pc_channels_parse(); NULL: all, or so many evenly spread ones */
    const char *stokes;   /* which plane, "Q"; NULL: the first */
    double restfreq_hz;   /* in the place of the file's; 0: that */
    bool kelvin;          /* brightness temperature (Rayleigh-Jeans) in the place of Jy/beam */
};

struct pc_cubein {
    const struct pc_cubein_conf *conf; /* borrowed */
    struct pc_fits_cube cube;
    struct pc_fits_rows *rows;
    struct pc_imhead head; /* freq_hz: of the file's first channel */
    int pol;
    bool both_signs; /* Q, U, V: may as well be negative */
    char unit[24];   /* of the planes: "Jy/beam", "K" */
    int *chan, nchan;
};

/* most: of the channels that are taken when none are named, or may be named. */
int pc_cubein_open(struct pc_cubein *in, const struct pc_cubein_conf *conf, int most_unnamed, int most_named,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_cubein_close(struct pc_cubein *in);

/* n rows from row y of channel `chan` of the file. */
int pc_cubein_rows(const struct pc_cubein *in, int chan, int y, int n, float *pix,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_cubein_plane(const struct pc_cubein *in, int chan, float *pix, struct pc_err *err) PC_MUST_CHECK;

int64_t pc_cubein_npx(const struct pc_cubein *in);
double pc_cubein_freq_hz(const struct pc_cubein *in, int chan);
bool pc_cubein_has_velocity(const struct pc_cubein *in);
/* PC_EX_DATA when it has none: `what` is what cannot be had. */
int pc_cubein_need_velocity(const struct pc_cubein *in, const char *what, struct pc_err *err) PC_MUST_CHECK;
double pc_cubein_velocity_kms(const struct pc_cubein *in, int chan);
/* What a channel takes of the axis, signed: to half way to its neighbours where channels are not evenly
 * spaced. */
double pc_cubein_width_kms(const struct pc_cubein *in, int chan);
/* maj 0: none. */
const struct pc_beam *pc_cubein_beam(const struct pc_cubein *in, int chan);
/* 1.4826 times the median absolute deviation of a plane; < 0 is an error. NaN: it is blank. */
double pc_cubein_noise(const float *pix, int64_t n, struct pc_err *err);

#endif
