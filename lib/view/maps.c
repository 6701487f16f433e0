/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/maps.h"

#include "base/mem.h"
#include "image/stats.h"
#include "io/fits.h"
#include "io/fits_cube.h"
#include "view/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHAN = 4096, MAX_PANEL = 400, MAX_DEFAULT = 25 };

/* The first pass over the channels: the brightest of each pixel's spectrum and their sum, the noise, the
 * range. */
struct survey {
    const struct pc_maps_conf *conf;
    struct pc_fits_cube cube;
    struct pc_imhead head; /* of the first channel shown */
    int pol;               /* the Stokes plane shown */
    bool both_signs;       /* it may as well be negative: Q, U, V */
    int chan[MAX_CHAN], nchan;
    float *peak, *sum;
    double *sigma; /* of each channel */
    double channel_noise;
    double noise, max; /* of what is drawn */
    double step_hz;    /* from one channel shown to the next */
};

static void survey_fini(struct survey *s)
{
    pc_fits_cube_fini(&s->cube);
    pc_imhead_fini(&s->head);
    pc_mem_free(s->peak);
    pc_mem_free(s->sum);
    pc_mem_free(s->sigma);
}

static int64_t plane_px(const struct survey *s)
{
    return (int64_t)s->head.nx * s->head.ny;
}

static int choose_stokes(struct survey *s, struct pc_err *err)
{
    const struct pc_imhead *h = &s->head;
    char have[64] = "";
    s->pol = s->conf->stokes ? -1 : 0;
    for (int p = 0; p < h->npol; p++) {
        const char *name = pc_stokes_name(h->stokes[p]);
        size_t len = strlen(have);
        snprintf(have + len, sizeof have - len, "%s%s", p ? ", " : "", name ? name : "?");
        if (s->pol < 0 && name && strcmp(name, s->conf->stokes) == 0)
            s->pol = p;
    }
    if (s->pol < 0)
        return pc_err_set(err, PC_EX_USAGE, "--stokes %s: %s has %s", s->conf->stokes, s->conf->path, have);
    s->both_signs = h->stokes[s->pol] >= 2 && h->stokes[s->pol] <= 4;
    return 0;
}

static const float *shown(const struct survey *s, const struct pc_image *im)
{
    return im->pix + s->pol * plane_px(s);
}

static const struct pc_beam *beam_of(const struct survey *s, int chan)
{
    return s->cube.beam ? &s->cube.beam[(int64_t)s->pol * s->cube.nchan + chan] : &s->head.beam[s->pol];
}

static int survey_begin(struct survey *s, const struct pc_image *im, struct pc_err *err)
{
    if (pc_imhead_copy(&s->head, &im->head, err) || choose_stokes(s, err))
        return -1;
    int64_t n = plane_px(s);
    s->peak = pc_mem_new(n, sizeof *s->peak, "a picture", err);
    s->sum = s->peak ? pc_mem_new(n, sizeof *s->sum, "a picture", err) : NULL;
    for (int64_t i = 0; s->sum && i < n; i++)
        s->peak[i] = s->sum[i] = NAN;
    return s->sum ? 0 : -1;
}

static double noise_of(const float *pix, int64_t n, struct pc_err *err)
{
    double median, mad;
    return pc_stats_median_mad(pix, NULL, n, &median, &mad, err) ? -1 : 1.4826 * mad;
}

