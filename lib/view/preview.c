/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/preview.h"

#include "base/mem.h"
#include "image/stats.h"
#include "view/draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH_PX = 1000, LONGEST = 4096 };

int pc_preview_path(const char *path, const char *channel, bool first, char *s, size_t cap,
                    struct pc_err *err)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    int stem = dot && dot > path && (!slash || dot > slash + 1) ? (int)(dot - path) : (int)strlen(path), n;
    if (first)
        n = snprintf(s, cap, "%s", path);
    else
        n = snprintf(s, cap, "%.*s.%s%s", stem, path, channel, path + stem);
    if (n < 0 || (size_t)n >= cap)
        return pc_err_set(err, PC_EX_USAGE, "--preview %.80s...: the name is too long", path);
    return 0;
}

/* Masked pixels stand out whatever their brightness. */
static int choose_crop(const struct pc_preview *p, double sigma, struct pc_crop *crop, struct pc_err *err)
{
    const struct pc_imhead *h = p->head;
    int64_t n = (int64_t)h->nx * h->ny;
    const float *plane = p->plane;
    float *marked = NULL;
    if (p->mask) {
        marked = pc_mem_new(n, sizeof *marked, "a picture", err);
        if (!marked)
            return -1;
        for (int64_t i = 0; i < n; i++)
            marked[i] = p->mask[i] ? 1e30F : plane[i];
        plane = marked;
    }
    int bad = pc_crop_find(plane, h, sigma, &p->beam, crop, err);
    pc_mem_free(marked);
    return bad;
}

static void choose_stretch(struct pc_stretch *t, double sigma, double max)
{
    t->lo = isfinite(sigma) ? -3 * sigma : 0;
    t->hi = isfinite(max) && max > t->lo ? max : t->lo + 1;
    if (t->hi > 60 * sigma) /* as pc-view's */
        pc_stretch_bend(t, sigma);
}

static void nearest(const struct pc_preview *p, const struct pc_crop *c, unsigned char *out, int side)
{
    const struct pc_imhead *h = p->head;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            long x = lround(c->x0 + (i + 0.5) * c->width / side);
            long y = lround(c->y0 + (side - j - 0.5) * c->height / side);
            x = x < 0 ? 0 : x >= h->nx ? h->nx - 1 : x;
            y = y < 0 ? 0 : y >= h->ny ? h->ny - 1 : y;
            out[(int64_t)j * side + i] = p->mask[(int64_t)y * h->nx + x];
        }
}

static int fill_panel(const struct pc_preview *p, const struct pc_crop *crop, int side,
                      struct pc_panel *panel, struct pc_err *err)
{
    panel->beam = p->beam;
    snprintf(panel->label, sizeof panel->label, "%s", p->label);
    panel->value = pc_mem_new((int64_t)side * side, sizeof *panel->value, "a panel", err);
    if (!panel->value)
        return -1;
    pc_panel_sample(p->plane, p->head->nx, p->head->ny, crop, panel->value, side);
    if (!p->mask)
        return 0;
    panel->mask = pc_mem_new((int64_t)side * side, 1, "an outline", err);
    if (!panel->mask)
        return -1;
    nearest(p, crop, panel->mask, side);
    return 0;
}

static int make_figure(const struct pc_preview *p, struct pc_figure *f, struct pc_err *err)
{
    const struct pc_imhead *h = p->head;
    int64_t n = (int64_t)h->nx * h->ny;
    struct pc_stats st;
    struct pc_crop crop;
    double median, mad;
    if (pc_stats_median_mad(p->plane, NULL, n, &median, &mad, err) ||
        choose_crop(p, 1.4826 * mad, &crop, err))
        return -1;
    pc_stats_basic(p->plane, NULL, n, &st);
    pc_layout_choose(1, 1, WIDTH_PX, &f->layout);
    f->npanel = 1;
    f->width_rad = crop.width * fabs(h->cell_rad[0]);
    f->west_rad = (crop.x0 + crop.width - (h->crpix[0] - 1)) * h->cell_rad[0];
    f->south_rad = (crop.y0 - (h->crpix[1] - 1)) * h->cell_rad[1];
    choose_stretch(&f->stretch, 1.4826 * mad, (double)st.max);
    const char *prefix = pc_flux_prefix((double)st.max, &f->factor);
    snprintf(f->unit, sizeof f->unit, "%s%s", prefix, h->bunit[0] ? h->bunit : "Jy/beam");
    snprintf(f->title, sizeof f->title, "%s", h->object);
    snprintf(f->subtitle, sizeof f->subtitle, "%.6f GHz  %s", 1e-9 * h->freq_hz, h->specsys);
    return fill_panel(p, &crop, f->layout.side, f->panel, err);
}

int pc_preview_write(const struct pc_preview *p, const char *path, struct pc_err *err)
{
    struct pc_panel panel = {0};
    struct pc_figure f = {.panel = &panel};
    char part[LONGEST];
    FILE *out = NULL;
    int bad = make_figure(p, &f, err);
    if (!bad && snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        bad = pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", path);
    if (!bad && !(out = fopen(part, "wb")))
        bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", part);
    if (!bad)
        bad = pc_figure_write(&f, &(struct pc_output){.out = out, .name = part}, err);
    if (out && fclose(out) && !bad)
        bad = pc_err_errno(err, PC_EX_IOERR, "%s", part);
    if (!bad && rename(part, path))
        bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    if (bad && out)
        unlink(part);
    pc_mem_free(panel.value);
    pc_mem_free(panel.mask);
    return bad ? -1 : 0;
}
