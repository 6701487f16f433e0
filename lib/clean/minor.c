/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/minor.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const struct pc_deconvolver *pc_deconvolver_find(const char *name)
{
    static const struct pc_deconvolver *const known[] = {&pc_hogbom,     &pc_clark, &pc_clarkstokes,
                                                         &pc_multiscale, &pc_asp,   NULL};
    for (const struct pc_deconvolver *const *d = known; *d; d++)
        if (!strcmp((*d)->name, name))
            return *d;
    return NULL;
}

int64_t pc_minor_step(int64_t cycleniter)
{
    return cycleniter < 5000 ? cycleniter : 2000;
}

enum pc_minor_stop pc_minor_why(const struct pc_minor_in *in, int64_t iterdone, float peak, float lowest)
{
    if (!(peak <= 1.1f * lowest))
        return PC_MINOR_DIVERGING;
    if (peak <= (float)in->threshold_jy)
        return PC_MINOR_THRESHOLD;
    if (iterdone >= in->cycleniter)
        return iterdone ? PC_MINOR_CYCLENITER : PC_MINOR_ZERO_ITER;
    return PC_MINOR_NONE;
}

/* Which of two planes' reasons to stop tells more about the channel. */
static int stop_rank(enum pc_minor_stop stop)
{
    static const enum pc_minor_stop order[] = {PC_MINOR_SKIPPED,   PC_MINOR_NONE,   PC_MINOR_ZERO_ITER,
                                               PC_MINOR_THRESHOLD, PC_MINOR_NSIGMA, PC_MINOR_CYCLENITER,
                                               PC_MINOR_DIVERGING};
    int rank = 0;
    while (order[rank] != stop)
        rank++;
    return rank;
}

void pc_minor_merge(struct pc_minor_out *total, const struct pc_minor_out *plane)
{
    total->iterdone += plane->iterdone;
    total->modelflux_jy += plane->modelflux_jy;
    total->peakres_jy = fmax(total->peakres_jy, plane->peakres_jy);
    /* NaN wins here: one plane that is not known leaves the whole unknown */
    if (!(plane->peakres_nomask_jy <= total->peakres_nomask_jy))
        total->peakres_nomask_jy = isnan(total->peakres_nomask_jy) ? NAN : plane->peakres_nomask_jy;
    if (stop_rank(plane->stop) > stop_rank(total->stop))
        total->stop = plane->stop;
}

int pc_minor_check_psf(const struct pc_minor_in *in, struct pc_err *err)
{
    int64_t npix = (int64_t)in->nx * in->ny, centre = (int64_t)(in->ny / 2) * in->nx + in->nx / 2;
    for (int k = 0; k < in->npol; k++) {
        const float *psf = in->psf + k * npix;
        float sum = 0; /* not finite when any value is not */
        for (int64_t i = 0; i < npix; i++)
            sum += psf[i] * 0;
        if (sum != 0)
            return pc_err_set(err, PC_EX_DATA, "psf has values that are not finite");
        if (!(psf[centre] > 0))
            return pc_err_set(err, PC_EX_DATA,
                              "psf is %g at its centre (%d, %d), where its peak of 1 belongs",
                              (double)psf[centre], in->nx / 2, in->ny / 2);
    }
    return 0;
}

int pc_minor_check(const struct pc_minor_in *in, struct pc_err *err)
{
    if (!(in->gain > 0 && in->gain <= 1))
        return pc_err_set(err, PC_EX_USAGE, "gain is %g; it must be above 0 and at most 1", in->gain);
    return pc_minor_check_psf(in, err);
}
