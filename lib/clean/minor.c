/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/minor.h"

#include "base/clones.h"

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

struct pc_psf_window pc_minor_window(const struct pc_minor_in *in)
{
    const struct pc_psf_window all = {in->nx, in->ny, in->nx / 2, in->ny / 2};
    return in->window.nx ? in->window : all;
}

const float *pc_minor_psf(const struct pc_minor_in *in, int k)
{
    const struct pc_psf_window w = pc_minor_window(in);
    return in->psf + (int64_t)k * w.nx * w.ny;
}

PC_CLONES static bool any_set(const float *v, int64_t n)
{
    uint32_t seen = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t b;
        memcpy(&b, v + i, sizeof b);
        seen |= b << 1; /* -0 is none */
    }
    return seen != 0;
}

PC_CLONES static bool any_infinite(const float *v, int64_t n)
{
    const uint32_t exponent = 0x7f800000u;
    uint32_t seen = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t b;
        memcpy(&b, v + i, sizeof b);
        seen |= (b & exponent) == exponent;
    }
    return seen != 0;
}

double pc_minor_flux(const float *model, int64_t npix)
{
    enum { BLOCK = 4096 };
    double sum = 0;
    for (int64_t i = 0; i < npix; i += BLOCK) {
        int64_t n = npix - i < BLOCK ? npix - i : BLOCK;
        if (any_set(model + i, n))
            for (int64_t k = i; k < i + n; k++)
                sum += (double)model[k];
    }
    return sum;
}

int pc_minor_check_psf(const struct pc_minor_in *in, struct pc_err *err)
{
    const struct pc_psf_window w = pc_minor_window(in);
    for (int k = 0; k < in->npol; k++) {
        const float *psf = pc_minor_psf(in, k);
        const float peak = psf[(int64_t)w.y * w.nx + w.x];
        if (any_infinite(psf, (int64_t)w.nx * w.ny))
            return pc_err_set(err, PC_EX_DATA, "psf has values that are not finite");
        if (!(peak > 0))
            return pc_err_set(err, PC_EX_DATA,
                              "psf is %g at its centre (%d, %d), where its peak of 1 belongs", (double)peak,
                              w.x, w.y);
    }
    return 0;
}

int pc_minor_check(const struct pc_minor_in *in, struct pc_err *err)
{
    if (!(in->gain > 0 && in->gain <= 1))
        return pc_err_set(err, PC_EX_USAGE, "gain is %g; it must be above 0 and at most 1", in->gain);
    return pc_minor_check_psf(in, err);
}
