/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/automask.h"

#include "base/mem.h"
#include "image/morph.h"
#include "image/stats.h"
#include "mask/smooth.h"

#include <math.h>
#include <string.h>

/* One run: what was given, and the masks that become one. */
struct work {
    const struct pc_automask_conf *conf;
    const struct pc_automask_in *in;
    struct pc_automask_out *out;
    struct pc_runs positive, grown, negative;
    struct pc_log *log;
};

/* CASA holds its thresholds as floats and compares floats with them. */
struct levels {
    float high, low, negative;
};

static int64_t plane_px(const struct work *w)
{
    return (int64_t)w->in->nx * w->in->ny;
}

/* ---- step 1: noise ---- */

/* What noise is looked for in: where[i] is 1 there; NULL is everywhere. */
struct region {
    unsigned char *where;
    int64_t n; /* pixels that are not blank */
    float absmax;
};

static unsigned char *new_where(const struct work *w, int v, struct pc_err *err)
{
    unsigned char *where = pc_mem_new(plane_px(w), 1, "where noise is looked for", err);
    if (where)
        memset(where, v, (size_t)plane_px(w));
    return where;
}

static int find_region(struct work *w, struct region *r, struct pc_err *err)
{
    const struct pc_automask_in *in = w->in;
    float min, max;
    if (in->central) {
        struct pc_stats s;
        if (!(r->where = new_where(w, 0, err)))
            return -1;
        pc_runs_paint(in->central, in->nx, 1, r->where);
        pc_stats_basic(in->residual, r->where, plane_px(w), &s);
        r->n = s.n;
        r->absmax = fmaxf(fabsf(s.max), fabsf(s.min));
        return 0;
    }
    pc_survey_extremes(in->survey, &min, &max);
    r->n = in->survey->n;
    r->absmax = fmaxf(fabsf(max), fabsf(min));
    return 0;
}

/* Pixels of the region that the previous mask has. */
static int64_t masked_px(const struct work *w, const struct region *r)
{
    const struct pc_runs *prev = w->in->prev;
    int64_t n = 0;
    for (int64_t i = 0; prev && i < prev->n; i++) {
        int64_t row = (int64_t)prev->run[i].y * w->in->nx;
        for (int64_t k = row + prev->run[i].x0; k < row + prev->run[i].x1; k++)
            n += (!r->where || r->where[k]) && isfinite(w->in->residual[k]);
    }
    return n;
}

/* Chauvenet's clipping while the previous mask says nothing about where the source is; outside that mask
 * then. */
static int slow_noise(struct work *w, struct region *r, double *median, double *mad, struct pc_err *err)
{
    const struct pc_automask_in *in = w->in;
    int64_t masked = masked_px(w, r);
    if (masked == 0 || masked == r->n) {
        struct pc_chauvenet c;
        if (pc_stats_chauvenet(in->residual, r->where, plane_px(w), -1, 5, &c, err))
            return -1;
        *median = c.median;
        *mad = c.mad;
        return 0;
    }
    if (!r->where && !(r->where = new_where(w, 1, err)))
        return -1;
    pc_runs_paint(in->prev, in->nx, 0, r->where);
    return pc_stats_median_mad(in->residual, r->where, plane_px(w), median, mad, err);
}

static void set_levels(struct work *w, float absmax, double median, double mad, struct levels *l)
{
    const struct pc_automask_conf *c = w->conf;
    float sigma = (float)(1.4826 * mad), middle = (float)median;
    float sidelobe = (float)w->in->sidelobe * (float)c->sidelobethreshold * absmax;
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
}

static int find_levels(struct work *w, struct levels *l, struct pc_err *err)
{
    struct region r = {0};
    double median, mad;
    int bad = find_region(w, &r, err);
    if (!bad)
        bad = w->conf->fastnoise
                  ? pc_stats_median_mad(w->in->residual, r.where, plane_px(w), &median, &mad, err)
                  : slow_noise(w, &r, &median, &mad, err);
    if (!bad)
        set_levels(w, r.absmax, median, mad, l);
    pc_mem_free(r.where);
    return bad;
}

/* ---- steps 3 to 6 ---- */

static double prune_size_px(const struct work *w)
{
    const double *cell = w->in->cell_rad;
    return w->conf->minbeamfrac * pc_beam_area_sr(&w->in->beam) / fabs(cell[0] * cell[1]);
}

static int smooth(struct work *w, struct pc_runs *mask, struct pc_err *err)
{
    struct pc_beam b = w->in->beam;
    b.maj_rad *= w->conf->smoothfactor;
    b.min_rad *= w->conf->smoothfactor;
    return pc_mask_smooth(mask, w->in->nx, w->in->ny, w->in->cell_rad, &b, w->conf->cutthreshold, err);
}

