/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_OVERVIEW_H
#define PC_VIEW_OVERVIEW_H

#include "view/cubein.h"
#include "view/maps.h"
#include "view/moment.h"

/* The first pass over the channels, one for all pictures of a cube: the brightest of each pixel's spectrum;
 * and for each picture the moment, the noise, the range. */
struct pc_overview {
    const struct pc_maps_conf *conf;
    struct pc_cubein in;
    struct pc_moment moment;
    float *peak;   /* of all channels that are looked at: the first picture's, which the others share */
    float *map;    /* the moment */
    double *sigma; /* of each channel that is not blank */
    int nsigma;
    double channel_noise;
    double noise, min, max; /* of what is drawn */
    double step_hz;         /* from one channel shown to the next */
};

/* n pictures of one cube; s[k].conf is set before, all else 0. Reads every channel that one of them looks at,
 * once. */
int pc_overview_open(struct pc_overview *s, int n, struct pc_err *err) PC_MUST_CHECK;
void pc_overview_close(struct pc_overview *s, int n);

/* What the map is of: a moment at all; velocities; brightness, or its integral. */
bool pc_overview_is_moment(const struct pc_overview *s);
bool pc_overview_is_velocity(const struct pc_overview *s);
bool pc_overview_is_brightness(const struct pc_overview *s);

#endif
