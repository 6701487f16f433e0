/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/draw.h"

#include "base/mem.h"
#include "view/blocks.h"
#include "view/pen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ARCSEC = 3.14159265358979323846 / 180 / 3600;

/* ---- a panel ---- */

struct page {
    cairo_t *cr;
    const struct pc_figure *f;
    struct pc_colors colors;
    uint32_t *pix; /* side x side */
    double unit_rad;
    const char *unit; /* of the offsets */
};

static void panel_origin(const struct pc_layout *l, int i, double *x, double *y)
{
    *x = l->left + i % l->ncol * (l->side + l->gap);
    *y = l->top + i / l->ncol * (l->side + l->gap);
}

static void draw_outline(struct page *p, const unsigned char *m, double x0, double y0)
{
    cairo_t *cr = p->cr;
    int side = p->f->layout.side;
    cairo_new_path(cr);
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            const unsigned char *at = m + (size_t)j * (size_t)side + i;
            if (i + 1 < side && at[0] != at[1]) {
                cairo_move_to(cr, x0 + i + 1, y0 + j);
                cairo_rel_line_to(cr, 0, 1);
            }
            if (j + 1 < side && at[0] != at[side]) {
                cairo_move_to(cr, x0 + i, y0 + j + 1);
                cairo_rel_line_to(cr, 1, 0);
            }
        }
    cairo_set_source_rgba(cr, 0.45, 0.95, 1, 0.95);
    cairo_set_line_width(cr, fmax(1, p->f->layout.font_px / 13));
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_SQUARE);
    cairo_stroke(cr);
}

struct pen_at {
    cairo_t *cr;
    double x, y;
    double dash; /* 0: solid */
};

/* The pieces come in no order, so that dashes are where the fields of a chessboard are. */
static void contour_line(void *ctx, double x0, double y0, double x1, double y1)
{
    const struct pen_at *at = ctx;
    if (at->dash > 0 && ((int)(x0 / at->dash) + (int)(y0 / at->dash)) % 2)
        return;
    cairo_move_to(at->cr, at->x + x0, at->y + y0);
    cairo_line_to(at->cr, at->x + x1, at->y + y1);
}

/* White over a dark rim; what is negative dashed. */
static void draw_contours(struct page *p, const float *value, double x0, double y0)
{
    const struct pc_figure *f = p->f;
    double width = fmax(0.8, f->layout.font_px / 18);
    for (int k = 0; k < f->ncontour; k++) {
        struct pen_at at = {p->cr, x0, y0, f->contour[k] < 0 ? fmax(4, 0.3 * f->layout.font_px) : 0};
        cairo_new_path(p->cr);
        pc_contour_trace(value, f->layout.side, f->layout.side, f->contour[k], contour_line, &at);
        cairo_set_line_cap(p->cr, CAIRO_LINE_CAP_ROUND);
        cairo_set_source_rgba(p->cr, 0.05, 0.04, 0.10, 0.55);
        cairo_set_line_width(p->cr, 2.2 * width);
        cairo_stroke_preserve(p->cr);
        cairo_set_source_rgba(p->cr, 1, 1, 1, 0.95);
        cairo_set_line_width(p->cr, width);
        cairo_stroke(p->cr);
    }
}

/* North is up and east to the left: a position angle turns counterclockwise from up. */
static void draw_beam(struct page *p, const struct pc_beam *b, double x0, double y0)
{
    cairo_t *cr = p->cr;
    const struct pc_layout *l = &p->f->layout;
    double px = l->side / p->f->width_rad, maj = b->maj_rad * px, min = b->min_rad * px;
    double margin = 0.03 * l->side + 0.5 * maj;
    if (!(maj > 0) || maj > 0.5 * l->side)
        return;
    cairo_new_path(cr); /* text leaves its end as the point to go on from */
    cairo_save(cr);
    cairo_translate(cr, x0 + margin, y0 + l->side - margin);
    cairo_rotate(cr, -b->pa_rad);
    cairo_scale(cr, fmax(min, 2) / 2, fmax(maj, 2) / 2);
    cairo_arc(cr, 0, 0, 1, 0, 2 * 3.14159265358979323846);
    cairo_restore(cr);
    cairo_set_source_rgba(cr, 1, 1, 1, 0.9);
    cairo_fill_preserve(cr);
    cairo_set_source_rgba(cr, 0.05, 0.04, 0.10, 0.8);
    cairo_set_line_width(cr, 1.2);
    cairo_stroke(cr);
}

/* Marks along one side of a panel; labels where there is room, beyond the marks. `at` is the offset at the
 * side's start (right or lower end), growing towards east or north. */
