/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/pen.h"

#include <math.h>
#include <string.h>

static const double INK[3] = {0.13, 0.14, 0.17};

void pc_pen_font(cairo_t *cr, double size_px, int bold)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size_px);
}

void pc_pen_ink(cairo_t *cr, double alpha)
{
    cairo_set_source_rgba(cr, INK[0], INK[1], INK[2], alpha);
}

double pc_pen_width(cairo_t *cr, const char *s)
{
    cairo_text_extents_t e;
    cairo_text_extents(cr, s, &e);
    return e.x_advance;
}

void pc_pen_text(cairo_t *cr, double x, double y, enum pc_anchor a, const char *s)
{
    cairo_move_to(cr, x - pc_pen_width(cr, s) * (double)a / 2, y);
    cairo_show_text(cr, s);
}

void pc_pen_text_up(cairo_t *cr, double x, double y, const char *s)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, -3.14159265358979323846 / 2);
    pc_pen_text(cr, 0, 0, PC_ANCHOR_MIDDLE, s);
    cairo_restore(cr);
}

void pc_pen_text_rimmed(cairo_t *cr, double x, double y, enum pc_anchor a, double size_px, const char *s)
{
    cairo_move_to(cr, x - pc_pen_width(cr, s) * (double)a / 2, y);
    cairo_text_path(cr, s);
    cairo_set_source_rgba(cr, 0.05, 0.04, 0.10, 0.8);
    cairo_set_line_width(cr, size_px / 4);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_fill(cr);
}

/* As much of s as fits, "..." at the end of what does not. */
static void fit_text(cairo_t *cr, const char *s, double width, char *out, size_t cap)
{
    size_t n = strlen(s);
    n = n < cap - 4 ? n : cap - 4;
    memcpy(out, s, n);
    out[n] = '\0';
    while (n > 0 && pc_pen_width(cr, out) > width) {
        do
            n--;
        while (n > 0 && (out[n] & 0xC0) == 0x80); /* a letter may have several bytes */
        memcpy(out + n, "\xe2\x80\xa6", 4);
    }
}

void pc_pen_title(cairo_t *cr, double x, double y, double right, double font_px, const char *title,
                  const char *subtitle)
{
    char fits[256];
    pc_pen_ink(cr, 1);
    pc_pen_font(cr, 1.5 * font_px, 1);
    fit_text(cr, title, right - x, fits, sizeof fits);
    pc_pen_text(cr, x, y, PC_ANCHOR_START, fits);
    double used = pc_pen_width(cr, fits);
    x += used + (used > 0 ? font_px : 0);
    pc_pen_font(cr, font_px, 0);
    pc_pen_ink(cr, 0.75);
    if (x + 8 * font_px >= right)
        return;
    fit_text(cr, subtitle, right - x, fits, sizeof fits);
    pc_pen_text(cr, x, y, PC_ANCHOR_START, fits);
}

/* ---- colours ---- */

static uint32_t argb(enum pc_colormap map, double t)
{
    double c[3];
    pc_colormap_rgb(map, t, c);
    return 0xFF000000U | (uint32_t)lround(255 * c[0]) << 16 | (uint32_t)lround(255 * c[1]) << 8 |
           (uint32_t)lround(255 * c[2]);
}

void pc_colors_fill(struct pc_colors *c, enum pc_colormap map)
{
    const int n = sizeof c->color / sizeof *c->color;
    for (int i = 0; i < n; i++)
        c->color[i] = argb(map, i / (n - 1.0));
    c->blank = argb(map, (double)NAN);
}

uint32_t pc_colors_at(const struct pc_colors *c, double t)
{
    const double last = sizeof c->color / sizeof *c->color - 1;
    return isnan(t) ? c->blank : c->color[(int)(fmin(fmax(t, 0), 1) * last + 0.5)];
}

void pc_pen_paint(cairo_t *cr, const uint32_t *pix, int width, int height, double x, double y)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    unsigned char *data = cairo_image_surface_get_data(s);
    cairo_surface_flush(s);
    for (int j = 0; data && j < height; j++)
        memcpy(data + (size_t)j * (size_t)cairo_image_surface_get_stride(s), pix + (size_t)j * (size_t)width,
               4 * (size_t)width);
    cairo_surface_mark_dirty(s);
    cairo_set_source_surface(cr, s, x, y);
    cairo_paint(cr);
    cairo_surface_destroy(s);
}

/* ---- the bar ---- */

static void draw_gradient(cairo_t *cr, const struct pc_bar *b, double width)
{
    cairo_pattern_t *g = cairo_pattern_create_linear(0, b->y + b->height, 0, b->y);
    for (int k = 0; k <= 64; k++) {
        double c[3];
        pc_colormap_rgb(b->map, k / 64.0, c);
        cairo_pattern_add_color_stop_rgb(g, k / 64.0, c[0], c[1], c[2]);
    }
    cairo_rectangle(cr, b->x, b->y, width, b->height);
    cairo_set_source(cr, g);
    cairo_fill(cr);
    cairo_pattern_destroy(g);
}

void pc_pen_bar(cairo_t *cr, const struct pc_bar *b)
{
    double width = floor(1.4 * b->font_px), most = b->height / (2.6 * b->font_px), tick[PC_MAX_TICK];
    double widest = 0, x = b->x + width;
    struct pc_stretch shown = b->stretch;
    shown.lo *= b->factor;
    shown.hi *= b->factor;
    shown.soft *= b->factor;
    draw_gradient(cr, b, width);
    int decimals, n = pc_ticks_stretch(&shown, most < 2 ? 2 : most > 12 ? 12 : (int)most, tick, &decimals);
    pc_pen_font(cr, 0.92 * b->font_px, 0);
    for (int i = 0; i < n; i++) {
        double y = b->y + b->height * (1 - pc_stretch_at(&shown, tick[i]));
        char s[64];
        pc_number_label(s, sizeof s, tick[i], decimals);
        pc_pen_ink(cr, 1);
        cairo_set_line_width(cr, 1);
        cairo_move_to(cr, x, y);
        cairo_rel_line_to(cr, 0.3 * b->font_px, 0);
        cairo_stroke(cr);
        pc_pen_text(cr, x + 0.5 * b->font_px, y + 0.33 * b->font_px, PC_ANCHOR_START, s);
        widest = fmax(widest, pc_pen_width(cr, s));
    }
    double size = b->font_px;
    pc_pen_font(cr, size, 0);
    if (pc_pen_width(cr, b->unit) > b->height + 2 * size)
        pc_pen_font(cr, size *= (b->height + 2 * b->font_px) / pc_pen_width(cr, b->unit), 0);
    pc_pen_text_up(cr, x + 1.9 * b->font_px + widest, b->y + b->height / 2, b->unit);
}
