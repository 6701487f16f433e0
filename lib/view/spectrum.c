/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/spectrum.h"

#include "base/mem.h"
#include "view/blocks.h"
#include "view/graph.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct spectrum {
    const struct pc_spectrum_conf *conf;
    struct pc_cubein in;
    struct pc_spectrum_point *point;
    float *pix;
    bool any; /* some channel has a pixel of the part */
    char unit[32];
    double max;
};

void pc_spectrum_measure(const float *pix, const unsigned char *mask, int64_t n, enum pc_statistic statistic,
                         double area_px, struct pc_spectrum_point *p)
{
    double sum = 0, peak = (double)NAN;
    bool blank = false;
    p->npx = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!mask[i])
            continue;
        blank = blank || !isfinite(pix[i]);
        if (!isfinite(pix[i]))
            continue;
        sum += (double)pix[i];
        peak = fmax(peak, (double)pix[i]);
        p->npx++;
    }
    if (statistic == PC_STATISTIC_SUM)
        p->value = area_px > 0 && (p->npx > 0 || !blank) ? sum / area_px : (double)NAN;
    else
        p->value = statistic == PC_STATISTIC_PEAK ? peak : p->npx ? sum / (double)p->npx : (double)NAN;
}

/* A beam's area in pixels; of an image in Jy/pixel one. */
static double area_px(const struct pc_cubein *in, int chan)
{
    double cell_sr = fabs(in->head.cell_rad[0] * in->head.cell_rad[1]);
    return strcmp(in->unit, "Jy/beam") ? 1 : pc_beam_area_sr(pc_cubein_beam(in, chan)) / cell_sr;
}

static int choose_unit(struct spectrum *s, struct pc_err *err)
{
    const char *unit = s->in.unit;
    snprintf(s->unit, sizeof s->unit, "%s", unit);
    if (s->conf->statistic != PC_STATISTIC_SUM)
        return 0;
    if (strcmp(unit, "Jy/beam") && strcmp(unit, "Jy/pixel"))
        return pc_err_set(err, PC_EX_USAGE, "a sum of %s is no flux: --statistic mean or peak are to be had",
                          unit);
    snprintf(s->unit, sizeof s->unit, "Jy");
    return 0;
}

/* The rows of the part. */
static int measure_part(struct spectrum *s, int i, const unsigned char *mask, struct pc_err *err)
{
    const int chan = s->in.chan[i];
    const int64_t nx = s->in.head.nx, n = pc_cubein_npx(&s->in);
    const unsigned char *first = memchr(mask, 1, (size_t)n);
    int64_t y0 = first ? (first - mask) / nx : 0, y1 = first ? s->in.head.ny : 0;
    while (y1 > y0 && !memchr(mask + (y1 - 1) * nx, 1, (size_t)nx))
        y1--;
    if (y1 > y0 && pc_cubein_rows(&s->in, chan, (int)y0, (int)(y1 - y0), s->pix, err))
        return -1;
    pc_spectrum_measure(s->pix, mask + y0 * nx, (y1 - y0) * nx, s->conf->statistic, area_px(&s->in, chan),
                        &s->point[i]);
    s->any = s->any || first;
    return 0;
}

static int measure_channel(struct spectrum *s, int i, struct pc_err *err)
{
    struct pc_spectrum_point *p = &s->point[i];
    struct pc_imhead head = s->in.head; /* borrowed parts: not to be freed */
    unsigned char *mask = NULL;
    int chan = s->in.chan[i];
    bool velocity = pc_cubein_has_velocity(&s->in);
    p->chan = chan;
    p->freq_hz = head.freq_hz = pc_cubein_freq_hz(&s->in, chan);
    p->velocity_kms = velocity ? pc_cubein_velocity_kms(&s->in, chan) : (double)NAN;
    head.npol = 1;
    head.stokes[0] = s->in.head.stokes[s->in.pol];
    int bad = s->conf->part(s->conf->ctx, &head, chan, &mask, err) || measure_part(s, i, mask, err);
    pc_mem_free(mask);
    return bad ? -1 : 0;
}

static int by_velocity(const void *a, const void *b)
{
    const struct pc_spectrum_point *p = a, *q = b;
    double x = isnan(p->velocity_kms) ? p->freq_hz : p->velocity_kms;
    double y = isnan(q->velocity_kms) ? q->freq_hz : q->velocity_kms;
    return (x > y) - (x < y);
}

static int measure(struct spectrum *s, struct pc_err *err)
{
    if (pc_cubein_open(&s->in, &s->conf->cube, INT_MAX, INT_MAX, err) || choose_unit(s, err))
        return -1;
    s->point = pc_mem_new0(s->in.nchan, sizeof *s->point, "a spectrum", err);
    s->pix = s->point ? pc_mem_new(pc_cubein_npx(&s->in), sizeof *s->pix, "a plane", err) : NULL;
    if (!s->pix)
        return -1;
    s->max = (double)NAN;
    for (int i = 0; i < s->in.nchan; i++) {
        if (measure_channel(s, i, err))
            return -1;
        s->max = fmax(s->max, s->point[i].value);
    }
    if (!s->any)
        return pc_err_set(err, PC_EX_DATA, "%s: holds no pixel of %s, which has %d x %d", s->conf->where,
                          s->conf->cube.path, s->in.head.nx, s->in.head.ny);
    qsort(s->point, (size_t)s->in.nchan, sizeof *s->point, by_velocity);
    return 0;
}

/* ---- as a table ---- */

