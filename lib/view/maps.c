/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/maps.h"

#include "base/mem.h"
#include "io/fits.h"
#include "view/blocks.h"
#include "view/draw.h"
#include "view/overview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the page ---- */

static void choose_stretch(const struct pc_overview *s, struct pc_stretch *t)
{
    const struct pc_maps_conf *c = s->conf;
    t->hi = isnan(c->max) ? s->max : c->max;
    t->lo = !isnan(c->min)                  ? c->min
            : !pc_overview_is_brightness(s) ? s->min
            : s->in.both_signs              ? -t->hi
                                            : -3 * s->noise;
    if (!isfinite(t->lo))
        t->lo = 0;
    if (!isfinite(t->hi) || t->hi <= t->lo)
        t->hi = t->lo + 1;
    if (c->stretch == PC_MAPS_ASINH || (c->stretch == PC_MAPS_AUTO && t->hi > 60 * s->noise))
        pc_stretch_bend(t, pc_overview_is_brightness(s) ? s->noise : 0);
}

static enum pc_colormap choose_colors(const struct pc_overview *s)
{
    if (s->conf->colormap != PC_MAPS_ANY_COLOR)
        return (enum pc_colormap)s->conf->colormap;
    if (pc_overview_is_velocity(s) || (s->in.both_signs && pc_overview_is_brightness(s)))
        return PC_COLORMAP_DIVERGING;
    return pc_overview_is_brightness(s) ? PC_COLORMAP_FIRE : PC_COLORMAP_SEA;
}

static int choose_contours(const struct pc_overview *s, struct pc_figure *f, struct pc_err *err)
{
    if (!s->conf->contours)
        return 0;
    f->ncontour = pc_contour_levels(s->conf->contours, s->max / s->noise, f->contour, err);
    for (int k = 0; k < f->ncontour; k++)
        f->contour[k] *= s->noise;
    return f->ncontour < 0 ? -1 : 0;
}

static const char *name_of(const struct pc_overview *s)
{
    switch (s->conf->moment) {
    case PC_MOMENT_0:
        return "moment 0, the sum of channels";
    case PC_MOMENT_1:
        return "moment 1, mean velocity";
    case PC_MOMENT_2:
        return "moment 2, velocity dispersion";
    case PC_MOMENT_8:
        return "moment 8, the peak of channels";
    case PC_MOMENT_9:
        return "moment 9, velocity of the peak";
    case PC_MOMENT_NONE:
        break;
    }
    return "";
}

static void describe(struct pc_figure *f, const struct pc_overview *s)
{
    const struct pc_imhead *h = &s->in.head;
    const char *prefix = "", *dot = "  \xc2\xb7  ";
    bool integrated = s->conf->moment == PC_MOMENT_0 && pc_cubein_has_velocity(&s->in);
    f->factor = 1;
    if (!pc_overview_is_brightness(s)) {
        snprintf(f->unit, sizeof f->unit,
                 pc_overview_is_velocity(s) ? "radio velocity%s%s (km/s)" : "dispersion (km/s)",
                 h->specsys[0] ? ", " : "", h->specsys);
    } else {
        if (!strncmp(s->in.unit, "Jy", 2))
            prefix = pc_flux_prefix(s->max, &f->factor);
        snprintf(f->unit, sizeof f->unit, "%s%s%s", prefix, s->in.unit, integrated ? " km/s" : "");
    }
    snprintf(f->title, sizeof f->title, "%s", s->conf->title ? s->conf->title : h->object);
    double ghz = 1e-9 * (h->restfreq_hz > 0 ? h->restfreq_hz : h->freq_hz);
    const char *stokes = h->npol > 1 || s->conf->cube.stokes ? pc_stokes_name(h->stokes[s->in.pol]) : NULL;
    snprintf(f->subtitle, sizeof f->subtitle, "%s%s%.4f GHz%s%s%s%s%s%s", h->telescop,
             h->telescop[0] ? dot : "", ghz, h->specsys[0] ? dot : "", h->specsys,
             stokes ? "  \xc2\xb7  Stokes " : "", stokes ? stokes : "", pc_overview_is_moment(s) ? dot : "",
             name_of(s));
}

static int sample_mask(const struct pc_figure *f, const struct pc_crop *crop, const struct pc_overview *s,
                       int chan, struct pc_panel *panel, struct pc_err *err)
{
    const char *path = s->conf->mask;
    const struct pc_imhead *h = &s->in.head;
    int side = f->layout.side, bad = 0;
    struct pc_image m;
    if (pc_fits_load(path, chan, &m, err))
        return -1;
    if (m.head.nx != h->nx || m.head.ny != h->ny)
        bad = pc_err_set(err, PC_EX_DATA, "%s: the mask has %d x %d pixels, the image %d x %d", path,
                         m.head.nx, m.head.ny, h->nx, h->ny);
    panel->mask = bad ? NULL : pc_mem_new((int64_t)side * side, 1, "an outline", err);
    if (panel->mask)
        pc_panel_sample_mask(m.pix + (s->in.pol < m.head.npol ? s->in.pol : 0) * pc_cubein_npx(&s->in), h->nx,
                             h->ny, crop, panel->mask, side);
    pc_image_fini(&m);
    return panel->mask ? 0 : -1;
}

/* The rows of a channel that are shown, and those next to them. */
static int sample_channel(const struct pc_overview *s, int chan, const struct pc_crop *crop, float *out,
                          int side, struct pc_err *err)
{
    const struct pc_imhead *h = &s->in.head;
    const int first = (int)floor(crop->y0) - 1, last = (int)ceil(crop->y0 + crop->height) + 1;
    const int y0 = first > 0 ? first : 0, y1 = last < h->ny - 1 ? last : h->ny - 1;
    struct pc_crop within = *crop;
    float *rows = pc_mem_new((int64_t)h->nx * (y1 - y0 + 1), sizeof *rows, "a panel", err);
    within.y0 -= y0;
    int bad = !rows || pc_cubein_rows(&s->in, chan, y0, y1 - y0 + 1, rows, err);
    if (!bad)
        pc_panel_sample(rows, h->nx, y1 - y0 + 1, &within, out, side);
    pc_mem_free(rows);
    return bad ? -1 : 0;
}

