/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/cycle_plane.h"

#include "image/stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double peak_of(const struct pc_stats *s)
{
    return s->n ? fmax(fabs((double)s->min), fabs((double)s->max)) : 0;
}

void pc_cycle_stokes(const struct pc_clean_planes *p, int first, int n, char out[PC_CYCLE_STOKES])
{
    size_t len = 0;
    *out = '\0';
    for (int k = first; k < first + n && p->stokes; k++) {
        const char *name = pc_stokes_name(p->stokes[k]);
        snprintf(out + len, PC_CYCLE_STOKES - len, "%s", name ? name : "?");
        len = strlen(out);
    }
}

void pc_cycle_plane_begin(const struct pc_clean_planes *p, int pol, double nsigma_jy,
                          struct pc_cycle_plane *out)
{
    const int64_t n = (int64_t)p->nx * p->ny;
    const float *residual = p->residual + pol * n;
    struct pc_stats all, in;
    pc_stats_basic(residual, NULL, n, &all);
    in = all;
    if (p->mask)
        pc_stats_basic(residual, p->mask + pol * n, n, &in);
    *out = (struct pc_cycle_plane){.startpeak_jy = peak_of(&in),
                                   .startpeak_nomask_jy = peak_of(&all),
                                   .rms_jy = all.rms,
                                   .nsigma_jy = nsigma_jy,
                                   .masksum = in.n};
    pc_cycle_stokes(p, pol, 1, out->stokes);
}

void pc_cycle_plane_end(const struct pc_minor_out *minor, struct pc_cycle_plane *out)
{
    out->iterdone = minor->iterdone;
    out->peakres_jy = minor->peakres_jy;
    out->peakres_nomask_jy = minor->peakres_nomask_jy;
    out->modelflux_jy = minor->modelflux_jy;
    out->stop = minor->stop;
}