static int put_table(const struct spectrum *s, const struct pc_output *o, struct pc_err *err)
{
    static const char *const name[] = {"flux", "mean", "peak"};
    bool jy = !strncmp(s->unit, "Jy", 2);
    fprintf(o->out, "channel\tfreq_hz\tvelocity_kms\t%s_%s\tpixels\n", name[s->conf->statistic],
            !strcmp(s->unit, "Jy")  ? "jy"
            : !strcmp(s->unit, "K") ? "k"
            : jy                    ? "jy_per_beam"
                                    : "value");
    for (int i = 0; i < s->in.nchan; i++) {
        const struct pc_spectrum_point *p = &s->point[i];
        fprintf(o->out, "%d\t%.12g\t%.9g\t%.9g\t%lld\n", p->chan, p->freq_hz, p->velocity_kms, p->value,
                (long long)p->npx);
    }
    return pc_output_check(o, err);
}

/* ---- as a picture ---- */

struct curve {
    double *x, *y;
    double factor, step, ylo, yhi;
    bool velocity;
};

static int make_curve(const struct spectrum *s, struct curve *c, struct pc_err *err)
{
    int n = s->in.nchan;
    double lo = 0, hi = 0;
    c->x = pc_mem_new(n, sizeof *c->x, "a spectrum", err);
    c->y = c->x ? pc_mem_new(n, sizeof *c->y, "a spectrum", err) : NULL;
    if (!c->y)
        return -1;
    c->velocity = pc_cubein_has_velocity(&s->in);
    c->step =
        c->velocity ? fabs(pc_cubein_width_kms(&s->in, s->in.chan[0])) : 1e-9 * fabs(s->in.head.width_hz);
    for (int i = 0; i < n; i++) {
        const struct pc_spectrum_point *p = &s->point[i];
        c->x[i] = c->velocity ? p->velocity_kms : 1e-9 * p->freq_hz;
        c->y[i] = p->value * c->factor;
        lo = fmin(lo, c->y[i]); /* not of NaN */
        hi = fmax(hi, c->y[i]);
    }
    for (int i = 1; i < n; i++) /* of some channels only */
        c->step = i == 1 || c->x[i] - c->x[i - 1] < c->step ? c->x[i] - c->x[i - 1] : c->step;
    c->step = c->step > 0 ? c->step : 1e-3;
    double room = hi > lo ? 0.06 * (hi - lo) : 0.5;
    c->ylo = lo < 0 ? lo - room : 0;
    c->yhi = hi > lo ? hi + room : c->ylo + 1;
    return 0;
}

static int put_picture(const struct spectrum *s, const struct pc_output *o, struct pc_err *err)
{
    static const char *const name[] = {"flux density", "mean brightness", "peak brightness"};
    const struct pc_imhead *h = &s->in.head;
    struct curve c = {.factor = 1};
    char xlabel[64], ylabel[64], left[64], right[64], subtitle[256];
    const char *prefix = s->unit[0] == 'J' ? pc_flux_prefix(s->max, &c.factor) : "";
    const char *title = s->conf->title ? s->conf->title : h->object;
    int n = s->in.nchan, bad = make_curve(s, &c, err);
    snprintf(xlabel, sizeof xlabel, c.velocity ? "radio velocity%s%s (km/s)" : "frequency%s%s (GHz)",
             h->specsys[0] ? ", " : "", h->specsys);
    snprintf(ylabel, sizeof ylabel, "%s (%s%s)", name[s->conf->statistic], prefix, s->unit);
    snprintf(subtitle, sizeof subtitle, "%s%s%.4f GHz  \xc2\xb7  %s", h->telescop,
             h->telescop[0] ? "  \xc2\xb7  " : "", 1e-9 * (h->restfreq_hz > 0 ? h->restfreq_hz : h->freq_hz),
             s->conf->where);
    if (!bad && o->form == PC_FORM_BLOCKS) {
        snprintf(left, sizeof left, "%.6g", c.x[0]);
        snprintf(right, sizeof right, "%.6g %s", c.x[n - 1], c.velocity ? "km/s" : "GHz");
        bad = pc_blocks_graph(c.y, n, title, left, right, ylabel, o, err);
    } else if (!bad) {
        struct pc_graph g = {.width_px = s->conf->width_px,
                             .height_px = (int)(0.55 * s->conf->width_px),
                             .title = title,
                             .subtitle = subtitle,
                             .xlabel = xlabel,
                             .ylabel = ylabel,
                             .xlo = c.x[0] - c.step,
                             .xhi = c.x[n - 1] + c.step,
                             .ylo = c.ylo,
                             .yhi = c.yhi,
                             .x = c.x,
                             .y = c.y,
                             .n = n,
                             .step = c.step};
        bad = pc_graph_write(&g, o, err);
    }
    pc_mem_free(c.x);
    pc_mem_free(c.y);
    return bad;
}

int pc_spectrum_draw(const struct pc_spectrum_conf *conf, const struct pc_output *o,
                     struct pc_spectrum_report *report, struct pc_err *err)
{
    struct spectrum s = {.conf = conf};
    int bad = measure(&s, err);
    if (!bad)
        bad = o->form == PC_FORM_TABLE ? put_table(&s, o, err) : put_picture(&s, o, err);
    *report = (struct pc_spectrum_report){.nchan = s.in.nchan, .max = s.max};
    pc_mem_free(s.point);
    pc_mem_free(s.pix);
    pc_cubein_close(&s.in);
    return bad;
}
