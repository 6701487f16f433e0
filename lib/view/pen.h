/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_PEN_H
#define PC_VIEW_PEN_H

#include "view/colormap.h"
#include "view/scale.h"

#include <cairo.h>
#include <stdint.h>

/* What maps and graphs draw with: text, colours as pixels, a colour bar. */

enum pc_anchor { PC_ANCHOR_START, PC_ANCHOR_MIDDLE, PC_ANCHOR_END };
enum { PC_MAX_TICK = 16 };

void pc_pen_font(cairo_t *cr, double size_px, int bold);
void pc_pen_ink(cairo_t *cr, double alpha);
double pc_pen_width(cairo_t *cr, const char *s);
void pc_pen_text(cairo_t *cr, double x, double y, enum pc_anchor a, const char *s);
void pc_pen_text_up(cairo_t *cr, double x, double y, const char *s); /* its middle at (x, y) */
/* White with a dark rim: legible on every colour. */
void pc_pen_text_rimmed(cairo_t *cr, double x, double y, enum pc_anchor a, double size_px, const char *s);
/* The page's title and, where there is room, what is in smaller letters beside it. */
void pc_pen_title(cairo_t *cr, double x, double y, double right, double font_px, const char *title,
                  const char *subtitle);

/* A colour map as pixels. */
struct pc_colors {
    uint32_t color[1024], blank;
};
void pc_colors_fill(struct pc_colors *c, enum pc_colormap map);
uint32_t pc_colors_at(const struct pc_colors *c, double t);
/* The pixels of a picture, its upper left corner at (x, y). */
void pc_pen_paint(cairo_t *cr, const uint32_t *pix, int width, int height, double x, double y);

/* A colour bar at (x, y), with marks in values times `factor` and the unit beside it. */
struct pc_bar {
    double x, y, height, font_px;
    enum pc_colormap map;
    struct pc_stretch stretch;
    double factor;
    const char *unit;
};
void pc_pen_bar(cairo_t *cr, const struct pc_bar *bar);

#endif
