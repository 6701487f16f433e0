/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBE_SMOOTH_H
#define PC_IO_CUBE_SMOOTH_H

#include "base/log.h"
#include "image/beam.h"

/* A finished cube with another, larger beam: each plane is convolved with what takes its own beam to the new
 * one, and, where the unit is Jy/beam, multiplied by the ratio of their areas. Blank pixels count as zeros
 * and stay blank. Beside an image of one channel, the transform of a plane is held. */

struct pc_cube_smooth_conf {
    const char *src; /* FITS: a cube, or one plane, with a beam for each plane or one for all */
    const char *dst; /* gets its name when it is complete */
    const char *dir; /* a directory of ours to grow it in */
    struct pc_beam to;
    const char *history; /* lines of "pc-concat" */
};

/* The beam that is common to the planes of some cubes. 65 when none has one. */
int pc_cube_smooth_common(const char *const *src, int nsrc, struct pc_beam *common,
                          struct pc_err *err) PC_MUST_CHECK;
/* 64 when `to` is smaller than the beam of a plane; 65 when a plane that is not blank has none. */
int pc_cube_smooth(const struct pc_cube_smooth_conf *conf, struct pc_log *log,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
