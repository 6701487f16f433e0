/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clark 1980, A&A 89, 377, as CASA does it (spec/casa-imaging.md section 6): components are found on a list
 * of the bright pixels alone, with a small patch of the psf; when the list is worked down the residual is
 * made anew with the whole psf, at most ten times a call. Settled against CASA's runs, where the spec leaves
 * it open:
 * - the limit that the list is worked down to is (its peak at the start) * sum over its components of
 *   1 / (number of the component in the call): the speedup exponent is -1;
 * - the convolution with the whole psf is linear, not periodic. Here it is a sum of shifted psfs, over the
 *   pixels of the mask, as sparse as the components: no memory, and no rounding of transforms;
 * - the peak that is reported, and compared with the threshold, is the list's, before the residual is made
 *   anew.
 * Ours: the residual is also made anew when the list would take more than a byte per pixel (clean/bright.h),
 * after components all over a large image.
 * "clark" looks at the Stokes planes together, sqrt(I^2+Q^2+U^2+V^2), with the first plane's mask and psf;
 * "clarkstokes" cleans each by itself. */
#include "base/clones.h"
#include "clean/bright.h"
#include "clean/components.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { RENEWALS = 10, NPOL_MAX = PC_BRIGHT_NPOL };

struct clark {
    const struct pc_minor_in *in;
    int npol; /* planes cleaned together */
    int64_t npix;
    float *residual, *model; /* of the first of them */
    const float *psf;        /* all of it, of the first of them too */
    struct pc_psf bounded;
    const unsigned char *mask;
    struct pc_patch patch;
    float outside;                    /* largest |psf| outside the patch */
    struct pc_active plane[NPOL_MAX]; /* the mask's pixels */
    struct pc_components done[NPOL_MAX];
    int64_t iterdone;
    float peak;
};

/* Of finite values, as integers: a compiler may vectorise these. */
PC_CLONES static float larger(float a, const float *v, int64_t n)
{
    int32_t max, bits;
    memcpy(&max, &a, sizeof max);
    for (int64_t i = 0; i < n; i++) {
        memcpy(&bits, v + i, sizeof bits);
        bits &= 0x7fffffff;
        max = bits > max ? bits : max;
    }
    memcpy(&a, &max, sizeof a);
    return a;
}

/* Three times the beam's width and one, at least 13 pixels; all of the psf when it is smaller. In the rows of
 * the patch the column at +half counts as outside, as CASA has it. */
static void patch_init(struct clark *c)
{
    const struct pc_psf_window w = pc_minor_window(c->in);
    const int n[2] = {w.nx, w.ny};
    struct pc_patch *p = &c->patch;
    int width = c->in->options.beam_px > 4 ? (int)ceil(c->in->options.beam_px) : 4;
    for (int i = 0; i < 2; i++) {
        p->size[i] = 3 * width + 1 < n[i] ? 3 * width + 1 : n[i];
        p->half[i] = p->size[i] / 2;
    }
    p->nx = n[0];
    p->centre = c->psf + (int64_t)w.y * w.nx + w.x;
    c->outside = 0;
    if (p->size[0] == n[0] && p->size[1] == n[1])
        return;
    for (int y = 0; y < n[1]; y++) {
        const float *row = c->psf + (int64_t)y * n[0];
        int left = n[0] / 2 - p->half[0], right = n[0] / 2 + p->half[0];
        if (y < n[1] / 2 - p->half[1] || y > n[1] / 2 + p->half[1])
            left = right = n[0];
        c->outside = larger(larger(c->outside, row, left), row + right, n[0] - right);
    }
}

static void flush(struct clark *c)
{
    for (int k = 0; k < c->npol; k++)
        pc_active_flush(&c->plane[k]);
}

