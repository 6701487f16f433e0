/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/cycle_plane.h"

#include <stdio.h>
#include <string.h>

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

void pc_cycle_plane_begin(const struct pc_clean_planes *p, const struct pc_clean_result *test, int pol,
                          struct pc_cycle_plane *out)
{
    const struct pc_clean_plane *seen = &test->plane[pol];
    *out = (struct pc_cycle_plane){.startpeak_jy = seen->peak_jy,
                                   .startpeak_nomask_jy = seen->peak_nomask_jy,
                                   .rms_jy = seen->rms_jy,
                                   .nsigma_jy = test->plane_nsigma_jy[pol],
                                   .masksum = seen->masksum};
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
