/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/cycle.h"

#include "base/mem.h"
#include "clean/cycle_plane.h"
#include "image/stats.h"

#include <math.h>

static int64_t npix_of(const struct pc_clean_planes *p)
{
    return (int64_t)p->nx * p->ny * p->npol;
}

void pc_clean_inside(const float *pb, double pblimit, double pbmask, int64_t n, unsigned char *inside)
{
    for (int64_t i = 0; i < n; i++) {
        bool in = pblimit < 0 ? isfinite(pb[i]) : pb[i] > (float)pblimit;
        bool noise = pbmask <= 0 || pb[i] > (float)pbmask;
        inside[i] = (unsigned char)((in ? PC_CLEAN_INSIDE : 0) | (noise ? PC_CLEAN_NOISE : 0));
    }
}

/* Makes pixels outside the primary beam blank; returns how many are left. */
static int64_t blank_outside(const struct pc_clean_planes *p)
{
    int64_t valid = 0;
    for (int64_t i = 0, n = npix_of(p); i < n; i++) {
        bool inside = isfinite(p->residual[i]) && (!p->inside || p->inside[i] & PC_CLEAN_INSIDE);
        if (!inside)
            p->residual[i] = NAN;
        valid += inside;
    }
    return valid;
}

static double peak_of(const float *pix, const unsigned char *mask, int64_t n)
{
    struct pc_stats s;
    pc_stats_basic(pix, mask, n, &s);
    return s.n ? fmax(fabs((double)s.min), fabs((double)s.max)) : 0;
}

static int64_t masksum_of(const struct pc_clean_planes *p)
{
    int64_t sum = 0;
    for (int64_t i = 0, n = npix_of(p); i < n; i++)
        sum += p->mask[i] && isfinite(p->residual[i]);
    return sum;
}

/* The pixels of one plane that tell the noise. With a mask given, those outside it. */
static void noise_region(const struct pc_clean_planes *p, int64_t first, const unsigned char *mask,
                         unsigned char *where)
{
    for (int64_t i = 0, n = (int64_t)p->nx * p->ny; i < n; i++)
        where[i] = (!p->inside || p->inside[first + i] & PC_CLEAN_NOISE) && !(mask && mask[first + i]);
}

/* nsigma * sigma (+ median) of one plane; fastnoise false clips where no mask tells source from noise. */
static int plane_nsigma(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, int64_t first,
                        bool clip, const unsigned char *mask, unsigned char *where, double *level,
                        struct pc_err *err)
{
    int64_t n = (int64_t)p->nx * p->ny;
    double median, mad;
    noise_region(p, first, mask, where);
    if (clip) {
        struct pc_chauvenet c;
        if (pc_stats_chauvenet(p->residual + first, where, n, -1, 5, &c, err))
            return -1;
        median = c.median, mad = c.mad;
    } else if (pc_stats_median_mad(p->residual + first, where, n, &median, &mad, err)) {
        return -1;
    }
    *level = conf->control.nsigma * 1.4826 * mad + (conf->nsigma_median ? median : 0);
    return 0;
}

/* The n-sigma levels of the planes, and of the channel: the highest of them. masksum < 0: no mask yet. */
static int nsigma_level(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, int64_t valid,
                        int64_t masksum, double planes[PC_MAX_POL], double *level, struct pc_err *err)
{
    int64_t n = (int64_t)p->nx * p->ny;
    bool clip = !conf->fastnoise && (masksum <= 0 || masksum == valid);
    const unsigned char *mask = conf->fastnoise || clip ? NULL : p->mask;
    *level = 0;
    if (conf->control.nsigma <= 0)
        return 0;
    unsigned char *where = pc_mem_new(n, 1, "the region of the noise", err);
    if (!where)
        return -1;
    int rc = 0;
    for (int pol = 0; pol < p->npol && !rc; pol++) {
        rc = plane_nsigma(conf, p, pol * n, clip, mask, where, &planes[pol], err);
        *level = fmax(*level, planes[pol]);
    }
    pc_mem_free(where);
    return rc;
}

/* Tests without a mask before the first minor cycle, and with the mask whenever there is one. */
static int test_stop(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, int64_t valid,
                     const struct pc_state *state, struct pc_control_in *in, struct pc_clean_result *res,
                     struct pc_err *err)
{
    bool first = state->ncycle == 0;
    in->peak_nomask_jy = in->peak_jy = peak_of(p->residual, NULL, npix_of(p));
    in->masksum = -1;
    if (first || !p->mask) {
        if (nsigma_level(conf, p, valid, in->masksum, res->plane_nsigma_jy, &in->nsigma_jy, err))
            return -1;
        res->stop = pc_control_stop(&conf->control, state, in);
    }
    if (p->mask && res->stop == PC_STOP_NOT) {
        in->masksum = masksum_of(p);
        if (in->masksum > 0)
            in->peak_jy = peak_of(p->residual, p->mask, npix_of(p));
        if (nsigma_level(conf, p, valid, in->masksum, res->plane_nsigma_jy, &in->nsigma_jy, err))
            return -1;
        res->stop = pc_control_stop(&conf->control, state, in);
    }
    res->nsigma_jy = in->nsigma_jy;
    return 0;
}

