/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/panel.h"

#include "image/morph.h"
#include "view/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bounds {
    int x0, x1, y0, y1;
};

static bool find_bounds(const struct pc_runs *r, int nx, int ny, struct bounds *b)
{
    *b = (struct bounds){nx, -1, ny, -1};
    for (int64_t i = 0; i < r->n; i++) {
        const struct pc_span *p = &r->run[i];
        b->x0 = p->x0 < b->x0 ? p->x0 : b->x0;
        b->x1 = p->x1 - 1 > b->x1 ? p->x1 - 1 : b->x1;
        b->y0 = p->y < b->y0 ? p->y : b->y0;
        b->y1 = p->y;
    }
    return r->n > 0;
}

static double clamp(double v, double lo, double hi)
{
    return hi < lo ? 0.5 * (lo + hi) : v < lo ? lo : v > hi ? hi : v;
}

/* A square around (x, y), moved and shrunk so that it shows no more than there is within b and the image. */
static void place(struct pc_crop *c, double x, double y, double side, const struct bounds *b, int nx, int ny)
{
    double width = b->x1 - b->x0 + 1, height = b->y1 - b->y0 + 1;
    side = fmin(side, fmax(width, height));
    side = fmin(side, nx < ny ? nx : ny);
    c->width = c->height = side;
    c->x0 = clamp(x - side / 2, b->x0 - 0.5, b->x1 + 0.5 - side);
    c->y0 = clamp(y - side / 2, b->y0 - 0.5, b->y1 + 0.5 - side);
    c->x0 = clamp(c->x0, -0.5, nx - 0.5 - side);
    c->y0 = clamp(c->y0, -0.5, ny - 0.5 - side);
}

int pc_crop_find(const float *peak, const struct pc_imhead *head, double sigma, const struct pc_beam *beam,
                 struct pc_crop *crop, struct pc_err *err)
{
    int nx = head->nx, ny = head->ny;
    int64_t before, after;
    double beam_px = pc_beam_area_sr(beam) / fabs(head->cell_rad[0] * head->cell_rad[1]);
    double least = fmax(10 * beam->maj_rad / fabs(head->cell_rad[1]), 32);
    struct bounds b, all;
    struct pc_runs finite = {0}, on = {0};
    int bad = 0;
    for (int y = 0; y < ny && !bad; y++) {
        const float *row = peak + (int64_t)y * nx;
        bad = pc_runs_add_finite(&finite, y, 0, row, nx, err) ||
              pc_runs_add_above(&on, y, 0, row, nx, (float)(5 * sigma), err);
    }
    bad = bad || pc_morph_prune(&on, fmax(0.5 * beam_px, 3), &before, &after, err) ? -1 : 0;
    if (!find_bounds(&finite, nx, ny, &all))
        all = (struct bounds){0, nx - 1, 0, ny - 1};
    bool found = find_bounds(&on, nx, ny, &b);
    b = found ? b : all;
    double side = found ? 1.5 * (double)(b.x1 - b.x0 > b.y1 - b.y0 ? b.x1 - b.x0 : b.y1 - b.y0) : nx + ny;
    place(crop, 0.5 * (b.x0 + b.x1), 0.5 * (b.y0 + b.y1), fmax(side, least), &all, nx, ny);
    pc_runs_free(&finite);
    pc_runs_free(&on);
    return bad;
}

void pc_crop_centre(const struct pc_imhead *head, double size_rad, struct pc_crop *crop)
{
    double side = size_rad / fabs(head->cell_rad[1]);
    struct bounds all = {0, head->nx - 1, 0, head->ny - 1};
    place(crop, head->crpix[0] - 1, head->crpix[1] - 1, fmax(side, 4), &all, head->nx, head->ny);
}

/* Mean of the finite pixels of a box; NaN without any. */
static float box_mean(const float *plane, int nx, int ny, double x0, double x1, double y0, double y1)
{
    double sum = 0;
    int n = 0;
    for (int y = (int)ceil(y0); y <= (int)floor(y1); y++)
        for (int x = (int)ceil(x0); x <= (int)floor(x1); x++)
            if (x >= 0 && x < nx && y >= 0 && y < ny && isfinite(plane[(int64_t)y * nx + x])) {
                sum += (double)plane[(int64_t)y * nx + x];
                n++;
            }
    return n ? (float)(sum / n) : NAN;
}

static float pixel(const float *plane, int nx, int ny, int x, int y)
{
    x = x < 0 ? 0 : x >= nx ? nx - 1 : x;
    y = y < 0 ? 0 : y >= ny ? ny - 1 : y;
    return plane[(int64_t)y * nx + x];
}

static float bilinear(const float *plane, int nx, int ny, double x, double y)
{
    int xi = (int)floor(x), yi = (int)floor(y);
    float fx = (float)(x - xi), fy = (float)(y - yi);
    float south = pixel(plane, nx, ny, xi, yi) * (1 - fx) + pixel(plane, nx, ny, xi + 1, yi) * fx;
    float north = pixel(plane, nx, ny, xi, yi + 1) * (1 - fx) + pixel(plane, nx, ny, xi + 1, yi + 1) * fx;
    return south * (1 - fy) + north * fy;
}