static void draw_ticks(struct page *p, double x0, double y0, bool vertical, bool labelled)
{
    cairo_t *cr = p->cr;
    const struct pc_layout *l = &p->f->layout;
    double tick[PC_MAX_TICK], from = (vertical ? p->f->south_rad : p->f->west_rad) / p->unit_rad;
    double span = p->f->width_rad / p->unit_rad, size = l->font_px;
    int decimals, most = (int)(l->side / (vertical ? 2.6 : 3.1) / size);
    int n = pc_ticks_linear(from, from + span, most < 2 ? 2 : most > 9 ? 9 : most, tick, &decimals);
    pc_pen_font(cr, 0.92 * size, false);
    for (int i = 0; i < n; i++) {
        double d = (tick[i] - from) / span * l->side, length = fmax(4, 0.016 * l->side);
        double x = vertical ? x0 : x0 + l->side - d, y = vertical ? y0 + l->side - d : y0 + l->side;
        if (d < 0.5 || d > l->side - 0.5)
            continue;
        cairo_move_to(cr, x, y);
        cairo_rel_line_to(cr, vertical ? length : 0, vertical ? 0 : -length);
        cairo_set_source_rgba(cr, 1, 1, 1, 0.75);
        cairo_set_line_width(cr, 1);
        cairo_stroke(cr);
        char s[64];
        pc_number_label(s, sizeof s, tick[i], decimals);
        double half = vertical ? 0.45 * size : 0.5 * pc_pen_width(cr, s);
        if (!labelled || (l->gap > 0 && (d < half || l->side - d < half)))
            continue;
        pc_pen_ink(cr, 1);
        if (vertical)
            pc_pen_text(cr, x - 0.45 * size, y + 0.33 * size, PC_ANCHOR_END, s);
        else
            pc_pen_text(cr, x, y + 1.25 * size, PC_ANCHOR_MIDDLE, s);
    }
}

/* Whether the panel that was painted last is all lighter than middle grey within these parts of its side. */
static bool is_light(const struct page *p, double x0, double x1, double y0, double y1)
{
    const int side = p->f->layout.side;
    int64_t light = 0, n = 0;
    for (int y = (int)(y0 * side); y < y1 * side; y++)
        for (int x = (int)(x0 * side); x < x1 * side; x++, n++) {
            uint32_t c = p->pix[(int64_t)y * side + x];
            light += (c >> 16 & 255) + (c >> 8 & 255) + (c & 255) > 3 * 150;
        }
    return n > 0 && light == n;
}

/* On the panel: dark where it is light, else white with a dark rim. */
static void draw_label(struct page *p, double x, double y, enum pc_anchor a, double size, bool light,
                       const char *s)
{
    pc_pen_font(p->cr, size, true);
    pc_pen_ink(p->cr, 1);
    if (light)
        pc_pen_text(p->cr, x, y, a, s);
    else
        pc_pen_text_rimmed(p->cr, x, y, a, size, s);
}

/* In the lower right corner of the last panel, the one that was painted last: what is next to it is the
 * beam's corner, or nothing. */
static void draw_scale(struct page *p, double x0, double y0)
{
    const struct pc_layout *l = &p->f->layout;
    cairo_t *cr = p->cr;
    char label[48];
    bool light = is_light(p, 0.7, 1, 0.88, 1);
    double length = pc_scale_bar(p->f->width_rad, label, sizeof label) / p->f->width_rad * l->side;
    double size = fmin(0.9 * l->font_px, l->side / 10.0), x = x0 + 0.96 * l->side, y = y0 + 0.95 * l->side;
    pc_pen_font(cr, size, true);
    double middle = x - fmax(length, pc_pen_width(cr, label)) / 2;
    if (pc_pen_width(cr, label) > 0.6 * l->side)
        return;
    draw_label(p, middle, y - 0.55 * size, PC_ANCHOR_MIDDLE, size, light, label);
    cairo_new_path(cr);
    cairo_move_to(cr, middle - length / 2, y);
    cairo_rel_line_to(cr, length, 0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_width(cr, fmax(3.5, size / 4));
    pc_pen_ink(cr, light ? 0 : 0.75);
    cairo_stroke_preserve(cr);
    cairo_set_line_width(cr, fmax(1.5, size / 9));
    cairo_set_source_rgb(cr, 1, 1, 1);
    if (light)
        pc_pen_ink(cr, 1);
    cairo_stroke(cr);
}

static void draw_panel(struct page *p, int i)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    const struct pc_panel *panel = &f->panel[i];
    double x, y;
    panel_origin(l, i, &x, &y);
    for (int64_t k = 0; k < (int64_t)l->side * l->side; k++)
        p->pix[k] = pc_colors_at(&p->colors, pc_stretch_at(&f->stretch, (double)panel->value[k]));
    pc_pen_paint(p->cr, p->pix, l->side, l->side, x, y);
    if (panel->mask)
        draw_outline(p, panel->mask, x, y);
    draw_contours(p, panel->value, x, y);
    draw_ticks(p, x, y, true, i % l->ncol == 0);
    draw_ticks(p, x, y, false, i + l->ncol >= f->npanel);
    draw_beam(p, &panel->beam, x, y);
    double size = fmin(l->font_px, l->side / 9.0);
    draw_label(p, x + 0.035 * l->side + 2, y + 0.03 * l->side + size, PC_ANCHOR_START, size,
               is_light(p, 0, 0.5, 0, 0.12), panel->label);
    if (i == f->npanel - 1)
        draw_scale(p, x, y);
}

