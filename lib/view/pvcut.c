/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/pvcut.h"

#include "base/mem.h"
#include "view/blocks.h"
#include "view/graph.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double DEG = 3.14159265358979323846 / 180;
enum { MAX_POINT = 20000 };

struct cut {
    const struct pc_pvcut_conf *conf;
    struct pc_cubein in;
    struct pc_pvline line;
    double step_rad; /* along the line */
    float *value;    /* [nchan][n], the highest velocity (frequency) first */
    double noise, max;
};

/* ---- the line ---- */

static double cell_of(const struct pc_imhead *h)
{
    return fmin(fabs(h->cell_rad[0]), fabs(h->cell_rad[1]));
}

void pc_pvline_set(struct pc_pvline *l, const struct pc_imhead *h, const struct pc_pvcut_conf *conf)
{
    double cell = cell_of(h), s = sin(conf->pa_rad), c = cos(conf->pa_rad);
    int half = (int)fmin(MAX_POINT, floor(0.5 * conf->length_rad / cell + 1e-9));
    l->x0 = conf->has_centre ? conf->centre[0] : h->crpix[0] - 1;
    l->y0 = conf->has_centre ? conf->centre[1] : h->crpix[1] - 1;
    l->dx = cell * s / h->cell_rad[0]; /* east is where the first axis grows to, as cell says */
    l->dy = cell * c / h->cell_rad[1];
    l->across_x = cell * c / h->cell_rad[0];
    l->across_y = -cell * s / h->cell_rad[1];
    l->n = 2 * half + 1;
    l->across = conf->width_rad > cell ? (int)lround(conf->width_rad / cell) : 1;
}

/* The mean over the pixels around (x, y) that are there, weighted bilinearly; NaN when none is. */
static double at(const float *pix, int nx, int ny, double x, double y)
{
    double sum = 0, weights = 0;
    int xi = (int)floor(x), yi = (int)floor(y);
    if (!(x >= -0.5 && x <= nx - 0.5 && y >= -0.5 && y <= ny - 0.5))
        return (double)NAN;
    for (int k = 0; k < 4; k++) {
        int px = xi + (k & 1), py = yi + (k >> 1);
        double weight = (1 - fabs(x - px)) * (1 - fabs(y - py));
        if (px < 0 || px >= nx || py < 0 || py >= ny || !(weight > 0) ||
            !isfinite(pix[(int64_t)py * nx + px]))
            continue;
        sum += weight * (double)pix[(int64_t)py * nx + px];
        weights += weight;
    }
    return weights > 0 ? sum / weights : (double)NAN;
}

void pc_pvline_sample(const struct pc_pvline *l, const float *pix, int nx, int ny, float *out)
{
    for (int i = 0; i < l->n; i++) {
        double along = i - l->n / 2, sum = 0;
        int count = 0;
        for (int k = 0; k < l->across; k++) {
            double across = k - 0.5 * (l->across - 1);
            double v = at(pix, nx, ny, l->x0 + along * l->dx + across * l->across_x,
                          l->y0 + along * l->dy + across * l->across_y);
            sum += isfinite(v) ? v : 0;
            count += isfinite(v);
        }
        out[i] = count ? (float)(sum / count) : NAN;
    }
}