/* A pixel that is blank in some channels counts in the others. */
static void survey_channel(struct survey *s, const float *pix)
{
    for (int64_t i = 0, n = plane_px(s); i < n; i++) {
        s->peak[i] = fmaxf(s->peak[i], s->both_signs ? fabsf(pix[i]) : pix[i]);
        s->sum[i] = isfinite(s->sum[i]) && isfinite(pix[i]) ? s->sum[i] + pix[i] : fmaxf(s->sum[i], pix[i]);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int survey_channels(struct survey *s, struct pc_err *err)
{
    int good = 0;
    for (int i = 0; i < s->nchan; i++) {
        struct pc_image im;
        if (pc_fits_load(s->conf->path, s->chan[i], &im, err))
            return -1;
        int bad = i == 0 && survey_begin(s, &im, err);
        if (!bad) {
            survey_channel(s, shown(s, &im));
            s->sigma[good] = noise_of(shown(s, &im), plane_px(s), err);
            bad = s->sigma[good] < 0;
            good += isfinite(s->sigma[good]);
        }
        pc_image_fini(&im);
        if (bad)
            return -1;
    }
    /* Those with little emission say what the noise is. */
    qsort(s->sigma, (size_t)good, sizeof *s->sigma, by_value);
    s->channel_noise = s->noise = good ? s->sigma[(good - 1) / 2] : NAN;
    return 0;
}

static void find_max(struct survey *s, const float *pix)
{
    struct pc_stats st;
    pc_stats_basic(pix, NULL, plane_px(s), &st);
    s->max = (double)(s->both_signs ? fmaxf(-st.min, st.max) : st.max);
}

/* The sum becomes what is shown: times the width of a channel in km/s, where that is known. */
static int make_moment(struct survey *s, struct pc_err *err)
{
    double km_s = s->head.restfreq_hz > 0 ? fabs(299792.458 * s->step_hz / s->head.restfreq_hz) : 1;
    for (int64_t i = 0, n = plane_px(s); i < n; i++)
        s->sum[i] *= (float)km_s;
    s->noise = noise_of(s->sum, plane_px(s), err);
    find_max(s, s->sum);
    return s->noise < 0 ? -1 : 0;
}

static int survey(struct survey *s, struct pc_err *err)
{
    const struct pc_maps_conf *c = s->conf;
    if (pc_fits_cube_load(c->path, &s->cube, err))
        return -1;
    int most = c->moment0 ? MAX_CHAN : c->channels ? MAX_PANEL : MAX_DEFAULT;
    s->nchan = pc_channels_parse(c->channels, s->cube.nchan, s->chan, most, err);
    if (s->nchan < 0)
        return -1;
    s->sigma = pc_mem_new(s->nchan, sizeof *s->sigma, "the noise of channels", err);
    if (!s->sigma || survey_channels(s, err))
        return -1;
    s->step_hz = s->head.width_hz * (s->nchan > 1 ? s->chan[1] - s->chan[0] : 1);
    find_max(s, s->peak);
    return c->moment0 ? make_moment(s, err) : 0;
}

/* ---- the page ---- */

static void choose_stretch(const struct survey *s, struct pc_stretch *t)
{
    const struct pc_maps_conf *c = s->conf;
    t->hi = isnan(c->max) ? s->max : c->max;
    t->lo = !isnan(c->min) ? c->min : s->both_signs ? -t->hi : -3 * s->noise;
    if (!isfinite(t->lo))
        t->lo = 0;
    if (!isfinite(t->hi) || t->hi <= t->lo)
        t->hi = t->lo + 1;
    bool bent = c->stretch == PC_MAPS_ASINH || (c->stretch == PC_MAPS_AUTO && t->hi > 60 * s->noise);
    /* Between the noise, which would fill half the colours, and the peak, which would leave none to what is
     * faint. */
    t->soft = bent && s->noise > 0 ? s->noise * fmin(5, sqrt(fmax(t->hi / s->noise, 36) / 4)) : 0;
}

static void describe(struct pc_figure *f, const struct survey *s)
{
    const struct pc_imhead *h = &s->head;
    const char *unit = h->bunit[0] ? h->bunit : "Jy/beam", *prefix = "";
    bool integrated = s->conf->moment0 && h->restfreq_hz > 0;
    f->factor = 1;
    if (!strncmp(unit, "Jy", 2))
        prefix = pc_flux_prefix(s->max, &f->factor);
    snprintf(f->unit, sizeof f->unit, "%s%s%s", prefix, unit, integrated ? " km/s" : "");
    snprintf(f->title, sizeof f->title, "%s", s->conf->title ? s->conf->title : h->object);
    double ghz = 1e-9 * (h->restfreq_hz > 0 ? h->restfreq_hz : h->freq_hz);
    const char *stokes = h->npol > 1 || s->conf->stokes ? pc_stokes_name(h->stokes[s->pol]) : NULL;
    snprintf(f->subtitle, sizeof f->subtitle, "%s%s%.4f GHz%s%s%s%s%s", h->telescop,
             h->telescop[0] ? "  \xc2\xb7  " : "", ghz, h->specsys[0] ? "  \xc2\xb7  " : "", h->specsys,
             stokes ? "  \xc2\xb7  Stokes " : "", stokes ? stokes : "",
             s->conf->moment0 ? "  \xc2\xb7  sum of channels" : "");
}

static int sample_mask(const struct pc_figure *f, const struct pc_crop *crop, const struct survey *s,
                       int chan, struct pc_panel *panel, struct pc_err *err)
{
    const char *path = s->conf->mask;
    int side = f->layout.side, bad = 0;
    struct pc_image m;
    if (pc_fits_load(path, chan, &m, err))
        return -1;
    if (m.head.nx != s->head.nx || m.head.ny != s->head.ny)
        bad = pc_err_set(err, PC_EX_DATA, "%s: the mask has %d x %d pixels, the image %d x %d", path,
                         m.head.nx, m.head.ny, s->head.nx, s->head.ny);
    panel->mask = bad ? NULL : pc_mem_new((int64_t)side * side, 1, "an outline", err);
    if (panel->mask)
        pc_panel_sample_mask(m.pix + (s->pol < m.head.npol ? s->pol : 0) * plane_px(s), m.head.nx, m.head.ny,
                             crop, panel->mask, side);
    pc_image_fini(&m);
    return panel->mask ? 0 : -1;
}

static int make_panel(struct pc_figure *f, const struct pc_crop *crop, const struct survey *s, int i,
                      struct pc_err *err)
{
    struct pc_panel *panel = &f->panel[i];
    struct pc_image im = {0};
    int side = f->layout.side, chan = s->chan[i];
    const float *plane = s->sum;
    if (!s->conf->moment0) {
        if (pc_fits_load(s->conf->path, chan, &im, err))
            return -1;
        plane = shown(s, &im);
        if (s->cube.nchan > 1)
            pc_channel_label(panel->label, sizeof panel->label, s->head.freq_hz + chan * s->head.width_hz,
                             s->head.restfreq_hz, s->step_hz);
    }
    panel->beam = *beam_of(s, chan);
    panel->value = pc_mem_new((int64_t)side * side, sizeof *panel->value, "a panel", err);
    if (panel->value)
        pc_panel_sample(plane, s->head.nx, s->head.ny, crop, panel->value, side);
    pc_image_fini(&im);
    if (!panel->value)
        return -1;
    return s->conf->mask ? sample_mask(f, crop, s, chan, panel, err) : 0;
}

static int choose_crop(const struct survey *s, struct pc_crop *crop, struct pc_err *err)
{
    const struct pc_beam *beam = beam_of(s, s->chan[0]);
    if (s->head.cell_rad[0] == 0 || s->head.cell_rad[1] == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: has no celestial axes (CDELT1, CDELT2)", s->conf->path);
    if (s->conf->size_rad > 0) {
        pc_crop_centre(&s->head, s->conf->size_rad, crop);
        return 0;
    }
    return pc_crop_find(s->peak, &s->head, s->channel_noise, beam, crop, err);
}

static int make_figure(const struct survey *s, struct pc_figure *f, struct pc_err *err)
{
    const struct pc_imhead *h = &s->head;
    struct pc_crop crop;
    if (choose_crop(s, &crop, err))
        return -1;
    f->npanel = s->conf->moment0 ? 1 : s->nchan;
    f->panel = pc_mem_new0(f->npanel, sizeof *f->panel, "panels", err);
    if (!f->panel)
        return -1;
    pc_layout_choose(f->npanel, s->conf->columns, s->conf->width_px, &f->layout);
    f->width_rad = crop.width * fabs(h->cell_rad[0]);
    f->west_rad = (crop.x0 + crop.width - (h->crpix[0] - 1)) * h->cell_rad[0];
    f->south_rad = (crop.y0 - (h->crpix[1] - 1)) * h->cell_rad[1];
    choose_stretch(s, &f->stretch);
    describe(f, s);
    for (int i = 0; i < f->npanel; i++)
        if (make_panel(f, &crop, s, i, err))
            return -1;
    return 0;
}

static void figure_fini(struct pc_figure *f)
{
    for (int i = 0; f->panel && i < f->npanel; i++) {
        pc_mem_free(f->panel[i].value);
        pc_mem_free(f->panel[i].mask);
    }
    pc_mem_free(f->panel);
}

int pc_maps_draw(const struct pc_maps_conf *conf, FILE *out, const char *name, struct pc_maps_report *report,
                 struct pc_err *err)
{
    struct survey s = {.conf = conf};
    struct pc_figure f = {0};
    int bad = survey(&s, err) || make_figure(&s, &f, err) || pc_figure_write(&f, out, name, err);
    *report = (struct pc_maps_report){.nchan = s.nchan,
                                      .noise = s.noise,
                                      .max = s.max,
                                      .width_px = f.layout.width,
                                      .height_px = f.layout.height};
    figure_fini(&f);
    survey_fini(&s);
    return bad ? -1 : 0;
}
