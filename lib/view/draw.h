/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_DRAW_H
#define PC_VIEW_DRAW_H

#include "view/panel.h"
#include "view/scale.h"

#include <stdio.h>

/* A page of panels with one colour bar, drawn by cairo into a PNG. */

struct pc_panel {
    float *value;        /* side x side, first row in the north */
    unsigned char *mask; /* the same, or NULL */
    char label[64];
    struct pc_beam beam; /* maj 0: none is drawn */
};

struct pc_figure {
    struct pc_layout layout;
    struct pc_panel *panel;
    int npanel;
    double width_rad; /* of a panel */
    double west_rad,
        south_rad; /* offset of a panel's right and lower edge from the phase centre: east, north positive */
    struct pc_stretch stretch;
    double factor; /* numbers on the bar are values times this */
    char unit[40], title[120], subtitle[160];
};

/* Writes to an open stream, which the caller closes and checks. */
int pc_figure_write(const struct pc_figure *f, FILE *out, const char *name, struct pc_err *err) PC_MUST_CHECK;

#endif
