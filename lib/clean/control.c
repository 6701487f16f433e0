/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/control.h"

#include "clean/minor.h"

#include <math.h>

const char *pc_stop_words(int stop)
{
    static const char *const words[] = {"no data",
                                        "not stopped",
                                        "iteration limit",
                                        "threshold reached",
                                        "forced by user",
                                        "no change in peak",
                                        "diverged in a major cycle",
                                        "diverged from the lowest peak",
                                        "zero mask",
                                        "n-sigma level reached",
                                        "nmajor reached"};
    return stop < PC_STOP_NO_DATA || stop > PC_STOP_NMAJOR ? "unknown" : words[stop + 1];
}

/* At the level, or within 1 % of it. */
static bool reached(float peak, float level)
{
    return peak <= level || fabsf(peak - level) / level < 0.01f;
}

/* How far the peak rose, relative to an earlier one. */
static float rise(float peak, float before)
{
    return before > 0 ? (peak - before) / before : 0;
}

/* How far is too far: CASA's limit; the one of its minor cycles when the last of these diverged, as the next
 * one would. */
static float most_rise(const struct pc_state *state)
{
    return state->cycle[state->ncycle - 1].stop == PC_MINOR_DIVERGING ? 0.1f : 3;
}

/* The last minor cycle had nothing to do because a cube's cyclethreshold was above its peak, and now may
 * have. */
static bool was_waiting(const struct pc_control_conf *conf, const struct pc_state *state)
{
    return state->cycle[state->ncycle - 1].iterdone == 0 && conf->cyclethreshold_jy >= 0 &&
           (float)conf->cyclethreshold_jy < (float)state->cyclethreshold_jy;
}

/* Codes 4 to 6 look for a trend: they need a minor cycle, and the residual before it. The later rule wins. */
static enum pc_stop trend(const struct pc_control_conf *conf, const struct pc_state *state,
                          const struct pc_control_in *in)
{
    enum pc_stop stop = PC_STOP_NOT;
    if (state->ncycle == 0 || state->peak_prev_jy < 0)
        return stop;
    if (fabsf((float)state->peakres_jy - (float)in->peak_jy) < 1e-10f && !was_waiting(conf, state))
        stop = PC_STOP_NO_CHANGE;
    if (rise((float)in->peak_nomask_jy, (float)state->peak_prev_jy) > most_rise(state))
        stop = PC_STOP_DIVERGING;
    if (rise((float)in->peak_nomask_jy, (float)state->peak_min_jy) > most_rise(state))
        stop = PC_STOP_DIVERGED;
    return stop;
}

enum pc_stop pc_control_stop(const struct pc_control_conf *conf, const struct pc_state *state,
                             const struct pc_control_in *in)
{
    float peak = (float)in->peak_jy;
    bool at_niter = state->iterdone >= conf->niter;
    bool at_threshold = reached(peak, (float)conf->threshold_jy);
    bool at_nsigma = reached(peak, (float)in->nsigma_jy);
    enum pc_stop stop = PC_STOP_NOT;
    if (state->iterdone == 0 && state->nmajor <= 1 && in->masksum == 0)
        return PC_STOP_ZERO_MASK;
    if (at_niter || at_threshold || at_nsigma || conf->forced) {
        stop = PC_STOP_NITER;
        if (at_threshold)
            stop = PC_STOP_THRESHOLD;
        else if (at_nsigma && in->nsigma_jy > 0)
            stop = PC_STOP_NSIGMA;
        if (conf->forced)
            stop = PC_STOP_FORCED;
    } else {
        stop = in->masksum == 0 ? PC_STOP_ZERO_MASK : trend(conf, state, in);
    }
    /* nmajor does not count the first residual, which state->nmajor does */
    if (stop == PC_STOP_NOT && conf->nmajor >= 0 && state->nmajor > conf->nmajor)
        stop = PC_STOP_NMAJOR;
    return stop;
}

bool pc_control_note(struct pc_state *state, const struct pc_control_in *in)
{
    bool lowest = state->peak_min_jy < 0 || in->peak_nomask_jy < state->peak_min_jy;
    state->peakres_jy = in->peak_jy;
    state->peak_prev_jy = in->peak_nomask_jy;
    if (lowest)
        state->peak_min_jy = in->peak_nomask_jy;
    return lowest;
}

double pc_control_cyclethreshold(const struct pc_control_conf *conf, double peak_jy, double sidelobe)
{
    float fraction = (float)sidelobe * (float)conf->cyclefactor;
    fraction = fmaxf(fraction, (float)conf->minpsffraction);
    fraction = fminf(fraction, (float)conf->maxpsffraction);
    if (conf->cyclethreshold_jy >= 0)
        return fmaxf((float)conf->cyclethreshold_jy, (float)conf->threshold_jy);
    return fmaxf((float)peak_jy * fraction, (float)conf->threshold_jy);
}

int64_t pc_control_cycleniter(const struct pc_control_conf *conf, int64_t iterdone)
{
    int64_t cycle = conf->cycleniter < 0 || conf->cycleniter > conf->niter ? conf->niter : conf->cycleniter;
    int64_t left = conf->niter - iterdone;
    return left < 0 ? 0 : cycle < left ? cycle : left;
}
