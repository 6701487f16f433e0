/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/touch.h"

#include <stddef.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) &&                            \
    !defined(__SANITIZE_UNDEFINED__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

struct taps {
    int64_t u0, v0;
    float ku[PC_KERNEL_TAPS], kv[PC_KERNEL_TAPS];
    bool conj; /* it is the conjugate sample, at -u,-v, that lies in our half */
};

/* ntap is a constant where these are called: their loops unroll. Taps are evaluated in whole vectors. */
INLINE void locate(const struct pc_touch *g, double u, double v, struct taps *t, int ntap)
{
    const int lanes = (ntap + 3) / 4 * 4;
    double pos_u = u * g->geom->cell_rad[0] * g->grid->nu;
    double pos_v = v * g->geom->cell_rad[1] * g->grid->nv;
    t->conj = pos_u < 0;
    t->u0 = pc_kernel_taps(g->kernel, t->conj ? -pos_u : pos_u, lanes, t->ku);
    t->v0 = pc_kernel_taps(g->kernel, t->conj ? -pos_v : pos_v, lanes, t->kv);
    if (t->v0 < 0)
        t->v0 += g->grid->nv;
}

INLINE void spread(struct pc_halfplane *h, const struct taps *t, float re, float im, int ntap)
{
    float value[2 * PC_KERNEL_TAPS];
    for (int j = 0; j < ntap; j++) {
        value[2 * j] = t->kv[j] * re;
        value[2 * j + 1] = t->kv[j] * im;
    }
    for (int i = 0; i < ntap; i++) {
        if (!h->open[t->u0 + i + PC_GUARD])
            pc_halfplane_open(h, t->u0 + i);
        float *col = h->cell + 2 * ((t->u0 + i + PC_GUARD) * h->stride + t->v0);
        float k = t->ku[i];
        for (int j = 0; j < 2 * ntap; j++)
            col[j] += k * value[j];
    }
}

INLINE void collect(const struct pc_halfplane *h, const struct taps *t, float *re, float *im, int ntap)
{
    float sum[2 * PC_KERNEL_TAPS] = {0};
    for (int i = 0; i < ntap; i++) {
        const float *col = h->cell + 2 * ((t->u0 + i + PC_GUARD) * h->stride + t->v0);
        float k = t->ku[i];
        for (int j = 0; j < 2 * ntap; j++)
            sum[j] += k * col[j];
    }
    *re = *im = 0;
    for (int j = 0; j < ntap; j++) {
        *re += t->kv[j] * sum[2 * j];
        *im += t->kv[j] * sum[2 * j + 1];
    }
}

INLINE int64_t spread_all(const struct pc_touch *g, const struct pc_samples *s, const float *weight, int ntap)
{
    int64_t outside = 0;
    for (int64_t i = 0; i < s->n; i++) {
        float w = weight != NULL ? weight[i] : 1;
        if (w == 0)
            continue;
        if (!pc_geom_holds(g->geom, s->u[i], s->v[i])) {
            outside++;
            continue;
        }
        struct taps t;
        locate(g, s->u[i], s->v[i], &t, ntap);
        float re = w * s->re[i], im = w * s->im[i];
        spread(g->grid, &t, re, t.conj ? -im : im, ntap);
    }
    return outside;
}

INLINE void collect_all(const struct pc_touch *g, struct pc_samples *s, int ntap)
{
    for (int64_t i = 0; i < s->n; i++) {
        s->re[i] = s->im[i] = 0;
        if (!pc_geom_holds(g->geom, s->u[i], s->v[i]))
            continue;
        struct taps t;
        locate(g, s->u[i], s->v[i], &t, ntap);
        collect(g->grid, &t, &s->re[i], &s->im[i], ntap);
        if (t.conj)
            s->im[i] = -s->im[i];
    }
}

CLONES int64_t pc_touch_spread(const struct pc_touch *t, const struct pc_samples *s, const float *weight)
{
    switch (t->kernel->ntap) {
    case 4:
        return spread_all(t, s, weight, 4);
    case 5:
        return spread_all(t, s, weight, 5);
    case 6:
        return spread_all(t, s, weight, 6);
    case 7:
        return spread_all(t, s, weight, 7);
    case 8:
        return spread_all(t, s, weight, 8);
    default:
        return spread_all(t, s, weight, 9);
    }
}

CLONES void pc_touch_collect(const struct pc_touch *t, struct pc_samples *s)
{
    switch (t->kernel->ntap) {
    case 4:
        collect_all(t, s, 4);
        break;
    case 5:
        collect_all(t, s, 5);
        break;
    case 6:
        collect_all(t, s, 6);
        break;
    case 7:
        collect_all(t, s, 7);
        break;
    case 8:
        collect_all(t, s, 8);
        break;
    default:
        collect_all(t, s, 9);
    }
}
