/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiscale CLEAN as CASA does it (spec/casa-imaging.md section 6). Each iteration looks for the largest
 * |residual (x) scale| of every scale, takes the scale with the largest r^2 / P * bias, and subtracts
 * gain * r / P of it. Settled against CASA's runs:
 * - an iteration is a look for a peak: the one that finds its component below the threshold, or half as large
 *   again as the first (divergence), counts, though it adds nothing;
 * - the peak that is reported is the residual's within the mask, after model (x) psf (periodic) is
 * subtracted; so a cycle that ended below the threshold on a large scale may report a higher peak, and "no
 * reason". */
#include "base/mem.h"
#include "clean/active.h"
#include "clean/scales.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

struct multiscale {
    const struct pc_minor_in *in;
    struct pc_scales scales;
    struct pc_active active[PC_SCALES_MAX];          /* where each scale may lie */
    struct pc_psf psf[PC_SCALES_MAX][PC_SCALES_MAX]; /* scales.psf[i][j], j >= i, with its bounds */
    float bias[PC_SCALES_MAX];
    float *model;
};

/* A component: a scale, its place and its strength. */
struct found {
    int scale;
    int64_t at;
    float strength;
};

/* In the order of CASA's single-precision operations; strength 0 when there is nothing. */
static struct found look(struct multiscale *m)
{
    struct found best = {0};
    float most = 0;
    for (int i = 0; i < m->scales.n; i++) {
        int64_t at;
        float peak = pc_active_peak(&m->active[i], &at);
        if (at < 0)
            continue;
        float r = m->scales.residual[i][at], merit = r / m->scales.peak[i] * m->bias[i] * r;
        if (peak > 0 && fabsf(merit) > most) {
            most = fabsf(merit);
            best = (struct found){i, at, merit / m->bias[i] / r};
        }
    }
    return best;
}

static int take(struct multiscale *m, const struct found *f, struct pc_err *err)
{
    const float flux = (float)m->in->gain * f->strength;
    pc_scales_add(&m->scales, f->scale, m->model, f->at, flux);
    for (int i = 0; i < m->scales.n; i++) {
        int lo = i < f->scale ? i : f->scale, hi = i < f->scale ? f->scale : i;
        if (pc_active_subtract(&m->active[i], &m->psf[lo][hi], f->at, flux, err))
            return -1;
    }
    return 0;
}

/* One call of the algorithm: iterations until the threshold, divergence or the most it may; *n is how many.
 */
static int call(struct multiscale *m, int64_t most, int64_t *n, struct pc_err *err)
{
    const float threshold = (float)m->in->threshold_jy;
    float first = 0;
    for (*n = 1; *n <= most; ++*n) {
        struct found f = look(m);
        float strength = fabsf(f.strength);
        if (*n == 1)
            first = strength;
        if (strength == 0 || strength < threshold || strength > 1.5f * first)
            return 0;
        if (take(m, &f, err))
            return -1;
    }
    *n = most;
    return 0;
}

static float peak_within(const float *pix, const unsigned char *mask, int64_t n)
{
    float peak = 0;
    for (int64_t i = 0; i < n; i++)
        if (!mask || mask[i])
            peak = fmaxf(peak, fabsf(pix[i])); /* a NaN loses */
    return peak;
}

/* Calls until there is a reason to stop; the residual is brought up to date after each. before: a plane. */
static int iterate(struct multiscale *m, float *residual, const float *psf, const unsigned char *mask,
                   float *before, struct pc_minor_out *out, struct pc_err *err)
{
    const int64_t npix = (int64_t)m->in->nx * m->in->ny;
    float peak = peak_within(residual, mask, npix), lowest = peak;
    out->stop = pc_minor_why(m->in, 0, peak, lowest);
    while (out->stop == PC_MINOR_NONE) {
        int64_t most = pc_minor_step(m->in->cycleniter);
        if (most > m->in->cycleniter - out->iterdone)
            most = m->in->cycleniter - out->iterdone;
        memcpy(before, m->model, (size_t)npix * sizeof *before);
        int64_t n;
        if (call(m, most, &n, err))
            return -1;
        for (int64_t i = 0; i < npix; i++)
            before[i] = m->model[i] - before[i];
        if (pc_scales_subtract(&m->scales, residual, psf, before, err))
            return -1;
        peak = peak_within(residual, mask, npix);
        out->iterdone += n;
        out->stop = pc_minor_why(m->in, out->iterdone, peak, lowest);
        if (n < most)
            break;
        lowest = fminf(lowest, peak);
    }
    out->peakres_jy = peak;
    return 0;
}

