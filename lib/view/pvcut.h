/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_PVCUT_H
#define PC_VIEW_PVCUT_H

#include "view/cubein.h"
#include "view/output.h"

/* A position-velocity cut: brightness along a line on the sky against velocity (frequency where there is no
 * rest frequency), averaged over a width across it. Offsets are positive towards the position angle (from
 * north through east). */

struct pc_pvcut_conf {
    struct pc_cubein_conf cube; /* channels evenly spaced */
    bool has_centre;
    double centre[2]; /* pixels counted from 0; else the reference pixel */
    double pa_rad, length_rad, width_rad;
    double min, max; /* NaN: as of maps */
    int colormap;    /* -1: chosen */
    const char *title;
    int width_px;
};

/* The line as samples of a plane: n points a cell apart, each the mean of `across` points a cell apart,
 * bilinear. Blank pixels and those outside do not count; NaN where none does. */
struct pc_pvline {
    double x0, y0;             /* of the middle, pixels */
    double dx, dy;             /* a step along the line, pixels */
    double across_x, across_y; /* a step across it */
    int n, across;
};
void pc_pvline_set(struct pc_pvline *l, const struct pc_imhead *h, const struct pc_pvcut_conf *conf);
void pc_pvline_sample(const struct pc_pvline *l, const float *pix, int nx, int ny, float *out);

struct pc_pvcut_report {
    int nchan, npoint;
    double noise, max;
};
int pc_pvcut_draw(const struct pc_pvcut_conf *conf, const struct pc_output *o, struct pc_pvcut_report *report,
                  struct pc_err *err) PC_MUST_CHECK;

#endif