void pc_panel_sample(const float *plane, int nx, int ny, const struct pc_crop *crop, float *out, int side)
{
    double sx = crop->width / side, sy = crop->height / side;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            double x = crop->x0 + (i + 0.5) * sx, y = crop->y0 + (side - j - 0.5) * sy;
            if (sx > 1)
                out[(int64_t)j * side + i] =
                    box_mean(plane, nx, ny, x - sx / 2, x + sx / 2, y - sy / 2, y + sy / 2);
            else
                out[(int64_t)j * side + i] = bilinear(plane, nx, ny, x, y);
        }
}

void pc_panel_sample_mask(const float *mask, int nx, int ny, const struct pc_crop *crop, unsigned char *out,
                          int side)
{
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            double x = crop->x0 + (i + 0.5) * crop->width / side;
            double y = crop->y0 + (side - j - 0.5) * crop->height / side;
            out[(int64_t)j * side + i] = pixel(mask, nx, ny, (int)lround(x), (int)lround(y)) > 0.5F;
        }
}

void pc_layout_choose(int n, int ncol, int width_px, struct pc_layout *l)
{
    if (ncol <= 0) {
        ncol = (int)ceil(sqrt(1.4 * n));
        for (int c = ncol; c >= 2 && c >= ncol - 1; c--) /* no row with holes where that is possible */
            if (n % c == 0) {
                ncol = c;
                break;
            }
    }
    l->ncol = ncol < n ? ncol : n;
    l->nrow = (n + l->ncol - 1) / l->ncol;
    l->font_px = fmax(11, width_px / 80.0);
    l->gap = l->ncol > 1 ? 3 : 0;
    l->left = (int)(5.2 * l->font_px);
    l->bottom = (int)(4.0 * l->font_px);
    l->top = (int)(3.6 * l->font_px);
    l->right = (int)(8.2 * l->font_px);
    l->side = (width_px - l->left - l->right - (l->ncol - 1) * l->gap) / l->ncol;
    l->side = l->side > 16 ? l->side : 16;
    l->width = l->left + l->right + l->ncol * l->side + (l->ncol - 1) * l->gap;
    l->height = l->top + l->bottom + l->nrow * l->side + (l->nrow - 1) * l->gap;
}

void pc_channel_label(char *s, size_t cap, double freq_hz, double restfreq_hz, double step_hz)
{
    const double c_km_s = 299792.458;
    bool velocity = restfreq_hz > 0;
    double v = velocity ? c_km_s * (1 - freq_hz / restfreq_hz) : freq_hz * 1e-9;
    double step = fabs(velocity ? c_km_s * step_hz / restfreq_hz : step_hz * 1e-9);
    int decimals = step > 0 ? (int)ceil(-log10(step)) + 1 : 3;
    decimals = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    char number[64];
    pc_number_label(number, sizeof number, v, velocity && decimals > 3 ? 3 : decimals);
    snprintf(s, cap, "%s %s", number, velocity ? "km/s" : "GHz");
}

/* One item, "a", "a~b" or "a~b^step"; returns where it ends, NULL when it is none. */
static const char *parse_range(const char *s, long range[3])
{
    char *end;
    range[0] = range[1] = strtol(s, &end, 10);
    range[2] = 1;
    if (end == s)
        return NULL;
    if (*end == '~') {
        s = end + 1;
        range[1] = strtol(s, &end, 10);
        if (end == s)
            return NULL;
    }
    if (*end == '^') {
        s = end + 1;
        range[2] = strtol(s, &end, 10);
        if (end == s || range[2] < 1)
            return NULL;
    }
    return *end == ',' ? end + 1 : *end == '\0' ? end : NULL;
}

int pc_channels_parse(const char *s, int nchan, int *chan, int cap, struct pc_err *err)
{
    int n = 0;
    if (!s || !*s) {
        n = nchan < cap ? nchan : cap;
        for (int i = 0; i < n; i++)
            chan[i] = n == nchan || n < 2 ? i : (int)((int64_t)i * (nchan - 1) / (n - 1));
        return n;
    }
    for (const char *p = s; *p;) {
        long range[3];
        p = parse_range(p, range);
        if (!p)
            return pc_err_set(err, PC_EX_USAGE, "'%s' is no list of channels; 0~23, 0~20^5 and 3,7 are", s);
        if (range[0] < 0 || range[1] >= nchan || range[1] < range[0])
            return pc_err_set(err, PC_EX_USAGE, "channels %ld~%ld are asked for; there are 0~%d", range[0],
                              range[1], nchan - 1);
        for (long c = range[0]; c <= range[1]; c += range[2]) {
            if (n == cap)
                return pc_err_set(err, PC_EX_USAGE, "'%s' are more than %d channels, the most on one page", s,
                                  cap);
            chan[n++] = (int)c;
        }
    }
    return n;
}
