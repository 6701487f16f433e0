/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/overview.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/stats.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

bool pc_overview_is_moment(const struct pc_overview *s)
{
    return s->conf->moment != PC_MOMENT_NONE;
}

bool pc_overview_is_velocity(const struct pc_overview *s)
{
    return s->conf->moment == PC_MOMENT_1 || s->conf->moment == PC_MOMENT_9;
}

bool pc_overview_is_brightness(const struct pc_overview *s)
{
    return !pc_overview_is_velocity(s) && s->conf->moment != PC_MOMENT_2;
}

void pc_overview_close(struct pc_overview *s, int n)
{
    pc_mem_free(s[0].peak);
    for (int k = 0; k < n; k++) {
        pc_cubein_close(&s[k].in);
        pc_moment_fini(&s[k].moment);
        pc_mem_free(s[k].map);
        pc_mem_free(s[k].sigma);
    }
}

/* ---- the walk ---- */

/* The planes that all pictures share. */
struct walk {
    struct pc_overview *s;
    int n;
    float *pix, *peak;
};

static int begin(struct pc_overview *s, struct pc_err *err)
{
    s->sigma = pc_mem_new(s->in.nchan, sizeof *s->sigma, "the noise of channels", err);
    if (!s->sigma)
        return -1;
    return pc_overview_is_moment(s)
               ? pc_moment_init(&s->moment, s->conf->moment, s->in.both_signs, pc_cubein_npx(&s->in), err)
               : 0;
}

static bool wants(const struct pc_overview *s, int chan)
{
    for (int i = 0; i < s->in.nchan; i++)
        if (s->in.chan[i] == chan)
            return true;
    return false;
}

/* A pixel that is blank in some channels counts in the others. Choices by bits, not by branches: a compiler
 * may vectorise these. */
PC_CLONES static void add_peak(float *peak, const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        peak[i] = pix[i] > peak[i] || peak[i] != peak[i] ? pix[i] : peak[i];
}

PC_CLONES static void add_peak_of_size(float *peak, const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float size = fabsf(pix[i]);
        peak[i] = size > peak[i] || peak[i] != peak[i] ? size : peak[i];
    }
}

static void look_at(struct pc_overview *s, int chan, const float *pix, double sigma)
{
    double clip = !isnan(s->conf->clip) ? s->conf->clip : pc_overview_is_brightness(s) ? 0 : 5;
    bool velocity = pc_cubein_has_velocity(&s->in);
    if (isfinite(sigma))
        s->sigma[s->nsigma++] = sigma;
    if (pc_overview_is_moment(s))
        pc_moment_add(&s->moment, pix, velocity ? pc_cubein_velocity_kms(&s->in, chan) : chan,
                      velocity ? fabs(pc_cubein_width_kms(&s->in, chan)) : 1,
                      clip > 0 ? clip * sigma : -INFINITY);
}

