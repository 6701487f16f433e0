/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_LANES32_H
#define PC_GRID_DIRECT_LANES32_H

#include "grid/direct_lanes.h"

#include <string.h>

/* The same 16 samples in single precision. Phases are whole numbers of 2^-32 turns: sums of them lose whole
 * turns by themselves. */

typedef float lanes32 __attribute__((vector_size(32)));
typedef float narrow __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(32)));
typedef int32_t signed_words __attribute__((vector_size(32)));
enum { NVEC32 = LANES / 8 };

struct phase32 {
    words turn[NVEC32];
};

struct wave32 {
    lanes32 re[NVEC32], im[NVEC32];
};

#define ROUND_32 1572864.0 /* 1.5 x 2^20: x + ROUND_32 has units of 2^-32, |x| < 2^19 */

/* The lower half of each of eight 64-bit numbers. */
INLINE void lower_halves(const lanes *a, words *low)
{
    words first, second;
    memcpy(&first, &a[0], sizeof first);
    memcpy(&second, &a[1], sizeof second);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HALVES 0, 2, 4, 6, 8, 10, 12, 14
#else
#define HALVES 1, 3, 5, 7, 9, 11, 13, 15
#endif
#if defined(__clang__)
    *low = __builtin_shufflevector(first, second, HALVES);
#else
    *low = __builtin_shuffle(first, second, (words){HALVES});
#endif
#undef HALVES
}

INLINE void phase_of(const lanes *turn, struct phase32 *phase)
{
    for (int v = 0; v < NVEC32; v++) {
        lanes fixed[2] = {turn[2 * v] + ROUND_32, turn[2 * v + 1] + ROUND_32};
        lower_halves(fixed, &phase->turn[v]);
    }
}

/* Cosine and sine, within 1.5e-7: a quarter turn each way is left to polynomials (errors 2e-10 and 7e-9). */
INLINE void cos_sin32(const words *turn, lanes32 *cosine, lanes32 *sine)
{
    words twice = *turn << 1, sign = (*turn ^ twice) & 0x80000000u; /* odd half turns */
    lanes32 q = __builtin_convertvector((signed_words)twice, lanes32) * 0x1p-33f, z = q * q;
    lanes32 c = -24.9814344678917f * z + 60.2438895603421f;
    c = c * z - 85.4535647709952f;
    c = c * z + 64.9393464762102f;
    c = c * z - 19.7392085477158f;
    c = c * z + 1.0f;
    lanes32 s = 39.7598270853191f * z - 76.5811726442787f;
    s = s * z + 81.6024763689252f;
    s = s * z - 41.3416806133465f;
    s = (s * z + 6.28318528015441f) * q;
    *cosine = (lanes32)((words)c ^ sign);
    *sine = (lanes32)((words)s ^ sign);
}

INLINE void wave32_of(const struct phase32 *phase, struct wave32 *w)
{
    for (int v = 0; v < NVEC32; v++)
        cos_sin32(&phase->turn[v], &w->re[v], &w->im[v]);
}

INLINE void rounded(const lanes *x, lanes32 *r)
{
    narrow first = __builtin_convertvector(x[0], narrow), second = __builtin_convertvector(x[1], narrow);
    memcpy(r, &first, sizeof first);
    memcpy((char *)r + sizeof first, &second, sizeof second);
}

INLINE void widened(const lanes32 *x, lanes *w)
{
    narrow half[2];
    memcpy(half, x, sizeof half);
    w[0] = __builtin_convertvector(half[0], lanes);
    w[1] = __builtin_convertvector(half[1], lanes);
}

INLINE void wave_round(const struct wave *w, struct wave32 *r)
{
    for (int v = 0; v < NVEC32; v++) {
        rounded(&w->re[2 * v], &r->re[v]);
        rounded(&w->im[2 * v], &r->im[v]);
    }
}

INLINE void wave32_times(const struct wave32 *a, const struct wave32 *b, struct wave32 *product)
{
    for (int v = 0; v < NVEC32; v++) {
        lanes32 re = a->re[v] * b->re[v] - a->im[v] * b->im[v];
        product->im[v] = a->re[v] * b->im[v] + a->im[v] * b->re[v];
        product->re[v] = re;
    }
}

/* Adds to sums in double precision. */
INLINE void wave_add32(struct wave *all, const struct wave32 *w)
{
    for (int v = 0; v < NVEC32; v++) {
        lanes re[2], im[2];
        widened(&w->re[v], re);
        widened(&w->im[v], im);
        for (int i = 0; i < 2; i++) {
            all->re[2 * v + i] += re[i];
            all->im[2 * v + i] += im[i];
        }
    }
}

#endif
