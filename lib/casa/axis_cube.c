/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/axis_impl.h"

#include "base/quantity.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double light_m_s = 299792458.0;
static const double slack = 0.01; /* of a plane: CASA's */

/* ---- what is asked for ---- */

enum kind { UNSET, CHANNEL, FREQUENCY, VELOCITY };
struct word {
    enum kind kind;
    double value; /* a whole number, Hz, m/s */
};

static int parse_word(const char *name, const char *s, struct word *w, struct pc_err *err)
{
    *w = (struct word){UNSET, 0};
    if (!s || !*s)
        return 0;
    char *end;
    errno = 0;
    const long long n = strtoll(s, &end, 10);
    if (end > s && !*end && !errno && llabs(n) < 1000000000) {
        *w = (struct word){CHANNEL, (double)n};
        return 0;
    }
    const int dim = pc_quantity_dim(s);
    if (dim != PC_DIM_FREQUENCY && dim != PC_DIM_VELOCITY)
        return pc_err_set(err, PC_EX_USAGE,
                          "--%s %s: write a number of channels (3), a frequency (230.5GHz) or a velocity "
                          "(-3.5km/s)",
                          name, s);
    w->kind = dim == PC_DIM_FREQUENCY ? FREQUENCY : VELOCITY;
    return pc_quantity_parse(s, (enum pc_dim)dim, &w->value, err);
}

/* Everything that the planes depend on. */
struct plan {
    const struct pc_axis_ask *ask;
    struct word start, width;
    const struct pc_ms_window *const *w;
    int n;
    double lo_hz, hi_hz; /* edges of the data at their first times */
    double rest_hz;
    const char *frame;
};

static double factor(const struct pc_ms_window *w)
{
    return w->epoch[0].factor;
}

static double edge(const struct pc_ms_window *w, bool high)
{
    double found = high ? -INFINITY : INFINITY;
    for (int k = 0; k < w->nsel; k++) {
        const double f = w->freq_hz[w->sel[k]], half = fabs(w->width_hz[w->sel[k]]) / 2;
        found = high ? fmax(found, f + half) : fmin(found, f - half);
    }
    return found * factor(w);
}

/* The window whose edge is the lowest (highest) of all. */
static const struct pc_ms_window *outermost(const struct plan *p, bool high)
{
    const struct pc_ms_window *best = p->w[0];
    for (int i = 1; i < p->n; i++)
        if (high ? edge(p->w[i], true) > edge(best, true) : edge(p->w[i], false) < edge(best, false))
            best = p->w[i];
    return best;
}

static double channel_hz(const struct pc_ms_window *w)
{
    return fabs(pc_axis_spacing(w)) * factor(w);
}

static int refuse_range(const struct plan *p, struct pc_err *err)
{
    char km[80] = "";
    if (p->rest_hz > 0)
        snprintf(km, sizeof km, ", %.6g to %.6g km/s (radio)", light_m_s / 1e3 * (1 - p->hi_hz / p->rest_hz),
                 light_m_s / 1e3 * (1 - p->lo_hz / p->rest_hz));
    return pc_err_set(
        err, PC_EX_USAGE,
        "--start %s --width %s: no plane lies within the data, which cover %.9g to %.9g GHz (%s)%s",
        p->ask->start ? p->ask->start : "", p->ask->width ? p->ask->width : "", p->lo_hz / 1e9,
        p->hi_hz / 1e9, p->frame, km);
}

/* ---- planes that are channels of the data ---- */

static bool is_selected(const struct pc_ms_window *w, int64_t chan)
{
    for (int i = 0; i < w->nsel; i++)
        if (w->sel[i] == chan)
            return true;
    return false;
}

/* Evenly spaced (as nearly all axes are), so that every plane may carry the same width. */
static bool is_regular(const struct pc_ms_window *w)
{
    const double step = pc_axis_spacing(w);
    for (int i = 1; i < w->nchan; i++)
        if (!(fabs(w->freq_hz[i] - w->freq_hz[i - 1] - step) <= 1e-3 * fabs(step)))
            return false;
    return true;
}

struct chosen {
    const struct pc_ms_window *w;
    int64_t start, width;
};

/* Frequency and width of plane i: those of its channels, and beyond the window's ends what would follow. */
static void channel_plane(const struct chosen *c, int64_t i, bool regular, double *freq_hz, double *width_hz)
{
    const int64_t n = llabs(c->width), dir = c->width < 0 ? -1 : 1, first = c->start + i * c->width;
    const int64_t last = first + (n - 1) * dir, end = c->w->nchan;
    const double d = factor(c->w), spacing = pc_axis_spacing(c->w);
    double sum = 0, total = 0;
    *width_hz = spacing * (double)c->width * d;
    if (first < 0 || last < 0 || first >= end || last >= end) {
        *freq_hz = (c->w->freq_hz[c->start] + (double)(first + last - 2 * c->start) / 2 * spacing) * d;
        return;
    }
    for (int64_t k = 0; k < n; k++) {
        sum += c->w->freq_hz[first + k * dir];
        total += fabs(c->w->width_hz[first + k * dir]);
    }
    *freq_hz = sum / (double)n * d;
    if (!regular)
        *width_hz = copysign(total * d, *width_hz);
}