static int make_panel(struct pc_figure *f, const struct pc_crop *crop, const struct pc_overview *s, int i,
                      struct pc_err *err)
{
    struct pc_panel *panel = &f->panel[i];
    const struct pc_imhead *h = &s->in.head;
    int side = f->layout.side, chan = s->in.chan[i];
    panel->beam = *pc_cubein_beam(&s->in, chan);
    panel->value = pc_mem_new((int64_t)side * side, sizeof *panel->value, "a panel", err);
    if (!panel->value)
        return -1;
    if (pc_overview_is_moment(s))
        pc_panel_sample(s->map, h->nx, h->ny, crop, panel->value, side);
    else if (sample_channel(s, chan, crop, panel->value, side, err))
        return -1;
    if (!pc_overview_is_moment(s) && s->in.cube.nchan > 1)
        pc_channel_label(panel->label, sizeof panel->label, pc_cubein_freq_hz(&s->in, chan), h->restfreq_hz,
                         s->step_hz);
    return s->conf->mask ? sample_mask(f, crop, s, chan, panel, err) : 0;
}

static int make_figure(const struct pc_overview *s, struct pc_figure *f, const struct pc_output *o,
                       struct pc_err *err)
{
    const struct pc_imhead *h = &s->in.head;
    const struct pc_maps_conf *c = s->conf;
    struct pc_crop crop;
    if (c->size_rad > 0)
        pc_crop_centre(h, c->size_rad, &crop);
    else if (pc_crop_find(s->peak, h, s->channel_noise, pc_cubein_beam(&s->in, s->in.chan[0]), &crop, err))
        return -1;
    f->npanel = pc_overview_is_moment(s) ? 1 : s->in.nchan;
    f->panel = pc_mem_new0(f->npanel, sizeof *f->panel, "panels", err);
    if (!f->panel || choose_contours(s, f, err))
        return -1;
    if (o->form == PC_FORM_BLOCKS)
        pc_blocks_layout(f->npanel, c->columns, o, &f->layout);
    else
        pc_layout_choose(f->npanel, c->columns, c->width_px, &f->layout);
    f->width_rad = crop.width * fabs(h->cell_rad[0]);
    f->west_rad = (crop.x0 + crop.width - (h->crpix[0] - 1)) * h->cell_rad[0];
    f->south_rad = (crop.y0 - (h->crpix[1] - 1)) * h->cell_rad[1];
    f->map = choose_colors(s);
    choose_stretch(s, &f->stretch);
    describe(f, s);
    for (int i = 0; i < f->npanel; i++)
        if (make_panel(f, &crop, s, i, err))
            return -1;
    return 0;
}

/* The moment as an image, with the header of the channels but for what it is. */
static int save_moment(const struct pc_overview *s, const struct pc_output *o, struct pc_err *err)
{
    struct pc_image im = {.pix = s->map};
    if (!pc_overview_is_moment(s))
        return pc_err_set(err, PC_EX_USAGE, "%s: a FITS image is made of a moment: give --moment 0, 1 ...",
                          o->name);
    if (pc_imhead_copy(&im.head, &s->in.head, err))
        return -1;
    bool integrated = s->conf->moment == PC_MOMENT_0 && pc_cubein_has_velocity(&s->in);
    im.head.npol = 1;
    im.head.stokes[0] = s->in.head.stokes[s->in.pol];
    im.head.beam[0] = *pc_cubein_beam(&s->in, s->in.chan[0]);
    snprintf(im.head.bunit, sizeof im.head.bunit, "%.16s%s",
             pc_overview_is_brightness(s) ? s->in.unit : "km/s", integrated ? ".km/s" : "");
    int bad = pc_fits_save(o->name, &im, err);
    pc_imhead_fini(&im.head);
    return bad;
}

static int draw_one(const struct pc_overview *s, const struct pc_output *o, struct pc_maps_report *report,
                    struct pc_err *err)
{
    struct pc_figure f = {0};
    int bad = o->form == PC_FORM_FITS ? save_moment(s, o, err)
                                      : make_figure(s, &f, o, err) || pc_figure_write(&f, o, err);
    *report = (struct pc_maps_report){.nchan = s->in.nchan,
                                      .noise = pc_overview_is_brightness(s) ? s->noise : (double)NAN,
                                      .min = s->min,
                                      .max = s->max,
                                      .width_px = f.layout.width,
                                      .height_px = f.layout.height};
    pc_figure_fini(&f);
    return bad ? -1 : 0;
}

int pc_maps_draw_together(const struct pc_maps_conf conf[], const struct pc_output out[], int n,
                          struct pc_maps_report report[], struct pc_err *err)
{
    struct pc_overview s[PC_MAPS_TOGETHER] = {0};
    for (int k = 0; k < n; k++)
        s[k].conf = &conf[k];
    int bad = pc_overview_open(s, n, err);
    for (int k = 0; k < n && !bad; k++)
        bad = draw_one(&s[k], &out[k], &report[k], err);
    pc_overview_close(s, n);
    return bad ? -1 : 0;
}

int pc_maps_draw(const struct pc_maps_conf *conf, const struct pc_output *o, struct pc_maps_report *report,
                 struct pc_err *err)
{
    return pc_maps_draw_together(conf, o, 1, report, err);
}
