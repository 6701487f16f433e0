/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/graph.h"

#include "base/mem.h"
#include "view/pen.h"

#include <math.h>

struct frame {
    cairo_t *cr;
    const struct pc_graph *g;
    double font_px, x0, y0, width, height; /* of what the axes enclose */
};

static double at_x(const struct frame *f, double x)
{
    return f->x0 + (x - f->g->xlo) / (f->g->xhi - f->g->xlo) * f->width;
}

static double at_y(const struct frame *f, double y)
{
    return f->y0 + f->height - (y - f->g->ylo) / (f->g->yhi - f->g->ylo) * f->height;
}

static void place_frame(struct frame *f)
{
    const struct pc_graph *g = f->g;
    f->font_px = fmax(11, g->width_px / 80.0);
    f->x0 = floor(6.6 * f->font_px);
    f->y0 = floor(3.6 * f->font_px);
    f->width = g->width_px - f->x0 - floor((g->value ? 8.2 : 2) * f->font_px);
    f->height = g->height_px - f->y0 - floor(4 * f->font_px);
}

static void draw_mark(const struct frame *f, double at, bool vertical)
{
    double x = vertical ? f->x0 : at, y = vertical ? at : f->y0 + f->height, length = 0.5 * f->font_px;
    cairo_t *cr = f->cr;
    pc_pen_ink(cr, 1);
    cairo_set_line_width(cr, 1);
    for (int side = 0; side < 2; side++) {
        cairo_move_to(cr, x, y);
        cairo_rel_line_to(cr, vertical ? length : 0, vertical ? 0 : -length);
        x += vertical ? f->width : 0;
        y -= vertical ? 0 : f->height;
        length = -length;
    }
    cairo_stroke(cr);
}

static void draw_marks(const struct frame *f, bool vertical)
{
    const struct pc_graph *g = f->g;
    double tick[PC_MAX_TICK], size = f->font_px;
    int decimals, most = (int)(vertical ? f->height / (2.8 * size) : f->width / (5.5 * size));
    int n = pc_ticks_linear(vertical ? g->ylo : g->xlo, vertical ? g->yhi : g->xhi,
                            most < 2    ? 2
                            : most > 12 ? 12
                                        : most,
                            tick, &decimals);
    pc_pen_font(f->cr, 0.92 * size, 0);
    for (int i = 0; i < n; i++) {
        double at = vertical ? at_y(f, tick[i]) : at_x(f, tick[i]);
        char s[64];
        draw_mark(f, at, vertical);
        pc_number_label(s, sizeof s, tick[i], decimals);
        pc_pen_ink(f->cr, 1);
        if (vertical)
            pc_pen_text(f->cr, f->x0 - 0.45 * size, at + 0.33 * size, PC_ANCHOR_END, s);
        else
            pc_pen_text(f->cr, at, f->y0 + f->height + 1.3 * size, PC_ANCHOR_MIDDLE, s);
    }
}

static void draw_axes(const struct frame *f)
{
    const struct pc_graph *g = f->g;
    double size = f->font_px;
    draw_marks(f, false);
    draw_marks(f, true);
    pc_pen_ink(f->cr, 1);
    cairo_set_line_width(f->cr, 1);
    cairo_rectangle(f->cr, f->x0 + 0.5, f->y0 + 0.5, f->width - 1, f->height - 1);
    cairo_stroke(f->cr);
    pc_pen_font(f->cr, size, 0);
    pc_pen_text(f->cr, f->x0 + f->width / 2, g->height_px - 0.9 * size, PC_ANCHOR_MIDDLE, g->xlabel);
    pc_pen_text_up(f->cr, 1.4 * size, f->y0 + f->height / 2, g->ylabel);
    pc_pen_title(f->cr, f->x0, f->y0 - 1.15 * size, g->width_px - size, size, g->title, g->subtitle);
}

/* ---- a line ---- */

static void draw_zero(const struct frame *f)
{
    if (f->g->ylo >= 0 || f->g->yhi <= 0)
        return;
    pc_pen_ink(f->cr, 0.35);
    cairo_set_line_width(f->cr, 1);
    cairo_move_to(f->cr, f->x0, at_y(f, 0));
    cairo_rel_line_to(f->cr, f->width, 0);
    cairo_stroke(f->cr);
}

static void draw_steps(const struct frame *f)
{
    const struct pc_graph *g = f->g;
    bool down = false;
    cairo_rectangle(f->cr, f->x0, f->y0, f->width, f->height);
    cairo_save(f->cr);
    cairo_clip(f->cr);
    cairo_new_path(f->cr);
    for (int i = 0; i < g->n; i++) {
        if (!isfinite(g->y[i])) {
            down = false;
            continue;
        }
        double y = at_y(f, g->y[i]), from = at_x(f, g->x[i] - g->step / 2);
        if (down)
            cairo_line_to(f->cr, from, y);
        else
            cairo_move_to(f->cr, from, y);
        cairo_line_to(f->cr, at_x(f, g->x[i] + g->step / 2), y);
        down = i + 1 < g->n && fabs(g->x[i + 1] - g->x[i]) < 1.5 * g->step;
    }
    cairo_set_source_rgb(f->cr, 0.12, 0.29, 0.62);
    cairo_set_line_width(f->cr, fmax(1.5, f->font_px / 9));
    cairo_set_line_join(f->cr, CAIRO_LINE_JOIN_MITER);
    cairo_stroke(f->cr);
    cairo_restore(f->cr);
}

/* ---- a picture ---- */

static int draw_picture(const struct frame *f, struct pc_err *err)
{
    const struct pc_graph *g = f->g;
    int width = (int)f->width, height = (int)f->height;
    struct pc_colors colors;
    uint32_t *pix = pc_mem_new((int64_t)width * height, sizeof *pix, "a picture", err);
    if (!pix)
        return -1;
    pc_colors_fill(&colors, g->map);
    for (int j = 0; j < height; j++)
        for (int i = 0; i < width; i++) {
            int64_t row = (int64_t)j * g->ny / height, column = (int64_t)i * g->nx / width;
            pix[(int64_t)j * width + i] =
                pc_colors_at(&colors, pc_stretch_at(&g->stretch, (double)g->value[row * g->nx + column]));
        }
    pc_pen_paint(f->cr, pix, width, height, f->x0, f->y0);
    pc_mem_free(pix);
    struct pc_bar bar = {.x = f->x0 + f->width + f->font_px,
                         .y = f->y0,
                         .height = f->height,
                         .font_px = f->font_px,
                         .map = g->map,
                         .stretch = g->stretch,
                         .factor = g->factor,
                         .unit = g->unit};
    pc_pen_bar(f->cr, &bar);
    return 0;
}

int pc_graph_write(const struct pc_graph *g, const struct pc_output *o, struct pc_err *err)
{
    struct frame f = {.g = g};
    int bad = 0;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, g->width_px, g->height_px);
    f.cr = cairo_create(surface);
    place_frame(&f);
    if (cairo_status(f.cr) == CAIRO_STATUS_SUCCESS) {
        cairo_set_source_rgb(f.cr, 1, 1, 1);
        cairo_paint(f.cr);
        if (g->value)
            bad = draw_picture(&f, err);
        else
            draw_zero(&f);
        if (g->n > 0)
            draw_steps(&f);
        draw_axes(&f);
    }
    bad = bad || pc_output_page(o, surface, err);
    cairo_destroy(f.cr);
    cairo_surface_destroy(surface);
    return bad ? -1 : 0;
}
