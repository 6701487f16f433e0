/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/automask.h"

#include "base/mem.h"
#include "image/morph.h"
#include "image/stats.h"
#include "mask/smooth.h"

#include <math.h>

/* One run: what was given, and planes of bytes to work in. */
struct work {
    const struct pc_automask_conf *conf;
    const struct pc_automask_in *in;
    struct pc_automask_out *out;
    int64_t npix;
    unsigned char *valid; /* not blank and within pb > pblimit */
    unsigned char *grown; /* also the region of the statistics, before growing */
    unsigned char *allow; /* where the mask may grow */
    struct pc_log *log;
};

/* CASA holds its thresholds as floats and compares floats with them. */
struct levels {
    float high, low, negative;
};

static int64_t count_ones(const unsigned char *m, int64_t n)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += m[i] != 0;
    return sum;
}

static bool within_pb(const struct pc_automask_in *in, double limit, int64_t i)
{
    return limit <= 0 || !in->pb || in->pb[i] > (float)limit;
}

static void find_valid(struct work *w)
{
    const struct pc_automask_in *in = w->in;
    for (int64_t i = 0; i < w->npix; i++)
        w->valid[i] = isfinite(in->residual[i]) && within_pb(in, in->pblimit, i);
}

/* ---- step 1: noise ---- */

/* Chauvenet's clipping while the previous mask says nothing about where the source is; outside that mask
 * then. */
static int slow_noise(struct work *w, unsigned char *region, int64_t nregion, double *median, double *mad,
                      struct pc_err *err)
{
    const struct pc_automask_in *in = w->in;
    int64_t masked = 0;
    for (int64_t i = 0; in->prev && i < w->npix; i++)
        masked += region[i] && in->prev[i];
    if (masked == 0 || masked == nregion) {
        struct pc_chauvenet c;
        if (pc_stats_chauvenet(in->residual, region, w->npix, -1, 5, &c, err))
            return -1;
        *median = c.median;
        *mad = c.mad;
        return 0;
    }
    for (int64_t i = 0; i < w->npix; i++)
        region[i] = region[i] && !in->prev[i];
    return pc_stats_median_mad(in->residual, region, w->npix, median, mad, err);
}

static int find_levels(struct work *w, struct levels *l, struct pc_err *err)
{
    const struct pc_automask_conf *c = w->conf;
    unsigned char *region = w->grown;
    for (int64_t i = 0; i < w->npix; i++)
        region[i] = w->valid[i] && within_pb(w->in, c->pbmask, i);
    struct pc_stats s;
    pc_stats_basic(w->in->residual, region, w->npix, &s);
    double median, mad;
    if (c->fastnoise ? pc_stats_median_mad(w->in->residual, region, w->npix, &median, &mad, err)
                     : slow_noise(w, region, s.n, &median, &mad, err))
        return -1;
    float sigma = (float)(1.4826 * mad), middle = (float)median;
    float sidelobe = (float)w->in->sidelobe * (float)c->sidelobethreshold * fmaxf(fabsf(s.max), fabsf(s.min));
    float noise = (float)c->noisethreshold * sigma;
    l->high = fmaxf(sidelobe, noise) + middle;
    l->low = fmaxf(sidelobe, (float)c->lownoisethreshold * sigma) + middle;
    l->negative = -fmaxf(sidelobe, (float)c->negativethreshold * sigma) + middle;
    w->out->median = median;
    w->out->sigma_jy = 1.4826 * mad;
    w->out->noise_limited = noise > sidelobe;
    w->out->threshold_pos_jy = (double)l->high;
    w->out->threshold_low_jy = (double)l->low;
    w->out->threshold_neg_jy = (double)l->negative;
    return 0;
}

/* ---- steps 3 to 6 ---- */

static double prune_size_px(const struct work *w)
{
    const double *cell = w->in->cell_rad;
    return w->conf->minbeamfrac * pc_beam_area_sr(&w->in->beam) / fabs(cell[0] * cell[1]);
}

static int smooth(struct work *w, unsigned char *mask, struct pc_err *err)
{
    struct pc_beam b = w->in->beam;
    b.maj_rad *= w->conf->smoothfactor;
    b.min_rad *= w->conf->smoothfactor;
    return pc_mask_smooth(mask, w->in->nx, w->in->ny, w->in->cell_rad, &b, w->conf->cutthreshold, err);
}

static int threshold_prune_smooth(struct work *w, float level, struct pc_err *err)
{
    struct pc_automask_out *out = w->out;
    for (int64_t i = 0; i < w->npix; i++)
        out->mask[i] = w->valid[i] && w->in->residual[i] > level;
    out->n_threshold = count_ones(out->mask, w->npix);
    double min_px = w->conf->minbeamfrac > 0 ? prune_size_px(w) : 0;
    if (pc_morph_prune(out->mask, w->in->nx, w->in->ny, min_px, &out->nregion, &out->nregion_kept, err))
        return -1;
    out->n_pruned = count_ones(out->mask, w->npix);
    if (out->nregion > 0 && out->nregion_kept == 0)
        pc_log_note(w->log, "all %lld regions are smaller than %g pixels and were pruned",
                    (long long)out->nregion, min_px);
    if (smooth(w, out->mask, err))
        return -1;
    out->n_smoothed = count_ones(out->mask, w->npix);
    return 0;
}

