/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/axis.h"

#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const mode_name[] = {"cube", "cubedata", "mfs"};

/* CASA's name for a frame is not always FITS's. */
static bool same_frame(const char *casa, const char *specsys)
{
    static const char *const pair[][2] = {
        {"TOPO", "TOPOCENT"},   {"BARY", "BARYCENT"}, {"GEO", "GEOCENTR"}, {"GALACTO", "GALACTOC"},
        {"LGROUP", "LOCALGRP"}, {"CMB", "CMBDIPOL"},  {"REST", "SOURCE"}};
    if (strcasecmp(casa, specsys) == 0)
        return true;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        if (strcasecmp(casa, pair[i][0]) == 0 && strcmp(specsys, pair[i][1]) == 0)
            return true;
    return false;
}

static int check_frames(const struct pc_axis_ask *ask, const struct pc_ms_window *const *w, int n,
                        struct pc_err *err)
{
    const char *frame = w[0]->info.specsys;
    for (int i = 1; i < n; i++)
        if (strcmp(frame, w[i]->info.specsys) != 0)
            return pc_err_set(
                err, PC_EX_USAGE,
                "%s spectral window %d is in %s, %s spectral window %d in %s: data of different "
                "frames cannot be imaged together yet; choose with --spw",
                w[0]->info.ms, w[0]->spw_id, frame, w[i]->info.ms, w[i]->spw_id, w[i]->info.specsys);
    if (ask->outframe && *ask->outframe && !same_frame(ask->outframe, frame))
        return pc_err_set(
            err, PC_EX_USAGE,
            "--outframe %s: the data are in %s, and other frames cannot be made yet; leave --outframe "
            "out to stay in the data's own",
            ask->outframe, frame);
    return 0;
}

static int parse_channel(const char *name, const char *s, int64_t unset, int64_t *value, int nchan,
                         struct pc_err *err)
{
    *value = unset;
    if (!s || !*s)
        return 0;
    char *end;
    errno = 0;
    *value = strtoll(s, &end, 10);
    if (errno || end == s || *end)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--%s %s: only %s of the data's own axis can be used here (the spectral window has %d: "
            "0 to %d); frequencies and velocities need regridding, which is not there yet",
            name, s, strcmp(name, "width") == 0 ? "a number of channels" : "a channel number", nchan,
            nchan - 1);
    return 0;
}

static bool is_selected(const struct pc_ms_window *w, int64_t chan)
{
    for (int i = 0; i < w->nsel; i++)
        if (w->sel[i] == chan)
            return true;
    return false;
}

/* Whether the channels of plane i are all there. */
static bool plane_exists(const struct pc_ms_window *w, int64_t start, int64_t width, int64_t i)
{
    const int64_t n = llabs(width), dir = width < 0 ? -1 : 1;
    for (int64_t k = 0; k < n; k++)
        if (!is_selected(w, start + i * width + k * dir))
            return false;
    return true;
}

static int axis_alloc(struct pc_axis *a, int nplane, int nper, struct pc_err *err)
{
    a->nplane = nplane;
    a->nper = nper;
    a->freq_hz = pc_mem_new0(nplane, sizeof(double), "spectral axis", err);
    a->width_hz = a->freq_hz ? pc_mem_new0(nplane, sizeof(double), "spectral axis", err) : NULL;
    a->wanted = a->width_hz ? pc_mem_new0(nplane, sizeof(int), "spectral axis", err) : NULL;
    a->chan_hz = a->wanted ? pc_mem_new0((int64_t)nplane * nper, sizeof(double), "spectral axis", err) : NULL;
    return a->chan_hz ? 0 : -1;
}

/* The signed spacing of the window's channels; MSs exist whose CHAN_WIDTH is positive while CHAN_FREQ
 * descends. */
static double spacing(const struct pc_ms_window *w)
{
    if (w->nchan > 1)
        return (w->freq_hz[w->nchan - 1] - w->freq_hz[0]) / (w->nchan - 1);
    return w->width_hz[0];
}

/* Evenly spaced (as nearly all axes are), so that every plane may carry the same width. */
static bool is_regular(const struct pc_ms_window *w)
{
    const double step = spacing(w);
    for (int i = 1; i < w->nchan; i++)
        if (!(fabs(w->freq_hz[i] - w->freq_hz[i - 1] - step) <= 1e-3 * fabs(step)))
            return false;
    return true;
}

static void fill_cube(struct pc_axis *a, const struct pc_ms_window *w, int64_t start, int64_t width)
{
    const int dir = width < 0 ? -1 : 1;
    const double step = spacing(w);
    const bool regular = is_regular(w);
    a->step_hz = step * (double)width;
    for (int i = 0; i < a->nplane; i++) {
        double sum = 0, total = 0;
        for (int k = 0; k < a->nper; k++) {
            const int64_t c = start + i * width + k * dir;
            a->chan_hz[(int64_t)i * a->nper + k] = w->freq_hz[c];
            sum += w->freq_hz[c];
            total += fabs(w->width_hz[c]);
        }
        a->freq_hz[i] = sum / a->nper;
        a->width_hz[i] = regular ? a->step_hz : copysign(total, a->step_hz);
    }
}

