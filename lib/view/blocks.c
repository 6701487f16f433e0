/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/blocks.h"

#include "view/pen.h"

#include <math.h>
#include <string.h>

static const double ARCSEC = 3.14159265358979323846 / 180 / 3600;
static const uint32_t OUTLINE = 0xFF73F2FFU;
enum { GRAPH_ROWS = 12 };

void pc_blocks_layout(int n, int ncol, const struct pc_output *o, struct pc_layout *l)
{
    int columns = o->columns > 20 ? o->columns : 20, most = 2 * (o->rows - 5);
    pc_layout_choose(n, ncol, 1600, l);
    l->gap = 1;
    l->side = (columns - (l->ncol - 1)) / l->ncol;
    if (n == 1 && o->rows > 12 && l->side > most)
        l->side = most; /* all of it at a glance */
    l->side = l->side < 4 ? 4 : l->side / 2 * 2;
}

int pc_blocks_width(const char *s)
{
    int n = 0;
    for (; *s; s++)
        n += (*s & 0xC0) != 0x80;
    return n;
}

static void pad(FILE *out, int n)
{
    while (n-- > 0)
        fputc(' ', out);
}

/* At most `width` characters, filled with spaces. */
static void put_text(FILE *out, const char *s, int width)
{
    int n = 0;
    for (; *s && (n < width || (*s & 0xC0) == 0x80); s++) {
        n += (*s & 0xC0) != 0x80;
        fputc(*s, out);
    }
    pad(out, width - n);
}

/* Of 256 colours: those of the cube of 6 x 6 x 6. */
static void put_color(const struct pc_output *o, uint32_t argb, int ground)
{
    int c[3] = {(int)(argb >> 16 & 255), (int)(argb >> 8 & 255), (int)(argb & 255)};
    if (o->many_colors) {
        fprintf(o->out, "\033[%d;2;%d;%d;%dm", ground, c[0], c[1], c[2]);
        return;
    }
    for (int k = 0; k < 3; k++)
        c[k] = c[k] < 48 ? 0 : c[k] < 115 ? 1 : (c[k] - 35) / 40;
    fprintf(o->out, "\033[%d;5;%dm", ground, 16 + 36 * c[0] + 6 * c[1] + c[2]);
}

static bool on_outline(const unsigned char *m, int side, int x, int y)
{
    const unsigned char *at = m + (size_t)y * (size_t)side + x;
    return at[0] && ((x > 0 && !at[-1]) || (x + 1 < side && !at[1]) || (y > 0 && !at[-side]) ||
                     (y + 1 < side && !at[side]));
}

static uint32_t pixel(const struct pc_figure *f, const struct pc_colors *c, const struct pc_panel *p, int x,
                      int y)
{
    int side = f->layout.side;
    if (p->mask && on_outline(p->mask, side, x, y))
        return OUTLINE;
    return pc_colors_at(c, pc_stretch_at(&f->stretch, (double)p->value[(int64_t)y * side + x]));
}

static void put_line(const struct pc_figure *f, const struct pc_colors *c, const struct pc_panel *p, int y,
                     const struct pc_output *o)
{
    uint32_t upper = 0, lower = 0;
    for (int x = 0; x < f->layout.side; x++) {
        uint32_t a = pixel(f, c, p, x, y), b = pixel(f, c, p, x, y + 1);
        if (x == 0 || a != upper)
            put_color(o, a, 38);
        if (x == 0 || b != lower)
            put_color(o, b, 48);
        fputs("\xe2\x96\x80", o->out); /* upper half block */
        upper = a;
        lower = b;
    }
    fputs("\033[0m", o->out);
}

static void put_row(const struct pc_figure *f, const struct pc_colors *c, int first,
                    const struct pc_output *o)
{
    int last = first + f->layout.ncol < f->npanel ? first + f->layout.ncol : f->npanel;
    for (int i = first; i < last && f->panel[first].label[0]; i++) {
        put_text(o->out, f->panel[i].label, f->layout.side);
        fputc(i + 1 < last ? ' ' : '\n', o->out);
    }
    for (int y = 0; y < f->layout.side; y += 2)
        for (int i = first; i < last; i++) {
            put_line(f, c, &f->panel[i], y, o);
            fputc(i + 1 < last ? ' ' : '\n', o->out);
        }
}

