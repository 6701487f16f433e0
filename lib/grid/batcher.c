/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/batcher.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

int pc_batcher_init(struct pc_batcher *s, int nplane, struct pc_err *err)
{
    *s = (struct pc_batcher){0};
    struct pc_batch *b = &s->batch;
    double *room =
        pc_mem_new((4 + 2 * (int64_t)nplane) * PC_BATCH_MAX, sizeof *room, "a batch of samples", err);
    b->u = room;
    b->at = pc_mem_new(PC_BATCH_MAX, sizeof *b->at, "a batch of samples", err);
    if (room == NULL || b->at == NULL) {
        pc_batcher_fini(s);
        return -1;
    }
    double **field[] = {&b->u, &b->v, &b->w, &b->weight};
    for (int i = 0; i < 4; i++)
        *field[i] = room + i * PC_BATCH_MAX;
    for (int p = 0; p < nplane; p++) {
        b->re[p] = room + (4 + 2 * p) * PC_BATCH_MAX;
        b->im[p] = room + (5 + 2 * p) * PC_BATCH_MAX;
    }
    return 0;
}

void pc_batcher_fini(struct pc_batcher *s)
{
    pc_mem_free(s->batch.u);
    pc_mem_free(s->batch.at);
    *s = (struct pc_batcher){0};
}

int pc_batcher_start(struct pc_batcher *s, const struct pc_visblock *b, const struct pc_planes *planes,
                     enum pc_batch_mode mode, struct pc_err *err)
{
    s->block = b;
    s->mode = mode;
    s->row = 0;
    s->chan = 0;
    s->batch.nplane = mode == PC_BATCH_PSF ? 1 : planes->n;
    if (pc_mix_find(&s->mix, planes, &b->info, err) != 0)
        return -1;
    return pc_natural_find(&s->natural, planes->pseudo, &b->info, err);
}

static double weight_at(const struct pc_batcher *s, int64_t at)
{
    const struct pc_visblock *b = s->block;
    if (s->mode == PC_BATCH_ALL)
        return 1;
    const float natural = pc_natural_weight(&s->natural, b->weight + at * b->ncorr);
    return (double)(b->imweight != NULL && natural > 0 ? b->imweight[at] : natural);
}

/* Whether the sample of s->row, s->chan has a weight; if so it has its place in the batch. */
static bool place(struct pc_batcher *s)
{
    const struct pc_visblock *b = s->block;
    struct pc_batch *o = &s->batch;
    const int64_t at = s->row * b->nchan + s->chan, n = o->n;
    const double weight = weight_at(s, at);
    if (!(weight > 0))
        return false;
    const double per_m = pc_visblock_per_m(b, s->row, s->chan);
    const double *uvw_m = b->uvw_m + 3 * s->row;
    o->u[n] = uvw_m[0] * per_m;
    o->v[n] = uvw_m[1] * per_m;
    o->w[n] = uvw_m[2] * per_m;
    o->weight[n] = weight;
    o->at[n] = at;
    s->sumwt += s->mode == PC_BATCH_ALL ? 0 : s->mix.hands_sum * weight;
    if (fabs(o->w[n]) > s->max_w)
        s->max_w = fabs(o->w[n]);
    o->n++;
    return true;
}

/* A plane is a[0] * the one + b[0] * the other of its pair of correlations. */
static void mix_plane(struct pc_batcher *s, int plane)
{
    const struct pc_batch *o = &s->batch;
    const int ncorr = s->block->ncorr, *pair = s->mix.pair[plane];
    const float *one = s->block->vis_jy + 2 * pair[0], *other = s->block->vis_jy + 2 * pair[1];
    const double alone = pair[0] == pair[1] ? 0 : 1;
    const double a_re = (double)s->mix.from[plane][pair[0]][0], a_im = (double)s->mix.from[plane][pair[0]][1];
    const double b_re = alone * (double)s->mix.from[plane][pair[1]][0],
                 b_im = alone * (double)s->mix.from[plane][pair[1]][1];
    for (int64_t i = 0; i < o->n; i++) {
        const int64_t k = 2 * ncorr * o->at[i];
        const double p_re = (double)one[k], p_im = (double)one[k + 1];
        const double q_re = (double)other[k], q_im = (double)other[k + 1];
        o->re[plane][i] = (a_re * p_re - a_im * p_im) + (b_re * q_re - b_im * q_im);
        o->im[plane][i] = (a_re * p_im + a_im * p_re) + (b_re * q_im + b_im * q_re);
    }
}

/* Of pseudoI: the mean of the hands that are good. */
static void mix_pseudo(struct pc_batcher *s)
{
    const struct pc_visblock *b = s->block;
    const struct pc_batch *o = &s->batch;
    for (int64_t i = 0; i < o->n; i++) {
        double re = 0, im = 0, n = 0;
        for (int k = 0; k < 2; k++) {
            const int64_t at = o->at[i] * b->ncorr + s->natural.hand[k];
            if (!pc_natural_good(b->weight[at]))
                continue;
            re += (double)b->vis_jy[2 * at];
            im += (double)b->vis_jy[2 * at + 1];
            n++;
        }
        o->re[0][i] = re / n;
        o->im[0][i] = im / n;
    }
}

static void fill(struct pc_batcher *s)
{
    const struct pc_batch *o = &s->batch;
    for (int p = 0; p < o->nplane; p++) {
        if (s->mode == PC_BATCH_DATA && s->mix.planes.pseudo)
            mix_pseudo(s);
        else if (s->mode == PC_BATCH_DATA)
            mix_plane(s, p);
        for (int64_t i = 0; s->mode != PC_BATCH_DATA && i < o->n; i++) {
            o->re[p][i] = s->mode == PC_BATCH_PSF ? 1 : 0;
            o->im[p][i] = 0;
        }
    }
}

struct pc_batch *pc_batcher_next(struct pc_batcher *s)
{
    s->batch.n = 0;
    while (s->row < s->block->nrow && s->batch.n < PC_BATCH_MAX) {
        if (place(s))
            s->nused++;
        else
            s->npassed++;
        if (++s->chan == s->block->nchan) {
            s->chan = 0;
            s->row++;
        }
    }
    fill(s);
    return s->batch.n > 0 ? &s->batch : NULL;
}

/* What one plane predicts for one correlation. */
static void add_term(const struct pc_batch *batch, int plane, const double to[2], int ncorr, float *vis_jy)
{
    const double *re = batch->re[plane], *im = batch->im[plane];
    for (int64_t i = 0; i < batch->n; i++) {
        float *v = vis_jy + 2 * ncorr * batch->at[i];
        v[0] += (float)(to[0] * re[i] - to[1] * im[i]);
        v[1] += (float)(to[0] * im[i] + to[1] * re[i]);
    }
}

void pc_batcher_add_to(const struct pc_batcher *s, const struct pc_batch *batch, double factor, float *vis_jy)
{
    for (int corr = 0; corr < s->mix.ncorr; corr++)
        for (int plane = 0; plane < batch->nplane; plane++) {
            const float *to = s->mix.to[corr][plane];
            if (to[0] != 0 || to[1] != 0)
                add_term(batch, plane, (double[]){factor * (double)to[0], factor * (double)to[1]},
                         s->mix.ncorr, vis_jy + 2 * corr);
        }
}