/* ---- the cut ---- */

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* From the highest velocity down, or from the highest frequency. */
static int sort_channels(struct cut *c, struct pc_err *err)
{
    struct pc_cubein *in = &c->in;
    qsort(in->chan, (size_t)in->nchan, sizeof *in->chan, compare);
    for (int i = 2; i < in->nchan; i++)
        if (in->chan[i] - in->chan[i - 1] != in->chan[1] - in->chan[0])
            return pc_err_set(err, PC_EX_USAGE,
                              "--channels %s: a position-velocity cut needs evenly spaced channels",
                              c->conf->cube.channels);
    if (in->cube.freq_hz)
        return pc_err_set(
            err, PC_EX_DATA,
            "%s: its channels are not evenly spaced: there is no axis for a position-velocity cut",
            c->conf->cube.path);
    bool rises = (pc_cubein_has_velocity(in) ? pc_cubein_width_kms(in, 0) : in->head.width_hz) > 0;
    for (int i = 0; rises && i < in->nchan / 2; i++) {
        int swap = in->chan[i];
        in->chan[i] = in->chan[in->nchan - 1 - i];
        in->chan[in->nchan - 1 - i] = swap;
    }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int sample(struct cut *c, struct pc_err *err)
{
    const struct pc_imhead *h = &c->in.head;
    int n = 0, nchan = c->in.nchan;
    double *sigma = pc_mem_new(nchan, sizeof *sigma, "the noise of channels", err);
    float *pix = sigma ? pc_mem_new(pc_cubein_npx(&c->in), sizeof *pix, "a plane", err) : NULL;
    c->value = pix ? pc_mem_new((int64_t)nchan * c->line.n, sizeof *c->value, "a cut", err) : NULL;
    int bad = !c->value;
    for (int i = 0; !bad && i < nchan; i++) {
        bad = pc_cubein_plane(&c->in, c->in.chan[i], pix, err);
        if (bad)
            break;
        pc_pvline_sample(&c->line, pix, h->nx, h->ny, c->value + (int64_t)i * c->line.n);
        sigma[n] = pc_cubein_noise(pix, pc_cubein_npx(&c->in), err);
        bad = sigma[n] < 0;
        n += isfinite(sigma[n]);
    }
    if (!bad)
        qsort(sigma, (size_t)n, sizeof *sigma, by_value);
    c->noise = !bad && n ? sigma[(n - 1) / 2] : (double)NAN;
    c->max = (double)NAN;
    for (int64_t i = 0; !bad && i < (int64_t)nchan * c->line.n; i++)
        c->max = fmax(c->max, (double)(c->in.both_signs ? fabsf(c->value[i]) : c->value[i]));
    pc_mem_free(sigma);
    pc_mem_free(pix);
    return bad ? -1 : 0;
}

static int open_cut(struct cut *c, struct pc_err *err)
{
    struct pc_pvcut_conf conf = *c->conf;
    if (pc_cubein_open(&c->in, &c->conf->cube, INT_MAX, INT_MAX, err))
        return -1;
    const struct pc_imhead *h = &c->in.head;
    if (h->cell_rad[0] == 0 || h->cell_rad[1] == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: has no celestial axes (CDELT1, CDELT2)", c->conf->cube.path);
    if (!(conf.length_rad > 0)) /* across the image */
        conf.length_rad = fmin(h->nx * fabs(h->cell_rad[0]), h->ny * fabs(h->cell_rad[1]));
    if (conf.length_rad / cell_of(h) > MAX_POINT)
        return pc_err_set(err, PC_EX_USAGE, "--length: %.0f cells are too many, at most %d",
                          conf.length_rad / cell_of(h), MAX_POINT);
    pc_pvline_set(&c->line, h, &conf);
    c->step_rad = cell_of(h);
    return sort_channels(c, err);
}

static double coordinate(const struct cut *c, int row)
{
    int chan = c->in.chan[row];
    return pc_cubein_has_velocity(&c->in) ? pc_cubein_velocity_kms(&c->in, chan)
                                          : 1e-9 * pc_cubein_freq_hz(&c->in, chan);
}

static int put_table(const struct cut *c, const struct pc_output *o, struct pc_err *err)
{
    fprintf(o->out, "offset_arcsec\t%s\t%s\n", pc_cubein_has_velocity(&c->in) ? "velocity_kms" : "freq_ghz",
            !strcmp(c->in.unit, "K") ? "brightness_k" : "brightness_jy_per_beam");
    for (int row = c->in.nchan - 1; row >= 0; row--)
        for (int i = 0; i < c->line.n; i++)
            fprintf(o->out, "%.9g\t%.9g\t%.9g\n", (i - c->line.n / 2) * c->step_rad / (DEG / 3600),
                    coordinate(c, row), (double)c->value[(int64_t)row * c->line.n + i]);
    return pc_output_check(o, err);
}

static void choose_stretch(const struct cut *c, struct pc_stretch *t)
{
    t->hi = isnan(c->conf->max) ? c->max : c->conf->max;
    t->lo = !isnan(c->conf->min) ? c->conf->min : c->in.both_signs ? -t->hi : -3 * c->noise;
    t->lo = isfinite(t->lo) ? t->lo : 0;
    t->hi = isfinite(t->hi) && t->hi > t->lo ? t->hi : t->lo + 1;
    if (t->hi > 60 * c->noise)
        pc_stretch_bend(t, c->noise);
}

/* As the one panel of a figure, whose pixels the terminal's are. */
static int put_blocks(const struct pc_graph *g, const char *xunit, const char *yunit,
                      const struct pc_output *o, struct pc_err *err)
{
    struct pc_panel panel = {0};
    struct pc_figure f = {
        .panel = &panel, .npanel = 1, .map = g->map, .stretch = g->stretch, .factor = g->factor};
    pc_blocks_layout(1, 1, o, &f.layout);
    int side = f.layout.side;
    panel.value = pc_mem_new((int64_t)side * side, sizeof *panel.value, "a panel", err);
    if (!panel.value)
        return -1;
    for (int64_t j = 0; j < side; j++)
        for (int64_t i = 0; i < side; i++)
            panel.value[j * side + i] = g->value[j * g->ny / side * g->nx + i * g->nx / side];
    snprintf(f.unit, sizeof f.unit, "%s", g->unit);
    snprintf(f.title, sizeof f.title, "%s", g->title);
    snprintf(f.subtitle, sizeof f.subtitle, "%s", g->subtitle);
    snprintf(f.caption, sizeof f.caption, "%.3g to %.3g %s left to right, %.6g to %.6g %s upwards", g->xlo,
             g->xhi, xunit, g->ylo, g->yhi, yunit);
    int bad = pc_blocks_figure(&f, o, err);
    pc_mem_free(panel.value);
    return bad;
}

static int put_picture(const struct cut *c, const struct pc_output *o, struct pc_err *err)
{
    const struct pc_imhead *h = &c->in.head;
    const struct pc_pvcut_conf *conf = c->conf;
    char xlabel[80], ylabel[64], unit[48], subtitle[160];
    double unit_rad, half = (c->line.n / 2 + 0.5) * c->step_rad;
    const char *name = pc_offset_unit(2 * half, &unit_rad), *prefix = "";
    bool velocity = pc_cubein_has_velocity(&c->in);
    int last = c->in.nchan - 1;
    double step = last       ? (coordinate(c, 0) - coordinate(c, last)) / last
                  : velocity ? fabs(pc_cubein_width_kms(&c->in, 0))
                             : 1e-9 * fabs(h->width_hz);
    step = step > 0 ? step : 1;
    struct pc_graph g = {.width_px = conf->width_px,
                         .height_px = (int)(0.75 * conf->width_px),
                         .title = conf->title ? conf->title : h->object,
                         .subtitle = subtitle,
                         .xlabel = xlabel,
                         .ylabel = ylabel,
                         .xlo = -half / unit_rad,
                         .xhi = half / unit_rad,
                         .ylo = coordinate(c, last) - step / 2,
                         .yhi = coordinate(c, 0) + step / 2,
                         .value = c->value,
                         .nx = c->line.n,
                         .ny = c->in.nchan,
                         .factor = 1,
                         .unit = unit};
    if (!strncmp(c->in.unit, "Jy", 2))
        prefix = pc_flux_prefix(c->max, &g.factor);
    g.map = conf->colormap >= 0 ? (enum pc_colormap)conf->colormap
            : c->in.both_signs  ? PC_COLORMAP_DIVERGING
                                : PC_COLORMAP_FIRE;
    choose_stretch(c, &g.stretch);
    snprintf(unit, sizeof unit, "%s%s", prefix, c->in.unit);
    snprintf(xlabel, sizeof xlabel, "offset towards position angle %.6g\xc2\xb0 (%s)", conf->pa_rad / DEG,
             name);
    snprintf(ylabel, sizeof ylabel, velocity ? "radio velocity%s%s (km/s)" : "frequency%s%s (GHz)",
             h->specsys[0] ? ", " : "", h->specsys);
    snprintf(subtitle, sizeof subtitle, "%s%s%.4f GHz", h->telescop, h->telescop[0] ? "  \xc2\xb7  " : "",
             1e-9 * (h->restfreq_hz > 0 ? h->restfreq_hz : h->freq_hz));
    return o->form == PC_FORM_BLOCKS ? put_blocks(&g, name, velocity ? "km/s" : "GHz", o, err)
                                     : pc_graph_write(&g, o, err);
}

int pc_pvcut_draw(const struct pc_pvcut_conf *conf, const struct pc_output *o, struct pc_pvcut_report *report,
                  struct pc_err *err)
{
    struct cut c = {.conf = conf};
    int bad = open_cut(&c, err) || sample(&c, err);
    if (!bad)
        bad = o->form == PC_FORM_TABLE ? put_table(&c, o, err) : put_picture(&c, o, err);
    *report = (struct pc_pvcut_report){c.in.nchan, c.line.n, c.noise, c.max};
    pc_mem_free(c.value);
    pc_cubein_close(&c.in);
    return bad ? -1 : 0;
}