/* How many planes there are: of an irregular window as many as its channels make. */
static int64_t channel_planes(const struct plan *p, const struct chosen *c)
{
    const int64_t n = llabs(c->width), dir = c->width < 0 ? -1 : 1;
    double f, width;
    if (!is_regular(c->w))
        return (dir > 0 ? c->w->sel[c->w->nsel - 1] - c->start + 1 : c->start - c->w->sel[0] + 1) / n;
    channel_plane(c, 0, true, &f, &width);
    return (int64_t)floor(((width > 0 ? p->hi_hz : p->lo_hz) - (f - width / 2)) / width + slack);
}

static int choose_channels(const struct plan *p, struct chosen *c, struct pc_err *err)
{
    c->width = p->width.kind == UNSET ? 1 : (int64_t)p->width.value;
    c->w = p->w[0];
    if (c->width == 0 || llabs(c->width) > c->w->nchan)
        return pc_err_set(err, PC_EX_USAGE, "--width %s: the spectral window has %d channels", p->ask->width,
                          c->w->nchan);
    if (p->start.kind == UNSET) {
        c->w = outermost(p, (c->width < 0) != (pc_axis_spacing(c->w) < 0));
        c->start = c->width < 0 ? c->w->sel[c->w->nsel - 1] : c->w->sel[0];
        return 0;
    }
    c->start = (int64_t)p->start.value;
    if (!is_selected(c->w, c->start))
        return pc_err_set(
            err, PC_EX_USAGE,
            "--start %lld: spectral window %d has channels 0 to %d, of which --spw leaves %d to %d",
            (long long)c->start, c->w->spw_id, c->w->nchan - 1, c->w->sel[0], c->w->sel[c->w->nsel - 1]);
    return 0;
}

static int fill_channels(struct pc_axis *a, const struct plan *p, struct pc_err *err)
{
    struct chosen c;
    if (choose_channels(p, &c, err))
        return -1;
    const int64_t have = channel_planes(p, &c), nchan = p->ask->nchan;
    const bool regular = is_regular(c.w);
    if (nchan == 0 || nchan > have || have < 1)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--nchan %lld from --start %lld by --width %lld: spectral window %d has %lld such channels "
            "(its own are 0 to %d)",
            (long long)nchan, (long long)c.start, (long long)c.width, c.w->spw_id,
            (long long)(have > 0 ? have : 0), c.w->nchan - 1);
    if (pc_axis_alloc(a, nchan < 0 ? have : nchan, err))
        return -1;
    for (int i = 0; i < a->nplane; i++)
        channel_plane(&c, i, regular, &a->freq_hz[i], &a->width_hz[i]);
    a->step_hz = pc_axis_spacing(c.w) * (double)c.width * factor(c.w);
    return 0;
}

/* ---- planes of even steps in frequency or velocity ---- */

struct grid {
    bool velocity, optical;
    double rest_hz;
    double first, step; /* Hz or m/s */
};

static double freq_of(const struct grid *g, double v)
{
    return g->optical ? g->rest_hz / (1 + v / light_m_s) : g->rest_hz * (1 - v / light_m_s);
}

static double velocity_of(const struct grid *g, double hz)
{
    return light_m_s * (g->optical ? g->rest_hz / hz - 1 : 1 - hz / g->rest_hz);
}

double pc_axis_velocity_m_s(const struct pc_axis *a, double freq_hz)
{
    const struct grid g = {.optical = a->veltype == PC_VELTYPE_OPTICAL, .rest_hz = a->restfreq_hz};
    return velocity_of(&g, freq_hz);
}

static double grid_hz(const struct grid *g, double i)
{
    const double value = g->first + i * g->step;
    return g->velocity ? freq_of(g, value) : value;
}

/* The edge of the data on the side to which the step leads, or from where it comes. */
static double far_edge(const struct plan *p, const struct grid *g)
{
    if (g->velocity)
        return velocity_of(g, g->step > 0 ? p->lo_hz : p->hi_hz);
    return g->step > 0 ? p->hi_hz : p->lo_hz;
}

static double near_edge(const struct plan *p, const struct grid *g)
{
    const struct grid back = {g->velocity, g->optical, g->rest_hz, 0, -g->step};
    return far_edge(p, &back);
}

static double start_hz(const struct plan *p, const struct grid *g)
{
    switch (p->start.kind) {
    case FREQUENCY:
        return p->start.value;
    case VELOCITY:
        return freq_of(g, p->start.value);
    default:
        return p->w[0]->freq_hz[(int)p->start.value] * factor(p->w[0]);
    }
}

