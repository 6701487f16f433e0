/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/axis_impl.h"
#include "casa/frame.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const mode_name[] = {"cube", "cubedata", "cubesource", "mfs"};

int pc_axis_frame(const struct pc_axis_ask *ask, const char **specsys, struct pc_err *err)
{
    const bool asked = ask->outframe && *ask->outframe;
    *specsys = asked ? pc_frame_specsys(ask->outframe) : "LSRK";
    if (!*specsys)
        return pc_err_set(err, PC_EX_USAGE, "--outframe %s: there is no such frame; there are %s",
                          ask->outframe, pc_frame_names);
    if (ask->specmode == PC_SPECMODE_CUBEDATA && asked)
        return pc_err_set(err, PC_EX_USAGE,
                          "--outframe %s: a cube of --specmode cubedata stays in the frame of the data; "
                          "--specmode cube has others",
                          ask->outframe);
    if (ask->specmode == PC_SPECMODE_CUBEDATA)
        *specsys = NULL;
    if (ask->specmode == PC_SPECMODE_CUBESOURCE && asked && strcmp(*specsys, "SOURCE") != 0)
        return pc_err_set(err, PC_EX_USAGE,
                          "--outframe %s: the frame of --specmode cubesource is that of the source, REST",
                          ask->outframe);
    if (ask->specmode == PC_SPECMODE_CUBESOURCE)
        *specsys = "SOURCE";
    return 0;
}

static int check_frames(const struct pc_ms_window *const *w, int n, struct pc_err *err)
{
    const char *frame = w[0]->info.specsys;
    for (int i = 1; i < n; i++)
        if (strcmp(frame, w[i]->info.specsys) != 0)
            return pc_err_set(
                err, PC_EX_USAGE,
                "%s spectral window %d is in %s, %s spectral window %d in %s: one cube has one frame; choose "
                "with --spw, or take --specmode cube, which converts",
                w[0]->info.ms, w[0]->spw_id, frame, w[i]->info.ms, w[i]->spw_id, w[i]->info.specsys);
    return 0;
}

int pc_axis_alloc(struct pc_axis *a, int64_t nplane, struct pc_err *err)
{
    if (nplane > 100000) /* five digits name a channel */
        return pc_err_set(err, PC_EX_USAGE,
                          "the axis would have %lld planes, 100000 is the most: see --nchan and --width",
                          (long long)nplane);
    a->nplane = (int)nplane;
    a->freq_hz = pc_mem_new0(nplane, sizeof(double), "spectral axis", err);
    a->width_hz = a->freq_hz ? pc_mem_new0(nplane, sizeof(double), "spectral axis", err) : NULL;
    a->wanted = a->width_hz ? pc_mem_new0(nplane, sizeof(int), "spectral axis", err) : NULL;
    return a->wanted ? 0 : -1;
}

double pc_axis_spacing(const struct pc_ms_window *w)
{
    if (w->nchan > 1)
        return (w->freq_hz[w->nchan - 1] - w->freq_hz[0]) / (w->nchan - 1);
    return w->width_hz[0];
}

double pc_axis_edge(const struct pc_axis *a, int plane)
{
    if (plane <= 0)
        return a->freq_hz[0] - a->width_hz[0] / 2;
    if (plane >= a->nplane)
        return a->freq_hz[a->nplane - 1] + a->width_hz[a->nplane - 1] / 2;
    return (a->freq_hz[plane - 1] + a->freq_hz[plane]) / 2;
}

/* The lowest and highest edge of the selected channels at any time. */
static void reach(const struct pc_ms_window *w, double *lo, double *hi)
{
    double least = INFINITY, most = 0;
    for (int e = 0; e < w->nepoch; e++) {
        least = fmin(least, w->epoch[e].factor);
        most = fmax(most, w->epoch[e].factor);
    }
    for (int k = 0; k < w->nsel; k++) {
        const double f = w->freq_hz[w->sel[k]], half = fabs(w->width_hz[w->sel[k]]) / 2;
        *lo = fmin(*lo, (f - half) * least);
        *hi = fmax(*hi, (f + half) * most);
    }
}

static int fill_mfs(struct pc_axis *a, const struct pc_axis_ask *ask, const struct pc_ms_window *const *w,
                    int n, struct pc_err *err)
{
    if ((ask->nchan != -1 && ask->nchan != 1) || (ask->start && *ask->start) || (ask->width && *ask->width))
        return pc_err_set(err, PC_EX_USAGE,
                          "--nchan, --start and --width are for cubes; --specmode mfs makes one plane of "
                          "all selected channels (choose them with --spw)");
    if (pc_axis_alloc(a, 1, err))
        return -1;
    double lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < n; i++)
        reach(w[i], &lo, &hi);
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
    const bool mfs = ask->specmode == PC_SPECMODE_MFS;
    *axis = (struct pc_axis){
        .specmode = ask->specmode, .interpolation = ask->interpolation, .veltype = ask->veltype};
    if (check_frames(windows, n, err))
        return -1;
    axis->restfreq_hz = ask->restfreq_hz > 0 ? ask->restfreq_hz : windows[0]->info.restfreq_hz;
    memcpy(axis->frame, windows[0]->info.specsys, sizeof axis->frame);
    const int made =
        mfs ? fill_mfs(axis, ask, windows, n, err) : pc_axis_fill_cube(axis, ask, windows, n, err);
    for (int i = 0; i < n; i++)
        axis->chan_hz = fmax(axis->chan_hz, fabs(pc_axis_spacing(windows[i])) * windows[i]->epoch[0].factor);
    if (made == 0 && set_wanted(axis, ask->channels, err) == 0)
        return 0;
    pc_axis_fini(axis);
    return -1;
}

void pc_axis_fini(struct pc_axis *axis)
{
    pc_mem_free(axis->freq_hz);
    pc_mem_free(axis->width_hz);
    pc_mem_free(axis->wanted);
    *axis = (struct pc_axis){0};
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
