/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hogbom 1974, A&AS 15, 417, as CASA does it (spec/casa-imaging.md section 6): in single precision, the peak
 * the first in scan order, exactly as many components as are reported. */
#include "clean/active.h"
#include "clean/components.h"

#include <math.h>
#include <stddef.h>

/* A peak this far above the lowest at the end of a step is divergence, by CASA's rule. The other limit is
 * ours, of the lowest peak after any component: what is that far off does not come back, and a step is long.
 * It does not count at FLOOR of the first peak, where rounding is left. */
static const float DIVERGED = 1.1f, RUNAWAY = 4, FLOOR = 1e-3f;

/* Components until the threshold, the limit or divergence; the last peak found is left in out->peakres_jy. */
static int iterate(const struct pc_minor_in *in, struct pc_active *a, const struct pc_psf *psf, float *model,
                   struct pc_components *list, struct pc_minor_out *out, struct pc_err *err)
{
    const float threshold = (float)in->threshold_jy, gain = (float)in->gain;
    const int64_t step = pc_minor_step(in->cycleniter);
    int64_t at;
    float peak = pc_active_peak(a, &at), lowest = peak, least = peak;
    const float floor = FLOOR * peak;
    bool ran_away = false;
    while (out->iterdone < in->cycleniter && !(peak < threshold)) {
        float flux = gain * a->pix[at];
        model[at] += flux;
        if (pc_active_subtract(a, psf, at, flux, err) ||
            (in->whole_plane && pc_components_add(list, at, flux, err)))
            return -1;
        peak = pc_active_peak(a, &at);
        out->iterdone++;
        least = fminf(least, peak);
        ran_away = peak > RUNAWAY * fmaxf(least, floor);
        if (ran_away)
            break;
        if (out->iterdone % step == 0 || out->iterdone == in->cycleniter) {
            if (!(peak <= DIVERGED * lowest))
                break;
            lowest = fminf(lowest, peak);
        }
    }
    out->peakres_jy = peak;
    if (peak <= threshold)
        out->stop = PC_MINOR_THRESHOLD;
    else if (ran_away || !(peak <= DIVERGED * lowest))
        out->stop = PC_MINOR_DIVERGING;
    else
        out->stop = out->iterdone ? PC_MINOR_CYCLENITER : PC_MINOR_ZERO_ITER;
    return 0;
}

static int hogbom_plane(const struct pc_minor_in *in, int pol, struct pc_minor_out *out, struct pc_err *err)
{
    const int64_t npix = (int64_t)in->nx * in->ny, first = pol * npix;
    const struct pc_psf_window w = pc_minor_window(in);
    const unsigned char *mask = in->mask ? in->mask + first : NULL;
    struct pc_components list = {0};
    struct pc_active a = {0};
    struct pc_psf psf;
    double outside = 0;
    int rc = -1;
    *out = (struct pc_minor_out){0};
    if (pc_psf_init(&psf, pc_minor_psf(in, pol), w.nx, w.ny, w.x, w.y, err))
        return -1;
    if (pc_active_init(&a, in->residual + first, mask, true, in->nx, in->ny, err) ||
        (a.npix && iterate(in, &a, &psf, in->model + first, &list, out, err)))
        goto done;
    if (!in->peak_only)
        pc_active_flush(&a);
    if (pc_components_subtract_outside(&list, in, in->residual + first, &psf, mask, &outside, err))
        goto done;
    out->peakres_nomask_jy = isnan(outside) ? NAN : fmax(out->peakres_jy, outside);
    out->modelflux_jy = pc_minor_flux(in->model + first, npix);
    rc = 0;
done:
    pc_active_fini(&a);
    pc_psf_fini(&psf);
    pc_components_fini(&list);
    return rc;
}

static int hogbom_minor(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err)
{
    *out = (struct pc_minor_out){0};
    if (pc_minor_check_psf(in, err))
        return -1;
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_out plane;
        if (hogbom_plane(in, pol, &plane, err))
            return -1;
        pc_minor_merge(out, &plane);
    }
    return 0;
}

/* Runs as of a mask of whole rows: other shapes need more, a few percent of a plane in practice. */
static int64_t hogbom_mem_byte(int nx, int ny, int npol, int nscale)
{
    (void)npol, (void)nscale; /* one plane at a time */
    return (2 * (int64_t)sizeof(struct pc_run) + (int64_t)sizeof(int32_t)) * ny * (nx / PC_TILE_NX + 1);
}

const struct pc_deconvolver pc_hogbom = {.name = "hogbom",
                                         .mem_byte = hogbom_mem_byte,
                                         .minor = hogbom_minor,
                                         .is_local = true,
                                         .needs_part_of_psf = true};
