/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/draw.h"

#include "view/colormap.h"

#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double INK[3] = {0.13, 0.14, 0.17};
static const double ARCSEC = 3.14159265358979323846 / 180 / 3600;

enum { MAX_TICK = 16, COLORS = 1024 };

/* ---- text ---- */

enum anchor { START, MIDDLE, END };

static double text_width(cairo_t *cr, const char *s)
{
    cairo_text_extents_t e;
    cairo_text_extents(cr, s, &e);
    return e.x_advance;
}

static void font(cairo_t *cr, double size, bool bold)
{
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
}

static void ink(cairo_t *cr, double alpha)
{
    cairo_set_source_rgba(cr, INK[0], INK[1], INK[2], alpha);
}

static void text(cairo_t *cr, double x, double y, enum anchor a, const char *s)
{
    cairo_move_to(cr, x - text_width(cr, s) * (double)a / 2, y);
    cairo_show_text(cr, s);
}

static void text_upwards(cairo_t *cr, double x, double y, const char *s)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, -3.14159265358979323846 / 2);
    text(cr, 0, 0, MIDDLE, s);
    cairo_restore(cr);
}

/* White with a dark rim: legible on every colour. */
static void text_on_picture(cairo_t *cr, double x, double y, double size, const char *s)
{
    cairo_move_to(cr, x, y);
    cairo_text_path(cr, s);
    cairo_set_source_rgba(cr, 0.05, 0.04, 0.10, 0.75);
    cairo_set_line_width(cr, size / 5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_fill(cr);
}

/* ---- colours ---- */

static uint32_t argb(double t)
{
    double c[3];
    pc_colormap_rgb(t, c);
    return 0xFF000000U | (uint32_t)lround(255 * c[0]) << 16 | (uint32_t)lround(255 * c[1]) << 8 |
           (uint32_t)lround(255 * c[2]);
}

static void fill_colors(uint32_t *table)
{
    for (int i = 0; i < COLORS; i++)
        table[i] = argb(i / (COLORS - 1.0));
}

static uint32_t color_of(const uint32_t *table, double t)
{
    if (isnan(t))
        return argb(t);
    return table[(int)(fmin(fmax(t, 0), 1) * (COLORS - 1) + 0.5)];
}

/* Values side x height, painted with their upper left corner at (x, y). */
static void paint(cairo_t *cr, const uint32_t *pix, int width, int height, double x, double y)
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

/* ---- a panel ---- */

struct page {
    cairo_t *cr;
    const struct pc_figure *f;
    uint32_t color[COLORS];
    uint32_t *pix; /* side x side */
    double unit_rad;
    const char *unit; /* of the offsets */
};

static void panel_origin(const struct pc_layout *l, int i, double *x, double *y)
{
    *x = l->left + i % l->ncol * (l->side + l->gap);
    *y = l->top + i / l->ncol * (l->side + l->gap);
}

static void draw_contour(struct page *p, const unsigned char *m, double x0, double y0)
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
    double tick[MAX_TICK], from = (vertical ? p->f->south_rad : p->f->west_rad) / p->unit_rad;
    double span = p->f->width_rad / p->unit_rad, size = l->font_px;
    int decimals, most = (int)(l->side / (vertical ? 2.6 : 3.1) / size);
    int n = pc_ticks_linear(from, from + span, most < 2 ? 2 : most > 9 ? 9 : most, tick, &decimals);
    font(cr, 0.92 * size, false);
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
        double half = vertical ? 0.45 * size : 0.5 * text_width(cr, s);
        if (!labelled || (l->gap > 0 && (d < half || l->side - d < half)))
            continue;
        ink(cr, 1);
        if (vertical)
            text(cr, x - 0.45 * size, y + 0.33 * size, END, s);
        else
            text(cr, x, y + 1.25 * size, MIDDLE, s);
    }
}

static void draw_panel(struct page *p, int i)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    const struct pc_panel *panel = &f->panel[i];
    double x, y;
    panel_origin(l, i, &x, &y);
    for (int64_t k = 0; k < (int64_t)l->side * l->side; k++)
        p->pix[k] = color_of(p->color, pc_stretch_at(&f->stretch, (double)panel->value[k]));
    paint(p->cr, p->pix, l->side, l->side, x, y);
    if (panel->mask)
        draw_contour(p, panel->mask, x, y);
    draw_ticks(p, x, y, true, i % l->ncol == 0);
    draw_ticks(p, x, y, false, i + l->ncol >= f->npanel);
    draw_beam(p, &panel->beam, x, y);
    double size = fmin(l->font_px, l->side / 9.0);
    font(p->cr, size, true);
    text_on_picture(p->cr, x + 0.035 * l->side + 2, y + 0.03 * l->side + size, size, panel->label);
}

/* ---- what is around them ---- */