static float residual_peak(struct clark *c)
{
    int64_t at;
    float peak = 0;
    if (c->npol == 1)
        return pc_active_peak(&c->plane[0], &at);
    flush(c);
    for (int64_t i = 0; i < c->plane[0].nrun; i++) {
        const struct pc_run *run = &c->plane[0].run[i];
        const float *v = c->residual + (int64_t)run->y * c->in->nx;
        for (int x = run->x0; x < run->x1; x++)
            peak = fmaxf(peak, pc_bright_size(v + x, c->npol, c->npix)); /* a NaN loses */
    }
    return peak;
}

/* Components until the list is worked down, or full, or there are `most`: *n; c->peak is the list's. */
static int work_down(struct clark *c, struct pc_bright *b, float limit, int64_t most, int64_t *n,
                     struct pc_err *err)
{
    const float threshold = (float)c->in->threshold_jy, gain = (float)c->in->gain;
    const int64_t before = *n;
    int64_t at;
    float sum = 0, stop = fmaxf(limit, threshold);
    c->peak = pc_bright_peak(b, &at);
    const float speed = c->peak / limit;
    while (*n - before < most && c->peak > stop) {
        const int taken = pc_bright_take(b, at, gain, &c->patch, err);
        if (taken <= 0)
            return taken;
        c->peak = pc_bright_peak(b, &at);
        ++*n;
        sum += speed / (float)*n;
        stop = fmaxf(limit * sum, threshold);
    }
    return 0;
}

/* What was taken, into model and residual. */
static int renew(struct clark *c, struct pc_bright *b, struct pc_err *err)
{
    pc_bright_merge(b);
    for (int64_t i = 0; i < b->ntaken; i++)
        for (int k = 0; k < c->npol; k++) {
            const int64_t at = b->taken[i].at;
            float flux = b->taken[i].flux[k];
            if (flux == 0)
                continue;
            c->model[k * c->npix + at] += flux;
            if (pc_active_subtract(&c->plane[k], &c->bounded, at, flux, err) ||
                (c->in->whole_plane && pc_components_add(&c->done[k], at, flux, err)))
                return -1;
        }
    return 0;
}

/* One call of the algorithm; sets *n, the components it made of the most it may. */
static int call(struct clark *c, int64_t most, int64_t *n, struct pc_err *err)
{
    const float threshold = (float)c->in->threshold_jy;
    float factor = 1.5f / 4.5f, previous = c->peak = residual_peak(c);
    int64_t each = c->outside > 0.5f ? 5 : c->outside > 0.35f ? 50 : most;
    bool slow = false; /* the peak rose, or nothing was bright, before */
    *n = 0;
    for (int renewals = 0; *n < most && c->peak > threshold && renewals < RENEWALS;) {
        struct pc_bright b;
        float limit = c->peak * c->outside * factor;
        if (factor > 1)
            limit = fminf(0.95f * c->peak, limit);
        flush(c);
        if (pc_bright_init(&b, &c->plane[0], c->residual, c->npol, fmaxf(limit, threshold), err))
            return -1;
        int64_t at;
        int bad = 0;
        const bool any = pc_bright_peak(&b, &at) > 0;
        if (any) {
            bad = work_down(c, &b, limit, each < most - *n ? each : most - *n, n, err) || renew(c, &b, err);
            renewals++;
        } else if (slow) {
            renewals = RENEWALS;
        }
        if (!any || c->peak > previous) {
            factor *= any ? 3 : 1.2f;
            each = any ? 10 : each;
            slow = true;
        }
        previous = c->peak;
        pc_bright_fini(&b);
        if (bad)
            return -1;
    }
    return 0;
}

/* Calls until there is a reason to stop. */
static int iterate(struct clark *c, struct pc_minor_out *out, struct pc_err *err)
{
    float lowest = c->peak = residual_peak(c);
    out->stop = pc_minor_why(c->in, 0, c->peak, lowest);
    while (out->stop == PC_MINOR_NONE) {
        int64_t n, most = pc_minor_step(c->in->cycleniter);
        if (most > c->in->cycleniter - out->iterdone)
            most = c->in->cycleniter - out->iterdone;
        if (call(c, most, &n, err))
            return -1;
        out->iterdone += n;
        out->stop = n ? pc_minor_why(c->in, out->iterdone, c->peak, lowest) : PC_MINOR_ZERO_ITER;
        if (n < most)
            break;
        lowest = fminf(lowest, c->peak);
    }
    out->peakres_jy = c->peak;
    return 0;
}