/* ---- step 7: growing the previous mask into fainter emission ---- */

static int grow(struct work *w, float low, struct pc_err *err)
{
    const struct pc_automask_conf *c = w->conf;
    const struct pc_automask_in *in = w->in;
    bool growing = in->prev && in->iterdone > 0 && c->growiterations > 0;
    for (int64_t i = 0; i < w->npix; i++) {
        w->grown[i] = growing && in->prev[i];
        w->allow[i] = w->valid[i] && in->residual[i] > low;
    }
    if (!growing)
        return 0;
    if (pc_morph_dilate(w->grown, w->allow, in->nx, in->ny, (int)c->growiterations, err))
        return -1;
    for (int64_t i = 0; i < w->npix; i++)
        w->grown[i] = w->grown[i] && w->allow[i];
    int64_t before, after;
    if (c->dogrowprune && c->minbeamfrac > 0 &&
        pc_morph_prune(w->grown, in->nx, in->ny, prune_size_px(w), &before, &after, err))
        return -1;
    if (smooth(w, w->grown, err))
        return -1;
    w->out->n_grown = count_ones(w->grown, w->npix);
    return 0;
}

/* ---- step 8: the negative mask is neither pruned nor grown ---- */

static int add_negative(struct work *w, float level, struct pc_err *err)
{
    unsigned char *negative = w->allow;
    if (w->conf->negativethreshold <= 0)
        return 0;
    for (int64_t i = 0; i < w->npix; i++)
        negative[i] = w->valid[i] && w->in->residual[i] < level;
    if (smooth(w, negative, err))
        return -1;
    w->out->n_negative = count_ones(negative, w->npix);
    for (int64_t i = 0; i < w->npix; i++)
        w->out->mask[i] |= negative[i];
    return 0;
}

static void bound(struct work *w)
{
    const struct pc_automask_in *in = w->in;
    for (int64_t i = 0; i < w->npix; i++) {
        bool on = w->out->mask[i] || (in->prev && in->prev[i]);
        w->out->mask[i] = on && w->valid[i] && within_pb(in, w->conf->pbmask, i);
    }
    w->out->n_final = count_ones(w->out->mask, w->npix);
}

/* ---- step 9: whether the next masks would be this one ---- */

static void judge(struct work *w)
{
    const struct pc_automask_in *in = w->in;
    double limit = w->conf->minpercentchange;
    w->out->done = false;
    if (!w->out->noise_limited)
        return;
    if (w->out->n_final == 0) {
        w->out->done = true;
        return;
    }
    /* The cycle threshold is a float in CASA: 0.002 there is 0.00200000009. */
    bool reached = in->cyclethreshold_jy > 0 && (float)in->cyclethreshold_jy <= (float)in->threshold_jy;
    if (limit < 0 || !reached || !in->prev)
        return;
    int64_t before = count_ones(in->prev, w->npix), change = 0;
    for (int64_t i = 0; i < w->npix; i++)
        change += (in->prev[i] != 0) != (w->out->mask[i] != 0);
    w->out->done = change == 0 || (double)change < 0.01 * limit * (double)before;
}

static int run(struct work *w, struct pc_err *err)
{
    struct levels l;
    find_valid(w);
    if (find_levels(w, &l, err) || threshold_prune_smooth(w, l.high, err) || grow(w, l.low, err))
        return -1;
    for (int64_t i = 0; i < w->npix; i++)
        w->out->mask[i] |= w->grown[i];
    if (add_negative(w, l.negative, err))
        return -1;
    bound(w);
    judge(w);
    return 0;
}

int pc_automask(const struct pc_automask_conf *conf, const struct pc_automask_in *in,
                struct pc_automask_out *out, struct pc_log *log, struct pc_err *err)
{
    struct work w = {.conf = conf, .in = in, .out = out, .npix = (int64_t)in->nx * in->ny, .log = log};
    *out = (struct pc_automask_out){.mask = out->mask};
    int bad = -1;
    w.valid = pc_mem_new(w.npix, 1, "the valid pixels of a mask", err);
    w.grown = w.valid ? pc_mem_new(w.npix, 1, "a growing mask", err) : NULL;
    w.allow = w.grown ? pc_mem_new(w.npix, 1, "a growing mask's limits", err) : NULL;
    if (w.allow)
        bad = run(&w, err);
    pc_mem_free(w.valid);
    pc_mem_free(w.grown);
    pc_mem_free(w.allow);
    return bad;
}