static void draw_bar(struct page *p)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    cairo_t *cr = p->cr;
    int height = l->height - l->top - l->bottom, width = (int)(1.4 * l->font_px);
    double x = l->width - l->right + 1.0 * l->font_px, tick[MAX_TICK], most = height / (2.6 * l->font_px);
    struct pc_stretch shown = f->stretch;
    shown.lo *= f->factor;
    shown.hi *= f->factor;
    shown.soft *= f->factor;
    cairo_pattern_t *g = cairo_pattern_create_linear(0, l->top + height, 0, l->top);
    for (int k = 0; k <= 64; k++) {
        double c[3];
        pc_colormap_rgb(k / 64.0, c);
        cairo_pattern_add_color_stop_rgb(g, k / 64.0, c[0], c[1], c[2]);
    }
    cairo_rectangle(cr, x, l->top, width, height);
    cairo_set_source(cr, g);
    cairo_fill(cr);
    cairo_pattern_destroy(g);
    int decimals, n = pc_ticks_stretch(&shown, most < 2 ? 2 : most > 12 ? 12 : (int)most, tick, &decimals);
    double widest = 0;
    font(cr, 0.92 * l->font_px, false);
    for (int i = 0; i < n; i++) {
        double y = l->top + height * (1 - pc_stretch_at(&shown, tick[i]));
        char s[64];
        pc_number_label(s, sizeof s, tick[i], decimals);
        ink(cr, 1);
        cairo_set_line_width(cr, 1);
        cairo_move_to(cr, x + width, y);
        cairo_rel_line_to(cr, 0.3 * l->font_px, 0);
        cairo_stroke(cr);
        text(cr, x + width + 0.5 * l->font_px, y + 0.33 * l->font_px, START, s);
        widest = fmax(widest, text_width(cr, s));
    }
    font(cr, l->font_px, false);
    text_upwards(cr, x + width + 0.5 * l->font_px + widest + 1.4 * l->font_px, l->top + height / 2.0,
                 f->unit);
}

static void draw_frame(struct page *p)
{
    const struct pc_figure *f = p->f;
    const struct pc_layout *l = &f->layout;
    cairo_t *cr = p->cr;
    char s[80];
    double grid_x = l->left + 0.5 * (l->width - l->left - l->right);
    double grid_y = l->top + 0.5 * (l->height - l->top - l->bottom);
    ink(cr, 1);
    font(cr, l->font_px, false);
    snprintf(s, sizeof s, "offset to the east (%s)", p->unit);
    text(cr, grid_x, l->height - 0.9 * l->font_px, MIDDLE, s);
    snprintf(s, sizeof s, "offset to the north (%s)", p->unit);
    text_upwards(cr, 1.4 * l->font_px, grid_y, s);
    font(cr, 1.5 * l->font_px, true);
    text(cr, l->left, l->top - 1.15 * l->font_px, START, f->title);
    double used = text_width(cr, f->title);
    font(cr, l->font_px, false);
    ink(cr, 0.75);
    if (l->left + used + text_width(cr, f->subtitle) + 2 * l->font_px < l->width - l->font_px)
        text(cr, l->left + used + (used > 0 ? l->font_px : 0), l->top - 1.15 * l->font_px, START,
             f->subtitle);
}

static void choose_unit(struct page *p)
{
    static const struct {
        double least, rad;
        const char *name;
    } units[] = {{3 * 3600, 3600, "degrees"}, {600, 60, "arcmin"}, {0.5, 1, "arcsec"}, {0, 1e-3, "mas"}};
    int i = 0;
    while (p->f->width_rad / ARCSEC < units[i].least)
        i++;
    p->unit_rad = units[i].rad * ARCSEC;
    p->unit = units[i].name;
}

static cairo_status_t write_some(void *to, const unsigned char *data, unsigned int n)
{
    return fwrite(data, 1, n, to) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int pc_figure_write(const struct pc_figure *f, FILE *out, const char *name, struct pc_err *err)
{
    struct page p = {.f = f};
    const struct pc_layout *l = &f->layout;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, l->width, l->height);
    p.cr = cairo_create(surface);
    p.pix = malloc(4 * (size_t)l->side * (size_t)l->side);
    cairo_status_t status = p.pix ? cairo_status(p.cr) : CAIRO_STATUS_NO_MEMORY;
    if (status == CAIRO_STATUS_SUCCESS) {
        cairo_set_source_rgb(p.cr, 1, 1, 1);
        cairo_paint(p.cr);
        fill_colors(p.color);
        choose_unit(&p);
        for (int i = 0; i < f->npanel; i++)
            draw_panel(&p, i);
        draw_bar(&p);
        draw_frame(&p);
        status = cairo_surface_write_to_png_stream(surface, write_some, out);
    }
    free(p.pix);
    cairo_destroy(p.cr);
    cairo_surface_destroy(surface);
    if (status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_INVALID_SIZE)
        return pc_err_set(err, PC_EX_NOMEM, "a page of %d x %d pixels cannot be made", l->width, l->height);
    if (status == CAIRO_STATUS_WRITE_ERROR)
        return pc_err_errno(err, PC_EX_IOERR, "%s", name);
    if (status != CAIRO_STATUS_SUCCESS)
        return pc_err_set(err, PC_EX_BUG, "%s: cairo says: %s", name, cairo_status_to_string(status));
    return 0;
}