static int threshold_prune_smooth(struct work *w, float level, struct pc_err *err)
{
    struct pc_automask_out *out = w->out;
    struct pc_runs *mask = &w->positive;
    double min_px = w->conf->minbeamfrac > 0 ? prune_size_px(w) : 0;
    if (pc_survey_above(w->in->survey, w->in->residual, level, mask, err))
        return -1;
    out->n_threshold = pc_runs_count(mask);
    if (pc_morph_prune(mask, min_px, &out->nregion, &out->nregion_kept, err))
        return -1;
    out->n_pruned = pc_runs_count(mask);
    if (out->nregion > 0 && out->nregion_kept == 0)
        pc_log_note(w->log, "all %lld regions are smaller than %g pixels and were pruned",
                    (long long)out->nregion, min_px);
    if (smooth(w, mask, err))
        return -1;
    out->n_smoothed = pc_runs_count(mask);
    return 0;
}

/* ---- step 7: growing the previous mask into fainter emission ---- */

static int grow(struct work *w, float low, struct pc_err *err)
{
    const struct pc_automask_conf *c = w->conf;
    const struct pc_automask_in *in = w->in;
    int64_t before, after;
    if (!in->prev || in->iterdone <= 0 || c->growiterations <= 0)
        return 0;
    if (pc_morph_grow(in->prev, in->residual, low, in->nx, in->ny, (int)c->growiterations, &w->grown, err))
        return -1;
    if (c->dogrowprune && c->minbeamfrac > 0 &&
        pc_morph_prune(&w->grown, prune_size_px(w), &before, &after, err))
        return -1;
    if (smooth(w, &w->grown, err))
        return -1;
    w->out->n_grown = pc_runs_count(&w->grown);
    return 0;
}

/* ---- step 8: the negative mask is neither pruned nor grown ---- */

static int add_negative(struct work *w, float level, struct pc_err *err)
{
    if (w->conf->negativethreshold <= 0)
        return 0;
    if (pc_survey_below(w->in->survey, w->in->residual, level, &w->negative, err) ||
        smooth(w, &w->negative, err))
        return -1;
    w->out->n_negative = pc_runs_count(&w->negative);
    return 0;
}

/* a becomes a or b, or (both) a and b. */
static int take_in(struct pc_runs *a, const struct pc_runs *b, bool both, struct pc_err *err)
{
    struct pc_runs sum = {0};
    int bad = both ? pc_runs_and(&sum, a, b, err) : pc_runs_or(&sum, a, b, err);
    pc_runs_free(a);
    *a = sum;
    return bad;
}

/* All masks in one, bounded by what is valid and by the primary beam. */
static int unite(struct work *w, struct pc_err *err)
{
    const struct pc_automask_in *in = w->in;
    struct pc_runs *sum = &w->positive;
    if (take_in(sum, &w->grown, false, err) || take_in(sum, &w->negative, false, err) ||
        (in->prev && take_in(sum, in->prev, false, err)) ||
        (in->central && take_in(sum, in->central, true, err)))
        return -1;
    for (int64_t i = 0; i < sum->n; i++) {
        const struct pc_span *p = &sum->run[i];
        if (pc_runs_add_finite(&w->out->mask, p->y, p->x0, in->residual + (int64_t)p->y * in->nx + p->x0,
                               p->x1 - p->x0, err))
            return -1;
    }
    w->out->n_final = pc_runs_count(&w->out->mask);
    return 0;
}

/* ---- step 9: whether the next masks would be this one ---- */

static int judge(struct work *w, struct pc_err *err)
{
    const struct pc_automask_in *in = w->in;
    double limit = w->conf->minpercentchange;
    w->out->done = w->out->noise_limited && w->out->n_final == 0;
    /* The cycle threshold is a float in CASA: 0.002 there is 0.00200000009. */
    bool reached = in->cyclethreshold_jy > 0 && (float)in->cyclethreshold_jy <= (float)in->threshold_jy;
    if (!w->out->noise_limited || w->out->done || limit < 0 || !reached || !in->prev)
        return 0;
    struct pc_runs same = {0};
    int bad = pc_runs_and(&same, in->prev, &w->out->mask, err);
    int64_t before = pc_runs_count(in->prev), change = before + w->out->n_final - 2 * pc_runs_count(&same);
    w->out->done = change == 0 || (double)change < 0.01 * limit * (double)before;
    pc_runs_free(&same);
    return bad;
}

static int run(struct work *w, struct pc_err *err)
{
    struct levels l;
    if (find_levels(w, &l, err) || threshold_prune_smooth(w, l.high, err) || grow(w, l.low, err) ||
        add_negative(w, l.negative, err) || unite(w, err))
        return -1;
    return judge(w, err);
}

int pc_automask(const struct pc_automask_conf *conf, const struct pc_automask_in *in,
                struct pc_automask_out *out, struct pc_log *log, struct pc_err *err)
{
    struct work w = {.conf = conf, .in = in, .out = out, .log = log};
    *out = (struct pc_automask_out){0};
    int bad = run(&w, err);
    pc_runs_free(&w.positive);
    pc_runs_free(&w.grown);
    pc_runs_free(&w.negative);
    if (bad)
        pc_runs_free(&out->mask);
    return bad;
}
