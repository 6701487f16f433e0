/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/cycle.h"

#include "base/clones.h"
#include "base/mem.h"
#include "clean/cycle_plane.h"

#include <math.h>
#include <string.h>

void pc_clean_inside(const float *pb, double pblimit, double pbmask, int64_t n, unsigned char *inside)
{
    for (int64_t i = 0; i < n; i++) {
        bool in = pblimit < 0 ? isfinite(pb[i]) : pb[i] > (float)pblimit;
        bool noise = pbmask <= 0 || pb[i] > (float)pbmask;
        inside[i] = (unsigned char)((in ? PC_CLEAN_INSIDE : 0) | (noise ? PC_CLEAN_NOISE : 0));
    }
}

/* The bits of a NaN, so that a compiler may choose by them. */
static const uint32_t BLANK = 0x7fc00000u, EXPONENT = 0x7f800000u;

/* Blanks what is not finite, or where pb is not above the limit (below 0: blank). */
PC_CLONES static void blank_by_pb(uint32_t *residual, const float *pb, float limit, bool bounds, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        bool in = bounds ? pb[i] > limit : pb[i] - pb[i] == 0;
        residual[i] = in & ((residual[i] & EXPONENT) != EXPONENT) ? residual[i] : BLANK;
    }
}

PC_CLONES static void blank_infinite(uint32_t *residual, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        residual[i] = (residual[i] & EXPONENT) != EXPONENT ? residual[i] : BLANK;
}

void pc_clean_look(struct pc_clean_seen *seen, int pol, float *residual, const float *pb, double pblimit,
                   const unsigned char *mask, int64_t n)
{
    enum { PIECE = 1 << 14 }; /* a multiple of the 2048 of statistics, that stays in a near cache */
    for (int64_t i = 0; i < n; i += PIECE) {
        int64_t m = n - i < PIECE ? n - i : PIECE;
        uint32_t bits[PIECE];
        memcpy(bits, residual + i, (size_t)m * sizeof *bits);
        if (pb)
            blank_by_pb(bits, pb + i, (float)pblimit, pblimit >= 0, m);
        else
            blank_infinite(bits, m);
        memcpy(residual + i, bits, (size_t)m * sizeof *bits);
        pc_stats_add(&seen->all[pol], residual + i, NULL, m);
        if (mask)
            pc_stats_add(&seen->within[pol], residual + i, mask + i, m);
    }
    seen->is_masked |= mask != NULL;
}

/* The same of planes, where bits say what is inside. */
static void look_at_planes(struct pc_clean_seen *seen, const struct pc_clean_planes *p)
{
    const int64_t n = (int64_t)p->nx * p->ny;
    for (int64_t i = 0; i < n * p->npol && p->inside; i++)
        if (!(p->inside[i] & PC_CLEAN_INSIDE))
            p->residual[i] = NAN;
    for (int k = 0; k < p->npol; k++)
        pc_clean_look(seen, k, p->residual + k * n, NULL, 0, p->mask ? p->mask + k * n : NULL, n);
}

/* Of all planes. */
static struct pc_stats_sum total(const struct pc_stats_sum planes[PC_MAX_POL])
{
    struct pc_stats_sum s = {0};
    for (int k = 0; k < PC_MAX_POL; k++)
        pc_stats_join(&s, &planes[k]);
    return s;
}

