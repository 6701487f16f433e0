/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_GRAPH_H
#define PC_VIEW_GRAPH_H

#include "view/colormap.h"
#include "view/output.h"
#include "view/scale.h"

/* A page with one pair of axes: a line of steps, or a picture with a colour bar. */

struct pc_graph {
    int width_px, height_px;
    const char *title, *subtitle, *xlabel, *ylabel;
    double xlo, xhi, ylo, yhi; /* growing to the right and upwards */
    /* a line: a step around each x, as wide as `step`; a NaN is a gap */
    const double *x, *y;
    int n;
    double step;
    /* a picture over the whole of the axes: rows from the top; NULL: none */
    const float *value;
    int nx, ny;
    enum pc_colormap map;
    struct pc_stretch stretch;
    double factor;
    const char *unit;
};

int pc_graph_write(const struct pc_graph *g, const struct pc_output *o, struct pc_err *err) PC_MUST_CHECK;

#endif