static int init_cube(struct pc_axis *a, const struct pc_axis_ask *ask, const struct pc_ms_window *w,
                     struct pc_err *err)
{
    int64_t start, width, nchan = ask->nchan;
    if (parse_channel("width", ask->width, 1, &width, w->nchan, err))
        return -1;
    if (width == 0 || llabs(width) > w->nchan)
        return pc_err_set(err, PC_EX_USAGE, "--width %s: the spectral window has %d channels", ask->width,
                          w->nchan);
    if (w->nsel == 0)
        return pc_err_set(err, PC_EX_NOINPUT, "%s: --spw leaves no channel of spectral window %d", w->info.ms,
                          w->spw_id);
    if (w->sel[w->nsel - 1] - w->sel[0] + 1 != w->nsel)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--spw leaves %d of the channels %d to %d of spectral window %d: a cube needs all between first "
            "and last; leave planes out with --channels",
            w->nsel, w->sel[0], w->sel[w->nsel - 1], w->spw_id);
    if (parse_channel("start", ask->start, width < 0 ? w->sel[w->nsel - 1] : w->sel[0], &start, w->nchan,
                      err))
        return -1;
    if (!is_selected(w, start))
        return pc_err_set(
            err, PC_EX_USAGE,
            "--start %lld: spectral window %d has channels 0 to %d, of which --spw leaves %d to %d",
            (long long)start, w->spw_id, w->nchan - 1, w->sel[0], w->sel[w->nsel - 1]);
    int64_t have = 0;
    while (plane_exists(w, start, width, have))
        have++;
    if (nchan == 0 || nchan > have || have == 0)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--nchan %lld from --start %lld by --width %lld: spectral window %d has %lld such channels "
            "(its own are 0 to %d)",
            (long long)nchan, (long long)start, (long long)width, w->spw_id, (long long)have, w->nchan - 1);
    if (axis_alloc(a, (int)(nchan < 0 ? have : nchan), (int)llabs(width), err))
        return -1;
    fill_cube(a, w, start, width);
    const double lo = fmin(a->freq_hz[0], a->freq_hz[a->nplane - 1]),
                 hi = fmax(a->freq_hz[0], a->freq_hz[a->nplane - 1]);
    a->fracbw = 2 * (hi - lo) / (hi + lo);
    return 0;
}

static int init_mfs(struct pc_axis *a, const struct pc_axis_ask *ask, const struct pc_ms_window *const *w,
                    int n, struct pc_err *err)
{
    if ((ask->nchan != -1 && ask->nchan != 1) || (ask->start && *ask->start) || (ask->width && *ask->width))
        return pc_err_set(err, PC_EX_USAGE,
                          "--nchan, --start and --width are for cubes; --specmode mfs makes one plane of "
                          "all selected channels (choose them with --spw)");
    if (axis_alloc(a, 1, 1, err))
        return -1;
    double lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < w[i]->nsel; k++) {
            const double f = w[i]->freq_hz[w[i]->sel[k]], half = fabs(w[i]->width_hz[w[i]->sel[k]]) / 2;
            lo = fmin(lo, f - half);
            hi = fmax(hi, f + half);
        }
    if (!(lo <= hi))
        return pc_err_set(err, PC_EX_NOINPUT, "%s: --spw leaves no channel", w[0]->info.ms);
    a->freq_hz[0] = (lo + hi) / 2;
    a->width_hz[0] = a->step_hz = hi - lo;
    a->fracbw = 2 * (hi - lo) / (hi + lo);
    return 0;
}

static int set_wanted(struct pc_axis *a, const char *channels, struct pc_err *err)
{
    bool *flag = pc_mem_new0(a->nplane, sizeof *flag, "channel list", err);
    if (!flag)
        return -1;
    const bool all = !channels || !*channels;
    int status = all ? 0 : pc_axis_parse_channels(channels, a->nplane, flag, err);
    for (int i = 0; status == 0 && i < a->nplane; i++)
        if (all || flag[i])
            a->wanted[a->nwanted++] = i;
    pc_mem_free(flag);
    return status;
}

