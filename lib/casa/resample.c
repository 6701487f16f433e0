/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/resample.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static const double same = 1e-3;       /* of a channel */
static const double slot_slack = 0.01; /* of a channel: drifting frames do not change the number of slots */

/* ---- frequencies ---- */

static double chan_hz(const struct pc_resample *r, int chan, double factor)
{
    return r->w->freq_hz[chan] * factor;
}

static double slot_hz(const struct pc_resample *r, int plane, int slot)
{
    const struct pc_axis *a = r->axis;
    return a->freq_hz[plane] + (slot - 0.5 * (r->nper - 1)) * (a->width_hz[plane] / r->nper);
}

/* The first channel, in the order of frequencies that the axis has, that is not before freq_hz: nchan if none
 * is. Counted along the axis. */
static int first_from(const struct pc_resample *r, double freq_hz, double factor)
{
    const int n = r->w->nchan;
    const bool up = r->axis->step_hz > 0, flip = (pc_axis_spacing(r->w) > 0) != up;
    int lo = 0, hi = n;
    while (lo < hi) {
        const int mid = (lo + hi) / 2;
        const double f = chan_hz(r, flip ? n - 1 - mid : mid, factor);
        if (up ? f < freq_hz : f > freq_hz)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Channels by their place along the axis: those of plane are first .. first + n - 1. */
static int plane_channels(const struct pc_resample *r, int plane, double factor, int *first)
{
    *first = first_from(r, pc_axis_edge(r->axis, plane), factor);
    return first_from(r, pc_axis_edge(r->axis, plane + 1), factor) - *first;
}

static int along(const struct pc_resample *r, int place)
{
    const bool flip = (pc_axis_spacing(r->w) > 0) != (r->axis->step_hz > 0);
    return flip ? r->w->nchan - 1 - place : place;
}

/* The channel that a slot holds; -1: none. */
static int slot_channel(const struct pc_resample *r, int plane, int slot, double factor)
{
    int first;
    if (r->axis->specmode == PC_SPECMODE_MFS)
        return r->w->sel[slot];
    return slot < plane_channels(r, plane, factor, &first) ? along(r, first + slot) : -1;
}

/* ---- taps ---- */

/* The channel k with x between k and k+1 of the data's frequencies. */
static int below(const struct pc_ms_window *w, double x)
{
    const double spacing = pc_axis_spacing(w), guess = (x - w->freq_hz[0]) / spacing;
    const int last = w->nchan - 2;
    int k = guess > 0 ? guess < last ? (int)guess : last : 0;
    while (k > 0 && (spacing > 0 ? x < w->freq_hz[k] : x > w->freq_hz[k]))
        k--;
    while (k < last && (spacing > 0 ? x >= w->freq_hz[k + 1] : x <= w->freq_hz[k + 1]))
        k++;
    return k;
}

/* The cubic through four channels (Lagrange). */
static void set_cubic(const struct pc_ms_window *w, double x, struct pc_tap *t)
{
    const int first = t->chan - 1, last = w->nchan - 4;
    t->first = first < 0 ? 0 : first < last ? first : last;
    const double *f = w->freq_hz + t->first;
    t->n = 4;
    for (int i = 0; i < 4; i++) {
        double c = 1;
        for (int j = 0; j < 4; j++)
            if (j != i)
                c *= (x - f[j]) / (f[i] - f[j]);
        t->c[i] = (float)c;
    }
}

static struct pc_tap interpolating(const struct pc_resample *r, double x)
{
    const struct pc_ms_window *w = r->w;
    struct pc_tap t = {.chan = below(w, x)};
    const double *f = w->freq_hz + t.chan, frac = (x - f[0]) / (f[1] - f[0]);
    if (frac < -same || frac > 1 + same)
        return t;
    t.n = 2;
    t.frac = (float)frac;
    if (fabs(frac) <= same || fabs(frac - 1) <= same) {
        t.chan += frac > 0.5;
        t.n = 1;
        t.frac = 0;
    } else if (r->axis->interpolation == PC_INTERPOLATION_CUBIC && w->nchan >= 4) {
        set_cubic(w, x, &t);
    }
    return t;
}

void pc_resample_taps(const struct pc_resample *r, int q0, int q1, int epoch, struct pc_tap *tap)
{
    const double factor = r->w->epoch[epoch].factor;
    for (int q = q0; q < q1; q++)
        for (int k = 0; k < r->nper; k++, tap++) {
            const int plane = r->axis->wanted[q];
            if (r->by_channel) {
                const int c = slot_channel(r, plane, k, factor);
                *tap = (struct pc_tap){.chan = c < 0 ? 0 : c, .n = c >= 0};
            } else {
                *tap = interpolating(r, slot_hz(r, plane, k) / factor);
            }
        }
}

/* ---- the plan ---- */

static bool moves(const struct pc_ms_window *w)
{
    for (int e = 1; e < w->nepoch; e++)
        if (w->epoch[e].factor != w->epoch[0].factor)
            return true;
    return false;
}

static int check_order(const struct pc_ms_window *w, struct pc_err *err)
{
    const double spacing = pc_axis_spacing(w);
    for (int i = 1; i < w->nchan; i++)
        if (!((w->freq_hz[i] - w->freq_hz[i - 1]) * spacing > 0))
            return pc_err_set(err, PC_EX_DATA,
                              "%s: the frequencies of spectral window %d neither ascend nor descend",
                              w->info.ms, w->spw_id);
    return 0;
}

/* The most channels that any plane holds at any time. */
static int most_channels(const struct pc_resample *r, int nepoch)
{
    int most = 1;
    for (int e = 0; e < nepoch; e++) {
        const double factor = r->w->epoch[e].factor;
        int first = first_from(r, pc_axis_edge(r->axis, 0), factor);
        for (int p = 0; p < r->axis->nplane; p++) {
            const int next = first_from(r, pc_axis_edge(r->axis, p + 1), factor);
            most = next - first > most ? next - first : most;
            first = next;
        }
    }
    return most;
}

static int slots(const struct pc_resample *r, int nepoch)
{
    if (r->axis->specmode == PC_SPECMODE_MFS)
        return r->w->nsel > 0 ? r->w->nsel : 1;
    if (r->by_channel)
        return most_channels(r, nepoch);
    const double channel = fabs(pc_axis_spacing(r->w)) * r->w->epoch[0].factor;
    const double n = floor(fabs(r->axis->step_hz) / channel + slot_slack);
    return n > 1 ? n < r->w->nchan ? (int)n : r->w->nchan : 1;
}

/* What the taps of an epoch use. */
static void count_epoch(struct pc_resample *r, int64_t nrow, const struct pc_tap *tap, int *lo, int *hi)
{
    for (int q = 0; q < r->axis->nwanted; q++) {
        bool any = false;
        for (int k = 0; k < r->nper; k++, tap++) {
            r->copies = r->copies && tap->n == 1;
            if (tap->n == 0)
                continue;
            const int a = tap->n == 4 ? tap->first : tap->chan, z = a + tap->n - 1;
            *lo = a < *lo ? a : *lo;
            *hi = z > *hi ? z : *hi;
            any = true;
        }
        r->nrow[q] += any ? nrow : 0;
    }
}

/* The channels that are needed at any epoch, and the rows that each plane gets. */
static void look_through(struct pc_resample *r, int nepoch)
{
    int lo = r->w->nchan, hi = -1;
    r->copies = nepoch == 1;
    for (int e = 0; e < nepoch; e++) {
        pc_resample_taps(r, 0, r->axis->nwanted, e, r->tap);
        count_epoch(r, nepoch == 1 ? r->w->nrow : r->w->epoch[e].nrow, r->tap, &lo, &hi);
    }
    r->lo = hi < 0 ? 0 : lo;
    r->nspan = hi < 0 ? 0 : hi - lo + 1;
}

int pc_resample_init(struct pc_resample *r, const struct pc_axis *axis, const struct pc_ms_window *w,
                     struct pc_err *err)
{
    const bool mfs = axis->specmode == PC_SPECMODE_MFS, drifts = moves(w);
    const int nepoch = mfs || !drifts ? 1 : w->nepoch; /* that differ */
    *r = (struct pc_resample){.axis = axis, .w = w};
    if (!mfs && check_order(w, err))
        return -1;
    r->by_channel =
        mfs || axis->interpolation == PC_INTERPOLATION_NEAREST || axis->nplane == 1 || w->nchan == 1;
    r->freq_per_row = r->by_channel && drifts;
    r->nper = slots(r, nepoch);
    r->tap = pc_mem_new0((int64_t)axis->nwanted * r->nper, sizeof *r->tap, "channel map", err);
    r->nrow = r->tap ? pc_mem_new0(axis->nwanted, sizeof *r->nrow, "channel map", err) : NULL;
    r->selected = r->nrow ? pc_mem_new0(w->nchan, sizeof *r->selected, "channel map", err) : NULL;
    if (!r->selected) {
        pc_resample_fini(r);
        return -1;
    }
    for (int k = 0; k < w->nsel; k++)
        r->selected[w->sel[k]] = true;
    look_through(r, nepoch);
    if (nepoch > 1) {
        pc_mem_free(r->tap);
        r->tap = NULL;
    }
    return 0;
}

void pc_resample_fini(struct pc_resample *r)
{
    pc_mem_free(r->tap);
    pc_mem_free(r->selected);
    pc_mem_free(r->nrow);
    *r = (struct pc_resample){0};
}

void pc_resample_widen(struct pc_resample *r, int lo, int hi)
{
    const int end = r->lo + r->nspan - 1;
    r->lo = lo < r->lo ? lo : r->lo;
    r->nspan = (hi > end ? hi : end) - r->lo + 1;
}

int64_t pc_resample_beyond(const struct pc_resample *r)
{
    const struct pc_ms_window *w = r->w;
    const double a = pc_axis_edge(r->axis, 0), z = pc_axis_edge(r->axis, r->axis->nplane);
    int64_t n = 0;
    for (int e = 0; r->axis->specmode != PC_SPECMODE_MFS && e < w->nepoch; e++)
        for (int k = 0; k < w->nsel; k++) {
            const double f = chan_hz(r, w->sel[k], w->epoch[e].factor);
            if (f < fmin(a, z) || f > fmax(a, z))
                n += w->epoch[e].nrow * w->ncorr;
        }
    return n;
}

void pc_resample_freq(const struct pc_resample *r, int q, int epoch, double *freq_hz)
{
    const int plane = r->axis->wanted[q];
    const double factor = r->w->epoch[epoch].factor;
    for (int k = 0; k < r->nper; k++) {
        const struct pc_tap *t = r->tap ? &r->tap[(int64_t)q * r->nper + k] : NULL;
        const int c = r->by_channel ? slot_channel(r, plane, k, factor) : t && t->n == 1 ? t->chan : -1;
        if (c >= 0) /* a channel's own, to the last digit */
            freq_hz[k] = chan_hz(r, c, factor);
        else
            freq_hz[k] = r->by_channel ? r->axis->freq_hz[plane] : slot_hz(r, plane, k);
    }
}

int pc_ms_epoch_find(const struct pc_ms_window *w, double time_s, int near)
{
    if (near >= 0 && near < w->nepoch && w->epoch[near].time_s == time_s)
        return near;
    int lo = 0, hi = w->nepoch - 1;
    while (lo < hi) {
        const int mid = (lo + hi) / 2;
        if (w->epoch[mid].time_s < time_s)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* ---- samples ---- */

static inline float worse(float a, float b)
{
    return a < b ? a : b;
}

static void take_line(const struct pc_tap *t, const float *v, const float *w, int nc, float *vt, float *wt)
{
    const float a = 1 - t->frac, b = t->frac;
    for (int j = 0; j < nc; j++) {
        vt[2 * j] = a * v[2 * j] + b * v[2 * (nc + j)];
        vt[2 * j + 1] = a * v[2 * j + 1] + b * v[2 * (nc + j) + 1];
        wt[j] = w[j] > 0 && w[nc + j] > 0 ? a * w[j] + b * w[nc + j] : worse(w[j], w[nc + j]);
    }
}

/* v and w are those of chan; the cubic may begin before. */
static void take_cubic(const struct pc_tap *t, const float *v, const float *w, int nc, float *vt, float *wt)
{
    take_line(t, v, w, nc, vt, wt);
    v += (t->first - t->chan) * nc * 2;
    w += (t->first - t->chan) * nc;
    for (int j = 0; j < nc; j++) {
        float re = 0, im = 0;
        if (!(w[j] > 0 && w[nc + j] > 0 && w[2 * nc + j] > 0 && w[3 * nc + j] > 0))
            continue;
        for (int i = 0; i < 4; i++) {
            re += t->c[i] * v[2 * (i * nc + j)];
            im += t->c[i] * v[2 * (i * nc + j) + 1];
        }
        vt[2 * j] = re;
        vt[2 * j + 1] = im;
    }
}

void pc_resample_row(const struct pc_resample *r, const struct pc_tap *tap, int64_t n, const float *vis_jy,
                     const float *weight, float *vis_to, float *weight_to)
{
    const int nc = r->w->ncorr;
    for (int64_t i = 0; i < n; i++, vis_to += 2 * nc, weight_to += nc) {
        const struct pc_tap *t = &tap[i];
        const int64_t at = t->n > 0 ? (int64_t)(t->chan - r->lo) * nc : 0;
        const float *v = vis_jy + 2 * at, *w = weight + at;
        if (t->n == 4) {
            take_cubic(t, v, w, nc, vis_to, weight_to);
        } else if (t->n == 2) {
            take_line(t, v, w, nc, vis_to, weight_to);
        } else if (t->n == 1) {
            memcpy(vis_to, v, sizeof(float) * 2 * (size_t)nc);
            memcpy(weight_to, w, sizeof(float) * (size_t)nc);
        } else {
            memset(vis_to, 0, sizeof(float) * 2 * (size_t)nc);
            for (int j = 0; j < nc; j++)
                weight_to[j] = -PC_LEFT_OUTSIDE;
        }
    }
}