static int look_at_channel(struct walk *w, int chan, struct pc_err *err)
{
    const struct pc_cubein *in = &w->s[0].in;
    const int64_t npx = pc_cubein_npx(in);
    if (pc_cubein_plane(in, chan, w->pix, err))
        return -1;
    const double sigma = pc_cubein_noise(w->pix, npx, err);
    if (sigma < 0)
        return -1;
    if (in->both_signs)
        add_peak_of_size(w->peak, w->pix, npx);
    else
        add_peak(w->peak, w->pix, npx);
    for (int k = 0; k < w->n; k++)
        if (wants(&w->s[k], chan))
            look_at(&w->s[k], chan, w->pix, sigma);
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int walk_over(struct walk *w, struct pc_err *err)
{
    const int nchan = w->s[0].in.cube.nchan;
    for (int chan = 0; chan < nchan; chan++) {
        bool any = false;
        for (int k = 0; k < w->n; k++)
            any = any || wants(&w->s[k], chan);
        if (any && look_at_channel(w, chan, err))
            return -1;
    }
    /* Channels with little emission say what the noise is. */
    for (int k = 0; k < w->n; k++) {
        struct pc_overview *s = &w->s[k];
        qsort(s->sigma, (size_t)s->nsigma, sizeof *s->sigma, by_value);
        s->channel_noise = s->noise = s->nsigma ? s->sigma[(s->nsigma - 1) / 2] : NAN;
    }
    return 0;
}

static int look_at_channels(struct pc_overview *s, int n, struct pc_err *err)
{
    const int64_t npx = pc_cubein_npx(&s[0].in);
    struct walk w = {.s = s, .n = n, .pix = pc_mem_new(npx, sizeof *w.pix, "a plane", err)};
    w.peak = w.pix ? pc_mem_new(npx, sizeof *w.peak, "a picture", err) : NULL;
    int bad = !w.peak;
    for (int64_t i = 0; i < npx && !bad; i++)
        w.peak[i] = NAN;
    bad = bad || walk_over(&w, err);
    for (int k = 0; k < n; k++)
        s[k].peak = w.peak;
    pc_mem_free(w.pix);
    return bad ? -1 : 0;
}

/* ---- ranges ---- */

static void find_range(struct pc_overview *s, const float *pix)
{
    struct pc_stats st;
    pc_stats_basic(pix, NULL, pc_cubein_npx(&s->in), &st);
    s->min = (double)st.min;
    s->max = (double)(s->in.both_signs && pc_overview_is_brightness(s) ? fmaxf(-st.min, st.max) : st.max);
}

/* Velocities of the few pixels that noise has let through are not to stretch the colours. */
static int find_velocity_range(struct pc_overview *s, struct pc_err *err)
{
    int64_t n = pc_cubein_npx(&s->in), k = 0;
    double *v = pc_mem_new(n, sizeof *v, "a picture", err);
    if (!v)
        return -1;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(s->map[i]))
            v[k++] = (double)s->map[i];
    qsort(v, (size_t)k, sizeof *v, by_value);
    s->min = k ? v[k / 100] : (double)NAN;
    s->max = k ? v[k - 1 - k / 100] : (double)NAN;
    pc_mem_free(v);
    return 0;
}

static int make_moment(struct pc_overview *s, struct pc_err *err)
{
    int64_t n = pc_cubein_npx(&s->in);
    s->map = pc_mem_new(n, sizeof *s->map, "a moment", err);
    if (!s->map)
        return -1;
    pc_moment_end(&s->moment, s->map);
    pc_moment_fini(&s->moment);
    if (!pc_overview_is_brightness(s))
        return find_velocity_range(s, err);
    find_range(s, s->map);
    /* of the peak that of a channel: the scatter of the largest of many is another thing */
    if (s->conf->moment == PC_MOMENT_0)
        s->noise = pc_cubein_noise(s->map, n, err);
    return s->noise < 0 ? -1 : 0;
}

static int open_one(struct pc_overview *s, struct pc_err *err)
{
    const struct pc_maps_conf *c = s->conf;
    bool m = pc_overview_is_moment(s);
    if (pc_cubein_open(&s->in, &c->cube, m ? INT_MAX : PC_MAPS_UNNAMED, m ? INT_MAX : PC_MAPS_MAX_PANEL, err))
        return -1;
    if (s->in.head.cell_rad[0] == 0 || s->in.head.cell_rad[1] == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: has no celestial axes (CDELT1, CDELT2)", c->cube.path);
    if (!pc_overview_is_brightness(s) && pc_cubein_need_velocity(&s->in, "a map of velocities", err))
        return -1;
    if (!pc_overview_is_brightness(s) && c->contours)
        return pc_err_set(err, PC_EX_USAGE,
                          "--contours: levels are in units of the noise, of which a map "
                          "of velocities has none");
    s->step_hz = s->in.head.width_hz * (s->in.nchan > 1 ? s->in.chan[1] - s->in.chan[0] : 1);
    return begin(s, err);
}

int pc_overview_open(struct pc_overview *s, int n, struct pc_err *err)
{
    for (int k = 0; k < n; k++)
        if (open_one(&s[k], err))
            return -1;
    if (look_at_channels(s, n, err))
        return -1;
    for (int k = 0; k < n; k++) {
        find_range(&s[k], s[k].peak);
        if (pc_overview_is_moment(&s[k]) && make_moment(&s[k], err))
            return -1;
    }
    return 0;
}
