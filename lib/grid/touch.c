/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/touch.h"

#include "base/clones.h"
#include "grid/real.h"

#include <stddef.h>

/* ntap is a constant where these are called: their loops unroll. Taps are evaluated in whole vectors. */

struct taps {
    pc_real u[PC_KERNEL_TAPS], v[PC_KERNEL_TAPS];
};

PC_INLINE void evaluate(const struct pc_kernel *k, const struct pc_place *p, struct taps *t, int ntap)
{
    const int lanes = (ntap + 3) / 4 * 4;
    const pc_real su = (pc_real)p->su, sv = (pc_real)p->sv;
#ifdef PC_WIDE
    const double(*coef)[PC_KERNEL_TAPS] = k->coef;
#else
    const float(*coef)[PC_KERNEL_TAPS] = k->coef_f32;
#endif
    pc_real u[PC_KERNEL_TAPS], v[PC_KERNEL_TAPS];
    for (int i = 0; i < lanes; i++)
        u[i] = v[i] = coef[0][i];
    for (int d = 1; d <= k->degree; d++)
        for (int i = 0; i < lanes; i++) {
            u[i] = u[i] * su + coef[d][i];
            v[i] = v[i] * sv + coef[d][i];
        }
    for (int i = 0; i < lanes; i++) {
        t->u[i] = u[i];
        t->v[i] = v[i];
    }
}

PC_INLINE pc_real *corner(const struct pc_touch *t, int plane, const struct pc_place *p)
{
    return (pc_real *)t->cell[plane] + 2 * (p->u0 * t->stride + p->v0);
}

PC_INLINE void spread(pc_real *cell, int64_t stride, const struct taps *t, pc_real re, pc_real im, int ntap)
{
    pc_real value[2 * PC_KERNEL_TAPS];
    for (int j = 0; j < ntap; j++) {
        value[2 * j] = t->v[j] * re;
        value[2 * j + 1] = t->v[j] * im;
    }
    for (int i = 0; i < ntap; i++, cell += 2 * stride)
        for (int j = 0; j < 2 * ntap; j++)
            cell[j] += t->u[i] * value[j];
}

PC_INLINE void collect(const pc_real *cell, int64_t stride, const struct taps *t, double *re, double *im,
                       int ntap)
{
    pc_real sum[2 * PC_KERNEL_TAPS] = {0};
    for (int i = 0; i < ntap; i++, cell += 2 * stride)
        for (int j = 0; j < 2 * ntap; j++)
            sum[j] += t->u[i] * cell[j];
    *re = *im = 0;
    for (int j = 0; j < ntap; j++) {
        *re += (double)(t->v[j] * sum[2 * j]);
        *im += (double)(t->v[j] * sum[2 * j + 1]);
    }
}

PC_INLINE void spread_all(const struct pc_touch *t, const struct pc_bins *b, int ntap)
{
    for (int64_t i = t->from; i < t->to; i++) {
        const struct pc_place *p = &b->place[b->order[i]];
        const double *value = b->value + 2 * b->nplane * (int64_t)b->order[i];
        struct taps taps;
        evaluate(t->kernel, p, &taps, ntap);
        for (int k = 0; k < t->nplane; k++)
            spread(corner(t, k, p), t->stride, &taps, (pc_real)value[2 * k],
                   (pc_real)(p->conj ? value[2 * k + 1] : -value[2 * k + 1]), ntap);
    }
}

PC_INLINE void collect_all(const struct pc_touch *t, struct pc_bins *b, int ntap)
{
    for (int64_t i = t->from; i < t->to; i++) {
        const struct pc_place *p = &b->place[b->order[i]];
        double *value = b->value + 2 * b->nplane * (int64_t)b->order[i];
        struct taps taps;
        evaluate(t->kernel, p, &taps, ntap);
        for (int k = 0; k < t->nplane; k++) {
            collect(corner(t, k, p), t->stride, &taps, &value[2 * k], &value[2 * k + 1], ntap);
            if (!p->conj)
                value[2 * k + 1] = -value[2 * k + 1];
        }
    }
}

#define PC_EACH_NTAP(all)                                                                                    \
    switch (t->kernel->ntap) {                                                                               \
    case 4:                                                                                                  \
        all(t, b, 4);                                                                                        \
        break;                                                                                               \
    case 5:                                                                                                  \
        all(t, b, 5);                                                                                        \
        break;                                                                                               \
    case 6:                                                                                                  \
        all(t, b, 6);                                                                                        \
        break;                                                                                               \
    case 7:                                                                                                  \
        all(t, b, 7);                                                                                        \
        break;                                                                                               \
    case 8:                                                                                                  \
        all(t, b, 8);                                                                                        \
        break;                                                                                               \
    case 9:                                                                                                  \
        all(t, b, 9);                                                                                        \
        break;                                                                                               \
    case 10:                                                                                                 \
        all(t, b, 10);                                                                                       \
        break;                                                                                               \
    case 11:                                                                                                 \
        all(t, b, 11);                                                                                       \
        break;                                                                                               \
    case 12:                                                                                                 \
        all(t, b, 12);                                                                                       \
        break;                                                                                               \
    case 13:                                                                                                 \
        all(t, b, 13);                                                                                       \
        break;                                                                                               \
    case 14:                                                                                                 \
        all(t, b, 14);                                                                                       \
        break;                                                                                               \
    case 15:                                                                                                 \
        all(t, b, 15);                                                                                       \
        break;                                                                                               \
    default:                                                                                                 \
        all(t, b, 16);                                                                                       \
    }

PC_CLONES void PC_REAL(pc_touch_spread)(const struct pc_touch *t,
                                        const struct pc_bins *b){PC_EACH_NTAP(spread_all)}

PC_CLONES void PC_REAL(pc_touch_collect)(const struct pc_touch *t, struct pc_bins *b)
{
    PC_EACH_NTAP(collect_all)
}
