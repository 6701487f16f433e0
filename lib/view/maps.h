/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_MAPS_H
#define PC_VIEW_MAPS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* From a FITS file to a page: chooses channels, part, range and stretch, and draws. The file is read twice, a
 * plane at a time. */

enum pc_maps_stretch { PC_MAPS_AUTO, PC_MAPS_LINEAR, PC_MAPS_ASINH };

struct pc_maps_conf {
    const char *path;
    const char *mask;     /* outlined where above 0.5; NULL: none */
    const char *channels; /* as pc_channels_parse(); NULL: all, or 25 evenly spread ones */
    const char *stokes;   /* which plane, "Q"; NULL: the first */
    const char *title;    /* NULL: the object's name */
    bool moment0;         /* the sum over the channels, times their width in km/s */
    enum pc_maps_stretch stretch;
    double size_rad; /* 0: what stands out */
    double min, max; /* NaN: -3 times the noise; the peak. Of Stokes Q, U, V both signs up to the larger */
    int columns;     /* 0: chosen */
    int width_px;    /* of the page */
};

struct pc_maps_report {
    int nchan;         /* channels used */
    double noise, max; /* of what is drawn; NaN when all is blank */
    int width_px, height_px;
};

int pc_maps_draw(const struct pc_maps_conf *conf, FILE *out, const char *name, struct pc_maps_report *report,
                 struct pc_err *err) PC_MUST_CHECK;

#endif