static int multiscale_init(struct multiscale *m, int pol, struct pc_err *err)
{
    const struct pc_minor_options *o = &m->in->options;
    const int nx = m->in->nx, ny = m->in->ny;
    if (pc_scales_init(&m->scales, m->in, pol, err))
        return -1;
    for (int i = 0; i < m->scales.n; i++) {
        double largest = m->scales.size_px[m->scales.n - 1];
        m->bias[i] = (float)(largest > 0 ? 1 - o->smallscalebias * m->scales.size_px[i] / largest : 1);
        if (pc_active_init(&m->active[i], m->scales.residual[i], m->scales.mask[i], true, nx, ny, err))
            return -1;
        for (int j = i; j < m->scales.n; j++)
            if (pc_psf_init(&m->psf[i][j], m->scales.psf[i][j], nx, ny, nx / 2, ny / 2, err))
                return -1;
    }
    return 0;
}

static int multiscale_plane(const struct pc_minor_in *in, int pol, struct pc_minor_out *out,
                            struct pc_err *err)
{
    const int64_t npix = (int64_t)in->nx * in->ny, first = pol * npix;
    const unsigned char *mask = in->mask ? in->mask + first : NULL;
    struct multiscale m = {.in = in, .model = in->model + first};
    float *before = NULL;
    int rc = -1;
    *out = (struct pc_minor_out){0};
    bool any = peak_within(in->residual + first, mask, npix) > 0;
    if (any &&
        (multiscale_init(&m, pol, err) || !(before = pc_mem_new(npix, sizeof *before, "the change", err)) ||
         iterate(&m, in->residual + first, in->psf + first, mask, before, out, err)))
        goto done;
    out->peakres_nomask_jy = (double)peak_within(in->residual + first, NULL, npix);
    out->modelflux_jy = pc_minor_flux(in->model + first, npix);
    rc = 0;
done:
    for (int i = 0; i < m.scales.n; i++) {
        pc_active_fini(&m.active[i]);
        for (int j = i; j < m.scales.n; j++)
            pc_psf_fini(&m.psf[i][j]);
    }
    pc_scales_fini(&m.scales);
    pc_mem_free(before);
    return rc;
}

static int check_scales(const struct pc_minor_options *o, struct pc_err *err)
{
    if (o->nscale > PC_SCALES_MAX)
        return pc_err_set(err, PC_EX_USAGE, "%d scales are more than %d", o->nscale, PC_SCALES_MAX);
    for (int i = 0; i < o->nscale; i++)
        if (!(o->scale_px[i] >= (i ? o->scale_px[i - 1] : 0)))
            return pc_err_set(err, PC_EX_USAGE, "scale %g is negative or out of order", o->scale_px[i]);
    return 0;
}

static int multiscale_minor(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err)
{
    *out = (struct pc_minor_out){0};
    if (pc_minor_check(in, err) || check_scales(&in->options, err))
        return -1;
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_out plane;
        if (multiscale_plane(in, pol, &plane, err))
            return -1;
        pc_minor_merge(out, &plane);
    }
    return 0;
}

static int64_t multiscale_mem_byte(int nx, int ny, int npol, int nscale)
{
    (void)npol; /* one plane at a time */
    return pc_scales_mem_byte(nx, ny, nscale) + (nscale > 0 ? nscale : 1) * pc_hogbom.mem_byte(nx, ny, 1, 0);
}

const struct pc_deconvolver pc_multiscale = {
    .name = "multiscale", .mem_byte = multiscale_mem_byte, .minor = multiscale_minor};