/* ---- what is around them ---- */

static void draw_bar(struct page *p)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    struct pc_bar bar = {.x = l->width - l->right + l->font_px,
                         .y = l->top,
                         .height = l->height - l->top - l->bottom,
                         .font_px = l->font_px,
                         .map = f->map,
                         .stretch = f->stretch,
                         .factor = f->factor,
                         .unit = f->unit};
    pc_pen_bar(p->cr, &bar);
}

static void draw_frame(struct page *p)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    cairo_t *cr = p->cr;
    char s[80];
    double grid_x = l->left + 0.5 * (l->width - l->left - l->right);
    double grid_y = l->top + 0.5 * (l->height - l->top - l->bottom);
    pc_pen_ink(cr, 1);
    pc_pen_font(cr, l->font_px, false);
    snprintf(s, sizeof s, "offset to the east (%s)", p->unit);
    pc_pen_text(cr, grid_x, l->height - 0.9 * l->font_px, PC_ANCHOR_MIDDLE, s);
    snprintf(s, sizeof s, "offset to the north (%s)", p->unit);
    pc_pen_text_up(cr, 1.4 * l->font_px, grid_y, s);
    pc_pen_title(cr, l->left, l->top - 1.15 * l->font_px, l->width - l->font_px, l->font_px, f->title,
                 f->subtitle);
}

const char *pc_offset_unit(double width_rad, double *unit_rad)
{
    static const struct {
        double least, rad;
        const char *name;
    } units[] = {{3 * 3600, 3600, "degrees"}, {600, 60, "arcmin"}, {0.5, 1, "arcsec"}, {0, 1e-3, "mas"}};
    int i = 0;
    while (width_rad / ARCSEC < units[i].least)
        i++;
    *unit_rad = units[i].rad * ARCSEC;
    return units[i].name;
}

double pc_scale_bar(double width_rad, char *label, size_t cap)
{
    double unit_rad;
    const char *unit = pc_offset_unit(width_rad, &unit_rad);
    double most = 0.25 * width_rad / unit_rad, power = pow(10, floor(log10(most)));
    double length = power * (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1);
    snprintf(label, cap, "%.4g %s", length, length == 1 && !strcmp(unit, "degrees") ? "degree" : unit);
    return length * unit_rad;
}

static void draw_page(struct page *p)
{
    cairo_set_source_rgb(p->cr, 1, 1, 1);
    cairo_paint(p->cr);
    pc_colors_fill(&p->colors, p->f->map);
    p->unit = pc_offset_unit(p->f->width_rad, &p->unit_rad);
    for (int i = 0; i < p->f->npanel; i++)
        draw_panel(p, i);
    draw_bar(p);
    draw_frame(p);
}

int pc_figure_write(const struct pc_figure *f, const struct pc_output *o, struct pc_err *err)
{
    struct page p = {.f = f};
    const struct pc_layout *l = &f->layout;
    if (o->form == PC_FORM_BLOCKS)
        return pc_blocks_figure(f, o, err);
    p.pix = pc_mem_new((int64_t)l->side * l->side, sizeof *p.pix, "a panel", err);
    if (!p.pix)
        return -1;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, l->width, l->height);
    p.cr = cairo_create(surface);
    if (cairo_status(p.cr) == CAIRO_STATUS_SUCCESS)
        draw_page(&p);
    int bad = pc_output_page(o, surface, err);
    cairo_destroy(p.cr);
    cairo_surface_destroy(surface);
    pc_mem_free(p.pix);
    return bad;
}

void pc_figure_fini(struct pc_figure *f)
{
    for (int i = 0; f->panel && i < f->npanel; i++) {
        pc_mem_free(f->panel[i].value);
        pc_mem_free(f->panel[i].mask);
    }
    pc_mem_free(f->panel);
    f->panel = NULL;
}