/* The bar, lying, between its ends; the width of a panel, and the beam. */
static void put_legend(const struct pc_figure *f, const struct pc_colors *c, const struct pc_output *o)
{
    double unit_rad;
    const char *unit = pc_offset_unit(f->width_rad, &unit_rad);
    const struct pc_beam *b = &f->panel[0].beam;
    fprintf(o->out, "%.3g ", f->stretch.lo * f->factor);
    for (int k = 0; k < 24; k++) {
        put_color(o, pc_colors_at(c, k / 23.0), 38);
        fputs("\xe2\x96\x88", o->out);
    }
    fprintf(o->out, "\033[0m %.3g %s\n", f->stretch.hi * f->factor, f->unit);
    if (f->caption[0]) {
        fprintf(o->out, "%s\n", f->caption);
        return;
    }
    fprintf(o->out, "%.3g %s wide, north up, east left", f->width_rad / unit_rad, unit);
    if (b->maj_rad > 0)
        fprintf(o->out, "; beam %.3g x %.3g arcsec at %.0f deg", b->maj_rad / ARCSEC, b->min_rad / ARCSEC,
                b->pa_rad / (3600 * ARCSEC));
    fputc('\n', o->out);
}

static void put_heading(const char *title, const char *subtitle, const struct pc_output *o)
{
    fprintf(o->out, "\033[1m%s\033[0m", title);
    if (pc_blocks_width(title) + pc_blocks_width(subtitle) + 2 <= o->columns)
        fprintf(o->out, "%s%s", title[0] ? "  " : "", subtitle);
    fputc('\n', o->out);
}

int pc_blocks_figure(const struct pc_figure *f, const struct pc_output *o, struct pc_err *err)
{
    struct pc_colors colors;
    pc_colors_fill(&colors, f->map);
    put_heading(f->title, f->subtitle, o);
    for (int first = 0; first < f->npanel; first += f->layout.ncol)
        put_row(f, &colors, first, o);
    put_legend(f, &colors, o);
    return pc_output_check(o, err);
}

/* ---- a graph ---- */

/* The values of one column, the mean of those that are finite. */
static double column_of(const double *y, int n, int x, int width)
{
    int from = (int)((int64_t)x * n / width), to = (int)((int64_t)(x + 1) * n / width), count = 0;
    double sum = 0;
    for (int i = from; i < to || i == from; i++)
        if (isfinite(y[i])) {
            sum += y[i];
            count++;
        }
    return count ? sum / count : (double)NAN;
}

int pc_blocks_graph(const double *y, int n, const char *title, const char *left, const char *right,
                    const char *unit, const struct pc_output *o, struct pc_err *err)
{
    double lo = 0, hi = 0;
    int width = o->columns - 12 > 10 ? o->columns - 12 : 10;
    for (int i = 0; i < n; i++) {
        lo = isfinite(y[i]) ? fmin(lo, y[i]) : lo;
        hi = isfinite(y[i]) ? fmax(hi, y[i]) : hi;
    }
    hi = hi > lo ? hi : lo + 1;
    put_heading(title, unit, o);
    for (int row = GRAPH_ROWS - 1; row >= 0; row--) {
        if (row == GRAPH_ROWS - 1 || row == 0)
            fprintf(o->out, "%10.3g  ", row ? hi : lo);
        else
            pad(o->out, 12);
        for (int x = 0; x < width; x++) {
            double v = column_of(y, n, x, width), level = (v - lo) / (hi - lo) * GRAPH_ROWS - row;
            int eighth = !(level > 0) ? 0 : level >= 1 ? 8 : (int)ceil(8 * level);
            if (eighth)
                fprintf(o->out, "\xe2\x96%c", 0x80 + eighth);
            else
                fputc(' ', o->out);
        }
        fputc('\n', o->out);
    }
    pad(o->out, 12);
    put_text(o->out, left, width - pc_blocks_width(right));
    fprintf(o->out, "%s\n", right);
    return pc_output_check(o, err);
}
