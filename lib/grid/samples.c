/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/samples.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 4096 };
static const double light_m_s = 299792458.0;

static int find_corr(const struct pc_visinfo *info, int code)
{
    for (int i = 0; i < info->ncorr; i++)
        if (info->corr[i] == code)
            return i;
    return -1;
}

static int missing(int stokes, const struct pc_visinfo *info, struct pc_err *err)
{
    char have[64] = "";
    for (int i = 0; i < info->ncorr; i++) {
        const char *name = pc_stokes_name(info->corr[i]);
        size_t len = strlen(have);
        snprintf(have + len, sizeof have - len, "%s%s", i > 0 ? "," : "", name ? name : "?");
    }
    const char *want = pc_stokes_name(stokes);
    return pc_err_set(
        err, PC_EX_DATA,
        "Stokes %s cannot be made: it takes %s, %s has the correlations %s (--stokes XX, YY, RR or LL "
        "takes one of them)",
        want ? want : "?", stokes == 1 ? "XX and YY, or RR and LL" : "that correlation itself", info->ms,
        have);
}

int pc_hands_find(struct pc_hands *h, int stokes, const struct pc_visinfo *info, struct pc_err *err)
{
    static const char *const pair[][2] = {{"XX", "YY"}, {"RR", "LL"}};
    *h = (struct pc_hands){.stokes = stokes};
    if (stokes != pc_stokes_code("I")) {
        h->n = 1;
        h->at[0] = stokes < 0 ? find_corr(info, stokes) : -1;
        return h->at[0] < 0 ? missing(stokes, info, err) : 0;
    }
    h->n = 2;
    for (int p = 0; p < 2; p++) {
        for (int i = 0; i < 2; i++)
            h->at[i] = find_corr(info, pc_stokes_code(pair[p][i]));
        if (h->at[0] >= 0 && h->at[1] >= 0)
            return 0;
    }
    return missing(stokes, info, err);
}

float pc_vis_natural(const float *weight, int ncorr)
{
    for (int i = 0; i < ncorr; i++)
        if (!(weight[i] > 0 && weight[i] <= FLT_MAX))
            return 0;
    return ncorr > 1 ? 0.5F * (weight[0] + weight[ncorr - 1]) : weight[0];
}

int pc_sampler_init(struct pc_sampler *s, struct pc_err *err)
{
    *s = (struct pc_sampler){0};
    struct pc_samples *b = &s->batch;
    b->u = pc_mem_new(BATCH, sizeof *b->u, "a batch of samples", err);
    b->v = pc_mem_new(BATCH, sizeof *b->v, "a batch of samples", err);
    b->w = pc_mem_new(BATCH, sizeof *b->w, "a batch of samples", err);
    b->re = pc_mem_new(BATCH, sizeof *b->re, "a batch of samples", err);
    b->im = pc_mem_new(BATCH, sizeof *b->im, "a batch of samples", err);
    b->weight = pc_mem_new(BATCH, sizeof *b->weight, "a batch of samples", err);
    if (b->u && b->v && b->w && b->re && b->im && b->weight)
        return 0;
    pc_sampler_fini(s);
    return -1;
}

void pc_sampler_fini(struct pc_sampler *s)
{
    pc_mem_free(s->batch.u);
    pc_mem_free(s->batch.v);
    pc_mem_free(s->batch.w);
    pc_mem_free(s->batch.re);
    pc_mem_free(s->batch.im);
    pc_mem_free(s->batch.weight);
    *s = (struct pc_sampler){0};
}

void pc_sampler_start(struct pc_sampler *s, const struct pc_visblock *b, const struct pc_hands *h, bool psf)
{
    s->block = b;
    s->hands = *h;
    s->psf = psf;
    s->row = 0;
    s->chan = 0;
}

static void hand_mean(const struct pc_sampler *s, const float *vis_jy, float *re, float *im)
{
    const float *a = vis_jy + 2 * s->hands.at[0];
    *re = a[0];
    *im = a[1];
    if (s->hands.n == 2) {
        const float *b = vis_jy + 2 * s->hands.at[1];
        *re = 0.5F * (a[0] + b[0]);
        *im = 0.5F * (a[1] + b[1]);
    }
}

/* The sample of s->row, s->chan; false when it is passed over. */
static bool take(struct pc_sampler *s)
{
    const struct pc_visblock *b = s->block;
    struct pc_samples *o = &s->batch;
    int64_t at = s->row * b->nchan + s->chan;
    float weight = pc_vis_natural(b->weight + at * b->ncorr, b->ncorr);
    if (b->imweight != NULL && weight > 0)
        weight = b->imweight[at];
    if (!(weight > 0))
        return false;
    double per_m = pc_vis_freq_hz(b, s->row, s->chan) / light_m_s;
    o->u[o->n] = b->uvw_m[3 * s->row] * per_m;
    o->v[o->n] = b->uvw_m[3 * s->row + 1] * per_m;
    o->w[o->n] = b->uvw_m[3 * s->row + 2] * per_m;
    o->weight[o->n] = weight;
    o->re[o->n] = 1;
    o->im[o->n] = 0;
    if (!s->psf)
        hand_mean(s, b->vis_jy + at * b->ncorr * 2, &o->re[o->n], &o->im[o->n]);
    s->max_w = fmax(s->max_w, fabs(o->w[o->n]));
    s->sumwt += s->hands.n * (double)weight;
    o->n++;
    return true;
}

struct pc_samples *pc_sampler_next(struct pc_sampler *s)
{
    s->batch.n = 0;
    while (s->row < s->block->nrow && s->batch.n < BATCH) {
        if (take(s))
            s->nused++;
        else
            s->npassed++;
        if (++s->chan == s->block->nchan) {
            s->chan = 0;
            s->row++;
        }
    }
    return s->batch.n > 0 ? &s->batch : NULL;
}