static double grid_step(const struct plan *p, const struct grid *g)
{
    const double natural = channel_hz(p->w[0]);
    switch (p->width.kind) {
    case FREQUENCY:
    case VELOCITY:
        return p->width.value;
    case CHANNEL:
        return p->width.value * natural;
    default:
        return g->velocity ? velocity_of(g, start_hz(p, g) - natural) - p->start.value : natural;
    }
}

static int choose_grid(const struct plan *p, struct grid *g, struct pc_err *err)
{
    g->optical = p->ask->veltype == PC_VELTYPE_OPTICAL;
    g->rest_hz = p->rest_hz;
    g->velocity = p->width.kind == VELOCITY || (p->width.kind == UNSET && p->start.kind == VELOCITY);
    if ((p->start.kind == VELOCITY || p->width.kind == VELOCITY) && !(p->rest_hz > 0))
        return pc_err_set(err, PC_EX_USAGE,
                          "a velocity in --start or --width needs --restfreq: the SOURCE table of %s has no "
                          "rest frequency",
                          p->w[0]->info.ms);
    if (p->start.kind == CHANNEL && !is_selected(p->w[0], (int64_t)p->start.value))
        return pc_err_set(err, PC_EX_USAGE,
                          "--start %s: spectral window %d has channels 0 to %d, of which "
                          "--spw leaves %d to %d",
                          p->ask->start, p->w[0]->spw_id, p->w[0]->nchan - 1, p->w[0]->sel[0],
                          p->w[0]->sel[p->w[0]->nsel - 1]);
    g->step = grid_step(p, g);
    if (!(fabs(g->step) > 0))
        return pc_err_set(err, PC_EX_USAGE, "--width %s: planes need a width", p->ask->width);
    if (p->start.kind == UNSET)
        g->first = near_edge(p, g) + g->step / 2;
    else
        g->first = g->velocity ? velocity_of(g, start_hz(p, g)) : start_hz(p, g);
    return 0;
}

static int fill_grid(struct pc_axis *a, const struct plan *p, struct pc_err *err)
{
    struct grid g = {0};
    if (choose_grid(p, &g, err))
        return -1;
    double count = floor((far_edge(p, &g) - (g.first - g.step / 2)) / g.step + slack);
    if (p->ask->nchan >= 0)
        count = (double)p->ask->nchan;
    if (count < 1)
        return refuse_range(p, err);
    const double a_hz = grid_hz(&g, -0.5), z_hz = grid_hz(&g, fmin(count, 1e6) - 0.5);
    if (!(fmin(a_hz, z_hz) < p->hi_hz && fmax(a_hz, z_hz) > p->lo_hz))
        return refuse_range(p, err);
    if (pc_axis_alloc(a, (int64_t)fmin(count, 1e9), err))
        return -1;
    const bool even = !g.velocity || !g.optical;
    for (int i = 0; i < a->nplane; i++) {
        a->freq_hz[i] = grid_hz(&g, i);
        a->width_hz[i] = grid_hz(&g, i + 0.5) - grid_hz(&g, i - 0.5);
    }
    a->step_hz =
        a->nplane > 1 ? (a->freq_hz[a->nplane - 1] - a->freq_hz[0]) / (a->nplane - 1) : a->width_hz[0];
    if (even)
        a->step_hz = g.velocity ? -g.step / light_m_s * g.rest_hz : g.step;
    for (int i = 0; even && i < a->nplane; i++)
        a->width_hz[i] = a->step_hz;
    if (!(fmin(a->freq_hz[0], a->freq_hz[a->nplane - 1]) > 0))
        return refuse_range(p, err);
    return 0;
}

int pc_axis_fill_cube(struct pc_axis *a, const struct pc_axis_ask *ask, const struct pc_ms_window *const *w,
                      int n, struct pc_err *err)
{
    struct plan p = {.ask = ask, .w = w, .n = n, .rest_hz = a->restfreq_hz, .frame = a->frame};
    for (int i = 0; i < n; i++)
        if (w[i]->nsel == 0)
            return pc_err_set(err, PC_EX_NOINPUT, "%s: --spw leaves no channel of spectral window %d",
                              w[i]->info.ms, w[i]->spw_id);
    if (parse_word("start", ask->start, &p.start, err) || parse_word("width", ask->width, &p.width, err))
        return -1;
    p.lo_hz = edge(outermost(&p, false), false);
    p.hi_hz = edge(outermost(&p, true), true);
    const bool channels = p.start.kind <= CHANNEL && p.width.kind <= CHANNEL;
    if (channels ? fill_channels(a, &p, err) : fill_grid(a, &p, err))
        return -1;
    const double lo = fmin(a->freq_hz[0], a->freq_hz[a->nplane - 1]),
                 hi = fmax(a->freq_hz[0], a->freq_hz[a->nplane - 1]);
    a->fracbw = 2 * (hi - lo) / (hi + lo);
    return 0;
}
