/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_DRAW_H
#define PC_VIEW_DRAW_H

#include "view/colormap.h"
#include "view/contour.h"
#include "view/output.h"
#include "view/panel.h"
#include "view/scale.h"

/* A page of panels with one colour bar, drawn by cairo, or in a terminal's characters. */

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
    enum pc_colormap map;
    struct pc_stretch stretch;
    double contour[PC_MAX_CONTOUR]; /* values; those below zero are dashed */
    int ncontour;
    double factor; /* numbers on the bar are values times this */
    char unit[64], title[120], subtitle[160];
    char caption[160]; /* in a terminal, in the place of size and orientation; "": these */
};

int pc_figure_write(const struct pc_figure *f, const struct pc_output *o, struct pc_err *err) PC_MUST_CHECK;
void pc_figure_fini(struct pc_figure *f); /* frees the panels */

/* Offsets on the sky in a unit that suits the width: "arcsec". */
const char *pc_offset_unit(double width_rad, double *unit_rad);
/* A length that is round in that unit, a quarter of the width or less, and its label: "5 arcsec". */
double pc_scale_bar(double width_rad, char *label, size_t cap);

#endif