int pc_clean_test(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, struct pc_state *state,
                  struct pc_clean_result *res, struct pc_err *err)
{
    struct pc_control_in in = {0};
    int64_t valid = blank_outside(p);
    *res = (struct pc_clean_result){.stop = PC_STOP_NOT};
    if (valid == 0) {
        state->stopcode = res->stop = PC_STOP_NO_DATA;
        return 0;
    }
    if (test_stop(conf, p, valid, state, &in, res, err))
        return -1;
    res->best = pc_control_note(state, &in);
    res->restore = res->stop == PC_STOP_DIVERGING || res->stop == PC_STOP_DIVERGED;
    res->peak_jy = in.peak_jy;
    res->masksum = in.masksum < 0 ? valid : in.masksum;
    state->cyclethreshold_jy = pc_control_cyclethreshold(&conf->control, in.peak_jy, conf->sidelobe);
    state->stopcode = res->stop;
    return 0;
}

/* One call of the deconvolver; an n-sigma level above the cycle threshold is what it stops at. */
static int call(const struct pc_clean_conf *conf, struct pc_minor_in *in, double cyclethreshold_jy,
                double nsigma_jy, struct pc_minor_out *out, struct pc_err *err)
{
    in->threshold_jy = fmax(cyclethreshold_jy, nsigma_jy);
    if (conf->deconvolver->minor(in, out, err))
        return -1;
    if (out->stop == PC_MINOR_THRESHOLD && nsigma_jy > cyclethreshold_jy)
        out->stop = PC_MINOR_NSIGMA;
    return 0;
}

/* All planes: together, or each down to its own level and noted by itself when there are several. */
static int call_planes(const struct pc_clean_conf *conf, const struct pc_clean_planes *p,
                       struct pc_minor_in *in, const double *nsigma_jy, struct pc_minor_out *out,
                       struct pc_cycle *cycle, struct pc_err *err)
{
    const double cyclethreshold_jy = cycle->cyclethreshold_jy;
    const int64_t npix = (int64_t)in->nx * in->ny;
    *out = (struct pc_minor_out){0};
    if (conf->deconvolver->joint)
        return call(conf, in, cyclethreshold_jy, nsigma_jy[0], out, err);
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_in one = *in;
        struct pc_minor_out plane;
        one.npol = 1;
        one.residual += pol * npix;
        one.psf += pol * npix;
        one.mask = in->mask ? in->mask + pol * npix : NULL;
        one.model += pol * npix;
        if (in->npol > 1)
            pc_cycle_plane_begin(p, pol, nsigma_jy[pol], &cycle->plane[pol]);
        if (call(conf, &one, cyclethreshold_jy, nsigma_jy[pol], &plane, err))
            return -1;
        pc_cycle_plane_end(&plane, &cycle->plane[pol]);
        pc_minor_merge(out, &plane);
    }
    cycle->nplane = in->npol > 1 ? in->npol : 0;
    return 0;
}

int pc_clean_minor(const struct pc_clean_conf *conf, const struct pc_clean_planes *p,
                   const struct pc_clean_result *test, struct pc_state *state, struct pc_err *err)
{
    struct pc_stats before;
    struct pc_minor_out out;
    struct pc_cycle cycle = {.startpeak_jy = test->peak_jy,
                             .startpeak_nomask_jy = state->peak_prev_jy,
                             .nsigma_jy = test->nsigma_jy,
                             .cyclethreshold_jy = state->cyclethreshold_jy,
                             .masksum = test->masksum};
    struct pc_minor_in in = {
        .nx = p->nx, .ny = p->ny, .npol = p->npol, .residual = p->residual, .psf = p->psf};
    in.mask = p->mask;
    in.model = p->model;
    in.gain = conf->gain;
    in.cycleniter = pc_control_cycleniter(&conf->control, state->iterdone);
    in.whole_plane = conf->whole_plane;
    in.options = conf->options;
    pc_stats_basic(p->residual, NULL, npix_of(p), &before);
    if (call_planes(conf, p, &in, test->plane_nsigma_jy, &out, &cycle, err))
        return -1;
    cycle.iterdone = out.iterdone;
    cycle.peakres_jy = out.peakres_jy;
    cycle.peakres_nomask_jy = out.peakres_nomask_jy;
    cycle.modelflux_jy = out.modelflux_jy;
    cycle.rms_jy = before.rms;
    cycle.stop = out.stop;
    pc_cycle_stokes(p, 0, p->npol, cycle.stokes);
    state->iterdone += out.iterdone;
    return pc_state_add_cycle(state, &cycle, err);
}