int pc_axis_init(struct pc_axis *axis, const struct pc_axis_ask *ask,
                 const struct pc_ms_window *const *windows, int n, struct pc_err *err)
{
    *axis = (struct pc_axis){.specmode = ask->specmode};
    if (check_frames(ask, windows, n, err))
        return -1;
    for (int i = 1; ask->specmode != PC_SPECMODE_MFS && i < n; i++)
        if (strcmp(windows[i]->info.ms, windows[0]->info.ms) == 0 && windows[i]->spw_id != windows[0]->spw_id)
            return pc_err_set(
                err, PC_EX_USAGE,
                "%s: spectral windows %d and %d are both selected; a cube can be made of one only, yet: "
                "choose it with --spw, or take --specmode mfs",
                windows[0]->info.ms, windows[0]->spw_id, windows[i]->spw_id);
    const int made = ask->specmode == PC_SPECMODE_MFS ? init_mfs(axis, ask, windows, n, err)
                                                      : init_cube(axis, ask, windows[0], err);
    if (made || set_wanted(axis, ask->channels, err)) {
        pc_axis_fini(axis);
        return -1;
    }
    axis->restfreq_hz = ask->restfreq_hz > 0 ? ask->restfreq_hz : windows[0]->info.restfreq_hz;
    memcpy(axis->frame, windows[0]->info.specsys, sizeof axis->frame);
    return 0;
}

void pc_axis_fini(struct pc_axis *axis)
{
    pc_mem_free(axis->freq_hz);
    pc_mem_free(axis->width_hz);
    pc_mem_free(axis->wanted);
    pc_mem_free(axis->chan_hz);
    *axis = (struct pc_axis){0};
}

static int find_channel(const struct pc_ms_window *w, double freq_hz)
{
    for (int k = 0; k < w->nsel; k++)
        if (fabs(w->freq_hz[w->sel[k]] - freq_hz) <= 1e-3 * fabs(w->width_hz[w->sel[k]]))
            return w->sel[k];
    return -1;
}

int pc_axis_map(const struct pc_axis *axis, const struct pc_ms_window *w, int **chan, int *nper,
                struct pc_err *err)
{
    const bool mfs = axis->specmode == PC_SPECMODE_MFS;
    *nper = mfs ? w->nsel : axis->nper;
    const int64_t n = (int64_t)axis->nplane * *nper;
    *chan = pc_mem_new(n > 0 ? n : 1, sizeof(int), "channel map", err);
    if (!*chan)
        return -1;
    for (int64_t i = 0; i < n; i++) {
        (*chan)[i] = mfs ? w->sel[i] : find_channel(w, axis->chan_hz[i]);
        if ((*chan)[i] >= 0)
            continue;
        pc_mem_free(*chan);
        *chan = NULL;
        return pc_err_set(
            err, PC_EX_USAGE,
            "%s: spectral window %d has no channel at %.9g GHz, which the cube has: its axis is that of "
            "the first MeasurementSet, and regridding is not there yet",
            w->info.ms, w->spw_id, axis->chan_hz[i] / 1e9);
    }
    return 0;
}

int pc_axis_cube_record(const struct pc_axis *a, struct pc_record *cube, struct pc_err *err)
{
    if (pc_record_setf(cube, err, "nchan", "%d", a->nplane) ||
        pc_record_set(cube, "specmode", mode_name[a->specmode], err) ||
        pc_record_set(cube, "frame", a->frame, err) ||
        pc_record_set_double(cube, "restfreq_hz", a->restfreq_hz, err) ||
        pc_record_set_double(cube, "width_hz", a->step_hz, err) ||
        pc_record_set_double(cube, "fracbw", a->fracbw, err))
        return -1;
    for (int i = 0; i < a->nplane; i++) {
        char value[40];
        if (pc_record_append(cube, "freq_hz", pc_text_double(value, a->freq_hz[i]), err))
            return -1;
    }
    return 0;
}

int pc_axis_plane_record(const struct pc_axis *a, int plane, struct pc_record *r, struct pc_err *err)
{
    if (pc_record_setf(r, err, "index", "%d", plane) ||
        pc_record_set_double(r, "freq_hz", a->freq_hz[plane], err) ||
        pc_record_set_double(r, "width_hz", a->width_hz[plane], err) ||
        pc_record_set(r, "frame", a->frame, err) ||
        pc_record_set_double(r, "restfreq_hz", a->restfreq_hz, err))
        return -1;
    return 0;
}

int pc_axis_parse_channels(const char *s, int n, bool *flag, struct pc_err *err)
{
    for (const char *p = s; *p;) {
        char *end;
        const long lo = strtol(p, &end, 10);
        bool good = end > p && *p >= '0' && *p <= '9';
        long hi = lo;
        if (good && *end == '~') {
            p = end + 1;
            hi = strtol(p, &end, 10);
            good = end > p && *p >= '0' && *p <= '9';
        }
        if (good && *end == ',' && end[1])
            end++;
        else if (*end)
            good = false;
        if (!good)
            return pc_err_set(err, PC_EX_USAGE,
                              "--channels %s: write numbers and ranges as in 42 or 0~9 or 3,7", s);
        if (lo > hi || hi >= n)
            return pc_err_set(err, PC_EX_USAGE, "--channels %s: %ld~%ld is not within the axis, 0 to %d", s,
                              lo, hi, n - 1);
        for (long i = lo; i <= hi; i++)
            flag[i] = true;
        p = end;
    }
    return 0;
}
