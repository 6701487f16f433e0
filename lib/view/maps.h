/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_MAPS_H
#define PC_VIEW_MAPS_H

#include "view/cubein.h"
#include "view/moment.h"
#include "view/output.h"

/* From a FITS file to a page of maps: channels, or a moment of them. Chooses the part shown, range and
 * stretch, and draws. The file is read once, a plane at a time, for all pictures of it that are drawn
 * together; of channels then the rows that are shown. */

enum pc_maps_stretch { PC_MAPS_AUTO, PC_MAPS_LINEAR, PC_MAPS_ASINH };
enum { PC_MAPS_MAX_PANEL = 400, PC_MAPS_UNNAMED = 25, PC_MAPS_ANY_COLOR = -1 };

struct pc_maps_conf {
    struct pc_cubein_conf cube;
    enum pc_moment_kind moment; /* PC_MOMENT_NONE: channels side by side */
    double clip;                /* of a moment: pixels below so many times their channel's noise do not count;
                                   NaN: 0 for the sum and the peak, 5 where velocities are asked for */
    const char *mask;           /* outlined where above 0.5; NULL: none */
    const char *contours;       /* as pc_contour_levels(); NULL: none */
    const char *title;          /* NULL: the object's name */
    enum pc_maps_stretch stretch;
    int colormap;    /* enum pc_colormap, or PC_MAPS_ANY_COLOR */
    double size_rad; /* 0: what stands out */
    double min, max; /* NaN: of brightness -3 times the noise and the peak, of Stokes Q, U, V both signs up to
                        the larger; of velocities all but the outermost hundredth */
    int columns;     /* 0: chosen */
    int width_px;    /* of the page */
};

struct pc_maps_report {
    int nchan;              /* channels used */
    double noise, min, max; /* of what is drawn; NaN when all is blank */
    int width_px, height_px;
};

int pc_maps_draw(const struct pc_maps_conf *conf, const struct pc_output *o, struct pc_maps_report *report,
                 struct pc_err *err) PC_MUST_CHECK;
/* Several pictures of one cube (conf[k].cube the same), each to an output of its own. */
enum { PC_MAPS_TOGETHER = 4 };
int pc_maps_draw_together(const struct pc_maps_conf conf[], const struct pc_output out[], int n,
                          struct pc_maps_report report[], struct pc_err *err) PC_MUST_CHECK;

#endif