static int summarise(struct clark *c, struct pc_minor_out *out, struct pc_err *err)
{
    for (int k = 0; k < c->npol; k++) {
        double outside = 0;
        int64_t at;
        if (!c->in->peak_only)
            pc_active_flush(&c->plane[k]);
        if (pc_components_subtract_outside(&c->done[k], c->in, c->residual + k * c->npix, &c->bounded,
                                           c->mask, &outside, err))
            return -1;
        struct pc_minor_out plane = {
            .peakres_nomask_jy =
                isnan(outside) ? NAN : fmax((double)pc_active_peak(&c->plane[k], &at), outside)};
        plane.modelflux_jy = pc_minor_flux(c->model + k * c->npix, c->npix);
        pc_minor_merge(out, &plane);
    }
    return 0;
}

/* npol planes from the first on, together. */
static int clean_planes(const struct pc_minor_in *in, int first, int npol, struct pc_minor_out *out,
                        struct pc_err *err)
{
    const int64_t npix = (int64_t)in->nx * in->ny;
    const struct pc_psf_window w = pc_minor_window(in);
    struct clark c = {.in = in, .npol = npol, .npix = npix};
    int rc = -1;
    c.residual = in->residual + first * npix;
    c.model = in->model + first * npix;
    c.psf = pc_minor_psf(in, first);
    c.mask = in->mask ? in->mask + first * npix : NULL;
    *out = (struct pc_minor_out){0};
    patch_init(&c);
    if (pc_psf_init(&c.bounded, c.psf, w.nx, w.ny, w.x, w.y, err))
        return -1;
    for (int k = 0; k < npol; k++)
        if (pc_active_init(&c.plane[k], c.residual + k * npix, c.mask, true, in->nx, in->ny, err))
            goto done;
    if (c.plane[0].npix && iterate(&c, out, err))
        goto done;
    rc = summarise(&c, out, err);
done:
    for (int k = 0; k < npol; k++) {
        pc_active_fini(&c.plane[k]);
        pc_components_fini(&c.done[k]);
    }
    pc_psf_fini(&c.bounded);
    return rc;
}

static int clark_minor(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err)
{
    if (in->npol > NPOL_MAX)
        return pc_err_set(err, PC_EX_DATA, "clark cleans at most %d Stokes planes, not %d", NPOL_MAX,
                          in->npol);
    if (pc_minor_check(in, err))
        return -1;
    return clean_planes(in, 0, in->npol, out, err);
}

static int clarkstokes_minor(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err)
{
    *out = (struct pc_minor_out){0};
    if (pc_minor_check(in, err))
        return -1;
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_out plane;
        if (clean_planes(in, pol, 1, &plane, err))
            return -1;
        pc_minor_merge(out, &plane);
    }
    return 0;
}

/* The lists of runs. The copies that bright pixels may need, at most a byte per pixel, are few as a rule. */
static int64_t clark_mem_byte(int nx, int ny, int npol, int nscale)
{
    (void)nscale;
    return npol * pc_hogbom.mem_byte(nx, ny, 1, 0);
}

static int64_t clarkstokes_mem_byte(int nx, int ny, int npol, int nscale)
{
    (void)npol;
    return clark_mem_byte(nx, ny, 1, nscale);
}

const struct pc_deconvolver pc_clark = {
    .name = "clark", .mem_byte = clark_mem_byte, .minor = clark_minor, .joint = true, .is_local = true};
const struct pc_deconvolver pc_clarkstokes = {
    .name = "clarkstokes", .mem_byte = clarkstokes_mem_byte, .minor = clarkstokes_minor, .is_local = true};
