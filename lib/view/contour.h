/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_CONTOUR_H
#define PC_VIEW_CONTOUR_H

#include "base/err.h"

/* Lines of equal value through a picture (marching squares: linear along the edges between neighbours, the
 * mean of four decides a saddle). None through blank pixels. */

enum { PC_MAX_CONTOUR = 32 };

/* Calls `line` with the ends of each piece, in pixels: (0, 0) is the upper left corner, values stand at the
 * middles of their pixels. */
void pc_contour_trace(const float *value, int width, int height, double level,
                      void (*line)(void *ctx, double x0, double y0, double x1, double y1), void *ctx);

/* Levels in units of the noise: "3,6,12", or "auto": -3 and 3, 6, 12 ... up to `peak`. Returns how many;
 * PC_EX_USAGE for what is no list of numbers. */
int pc_contour_levels(const char *s, double peak, double level[PC_MAX_CONTOUR],
                      struct pc_err *err) PC_MUST_CHECK;

#endif