static double peak_of(const struct pc_stats_sum *s)
{
    return s->n ? fmax(fabs((double)s->min), fabs((double)s->max)) : 0;
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
    if (where)
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

/* The n-sigma levels of the planes. masksum < 0: no mask yet. */
static int nsigma_levels(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, int64_t valid,
                         int64_t masksum, double planes[PC_MAX_POL], struct pc_err *err)
{
    int64_t n = (int64_t)p->nx * p->ny;
    bool clip = !conf->fastnoise && (masksum <= 0 || masksum == valid);
    const unsigned char *mask = conf->fastnoise || clip ? NULL : p->mask;
    const bool everywhere = !p->inside && !mask; /* what is blank does not count anyway */
    unsigned char *where = everywhere ? NULL : pc_mem_new(n, 1, "the region of the noise", err);
    int rc = everywhere || where ? 0 : -1;
    for (int pol = 0; pol < p->npol && !rc; pol++)
        rc = plane_nsigma(conf, p, pol * n, clip, mask, where, &planes[pol], err);
    pc_mem_free(where);
    return rc;
}

int pc_clean_noise(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, bool is_first,
                   struct pc_clean_seen *seen, struct pc_err *err)
{
    const bool open = is_first || !seen->is_masked;
    const int64_t valid = total(seen->all).n;
    if (conf->control.nsigma <= 0 || valid == 0)
        return 0;
    if (open && nsigma_levels(conf, p, valid, -1, seen->open_nsigma_jy, err))
        return -1;
    if (open && conf->fastnoise)
        memcpy(seen->nsigma_jy, seen->open_nsigma_jy, sizeof seen->nsigma_jy);
    else if (seen->is_masked)
        return nsigma_levels(conf, p, valid, total(seen->within).n, seen->nsigma_jy, err);
    return 0;
}

static double highest(const double v[PC_MAX_POL])
{
    double max = 0;
    for (int i = 0; i < PC_MAX_POL; i++)
        max = fmax(max, v[i]);
    return max;
}

/* Tests without a mask before the first minor cycle, and with the mask whenever there is one. */
static void test_stop(const struct pc_clean_conf *conf, const struct pc_clean_seen *seen,
                      const struct pc_state *state, struct pc_control_in *in, struct pc_clean_result *res)
{
    const struct pc_stats_sum all = total(seen->all), within = total(seen->within);
    in->peak_nomask_jy = in->peak_jy = peak_of(&all);
    in->masksum = -1;
    if (state->ncycle == 0 || !seen->is_masked) {
        memcpy(res->plane_nsigma_jy, seen->open_nsigma_jy, sizeof res->plane_nsigma_jy);
        in->nsigma_jy = highest(seen->open_nsigma_jy);
        res->stop = pc_control_stop(&conf->control, state, in);
    }
    if (seen->is_masked && res->stop == PC_STOP_NOT) {
        in->masksum = within.n;
        if (in->masksum > 0)
            in->peak_jy = peak_of(&within);
        memcpy(res->plane_nsigma_jy, seen->nsigma_jy, sizeof res->plane_nsigma_jy);
        in->nsigma_jy = highest(seen->nsigma_jy);
        res->stop = pc_control_stop(&conf->control, state, in);
    }
    res->nsigma_jy = in->nsigma_jy;
}

static struct pc_clean_plane plane_of(const struct pc_clean_seen *seen, int pol)
{
    const struct pc_stats_sum *all = &seen->all[pol], *in = seen->is_masked ? &seen->within[pol] : all;
    struct pc_stats s;
    pc_stats_end(all, &s);
    return (struct pc_clean_plane){.peak_jy = peak_of(in),
                                   .peak_nomask_jy = peak_of(all),
                                   .rms_jy = s.rms,
                                   .valid = all->n,
                                   .masksum = in->n};
}

void pc_clean_decide(const struct pc_clean_conf *conf, const struct pc_clean_seen *seen,
                     struct pc_state *state, struct pc_clean_result *res)
{
    struct pc_control_in in = {0};
    const struct pc_stats_sum sum = total(seen->all);
    struct pc_stats all;
    *res = (struct pc_clean_result){.stop = PC_STOP_NOT, .valid = sum.n};
    if (sum.n == 0) {
        state->stopcode = res->stop = PC_STOP_NO_DATA;
        return;
    }
    pc_stats_end(&sum, &all);
    res->rms_jy = all.rms;
    for (int k = 0; k < PC_MAX_POL; k++)
        res->plane[k] = plane_of(seen, k);
    test_stop(conf, seen, state, &in, res);
    res->best = pc_control_note(state, &in);
    res->restore = res->stop == PC_STOP_DIVERGING || res->stop == PC_STOP_DIVERGED;
    res->peak_jy = in.peak_jy;
    res->masksum = in.masksum < 0 ? sum.n : in.masksum;
    state->cyclethreshold_jy = pc_control_cyclethreshold(&conf->control, in.peak_jy, conf->sidelobe);
    state->stopcode = res->stop;
}

int pc_clean_test(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, struct pc_state *state,
                  struct pc_clean_result *res, struct pc_err *err)
{
    struct pc_clean_seen seen = {0};
    look_at_planes(&seen, p);
    if (pc_clean_noise(conf, p, state->ncycle == 0, &seen, err))
        return -1;
    pc_clean_decide(conf, &seen, state, res);
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

/* Whether what is outside the mask is not known, whatever a rectangle of the planes can tell. */
static bool is_part(const struct pc_clean_conf *conf, const struct pc_clean_planes *p, int64_t masksum,
                    int64_t valid)
{
    return !p->mask && !conf->whole_plane && masksum < valid;
}

/* All planes: together, or each down to its own level and noted by itself when there are several. */
static int call_planes(const struct pc_clean_conf *conf, const struct pc_clean_planes *p,
                       struct pc_minor_in *in, const struct pc_clean_result *test, struct pc_minor_out *out,
                       struct pc_cycle *cycle, struct pc_err *err)
{
    const double cyclethreshold_jy = cycle->cyclethreshold_jy, *nsigma_jy = test->plane_nsigma_jy;
    const int64_t npix = (int64_t)in->nx * in->ny;
    *out = (struct pc_minor_out){0};
    if (conf->deconvolver->joint)
        return call(conf, in, cyclethreshold_jy, nsigma_jy[0], out, err);
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_in one = *in;
        struct pc_minor_out plane;
        one.npol = 1;
        one.residual += pol * npix;
        one.psf = pc_minor_psf(in, pol);
        one.mask = in->mask ? in->mask + pol * npix : NULL;
        one.model += pol * npix;
        if (in->npol > 1)
            pc_cycle_plane_begin(p, test, pol, &cycle->plane[pol]);
        if (call(conf, &one, cyclethreshold_jy, nsigma_jy[pol], &plane, err))
            return -1;
        if (is_part(conf, p, test->plane[pol].masksum, test->plane[pol].valid))
            plane.peakres_nomask_jy = NAN;
        pc_cycle_plane_end(&plane, &cycle->plane[pol]);
        pc_minor_merge(out, &plane);
    }
    cycle->nplane = in->npol > 1 ? in->npol : 0;
    return 0;
}

int pc_clean_minor(const struct pc_clean_conf *conf, const struct pc_clean_planes *p,
                   const struct pc_clean_result *test, struct pc_state *state, struct pc_err *err)
{
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
    in.peak_only = conf->peak_only;
    in.options = conf->options;
    in.window = p->window;
    if (call_planes(conf, p, &in, test, &out, &cycle, err))
        return -1;
    if (is_part(conf, p, test->masksum, test->valid))
        out.peakres_nomask_jy = NAN;
    cycle.iterdone = out.iterdone;
    cycle.peakres_jy = out.peakres_jy;
    cycle.peakres_nomask_jy = out.peakres_nomask_jy;
    cycle.modelflux_jy = out.modelflux_jy;
    cycle.rms_jy = test->rms_jy;
    cycle.stop = out.stop;
    pc_cycle_stokes(p, 0, p->npol, cycle.stokes);
    state->iterdone += out.iterdone;
    return pc_state_add_cycle(state, &cycle, err);
}
