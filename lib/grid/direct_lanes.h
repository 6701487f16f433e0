/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_LANES_H
#define PC_GRID_DIRECT_LANES_H

#include "base/clones.h"

#include <stdint.h>

/* Phases in turns, for 16 samples side by side. Private to lib/grid/direct*.c.
 *
 * Lanes are written as the compilers' vector types (GCC, clang: + - * of all lanes at once, on any
 * processor): loops over arrays as short as these are unrolled into scalars before a compiler looks for
 * vectors.
 *
 * A number of turns per pixel t = u cell is kept as high + low, t less its whole turns: high a multiple of
 * 2^-36, so that k high is exact for any pixel number |k| <= 2^16, and low below 2^-37. k t loses its whole
 * turns exactly. */

#define INLINE static inline __attribute__((always_inline))

typedef double lanes __attribute__((vector_size(32)));
typedef uint64_t bits __attribute__((vector_size(32)));
enum { LANES = 16, NVEC = LANES / 4 };

struct turns {
    lanes high[NVEC], low[NVEC];
};

/* A complex number of each sample. */
struct wave {
    lanes re[NVEC], im[NVEC];
};

/* x + ROUND - ROUND is x rounded to a whole number (to a half, to a multiple of 2^-36), for |x| far below. */
#define ROUND_WHOLE 6755399441055744.0 /* 1.5 x 2^52 */
#define ROUND_HALF 3377699720527872.0  /* 1.5 x 2^51 */
#define ROUND_36 98304.0               /* 1.5 x 2^16 */
#define SPLITTER 134217729.0           /* 2^27 + 1; Dekker 1971, Numer. Math. 18, 224 */

/* x as a sum of two of 26 bits. */
INLINE void split(const lanes *x, lanes *high, lanes *low)
{
    lanes c = SPLITTER * *x;
    *high = c - (c - *x);
    *low = *x - *high;
}

/* Turns per pixel, x cell: the product with what its rounding loses. */
INLINE void turns_of(const lanes *x, double cell_rad, struct turns *t)
{
    lanes cell = cell_rad - (lanes){0}, ch, cl;
    split(&cell, &ch, &cl);
    for (int v = 0; v < NVEC; v++) {
        lanes p = x[v] * cell, xh, xl;
        split(&x[v], &xh, &xl);
        lanes rest = ((xh * ch - p) + xh * cl + xl * ch) + xl * cl;
        lanes r = p - ((p + ROUND_WHOLE) - ROUND_WHOLE);
        t->high[v] = (r + ROUND_36) - ROUND_36;
        t->low[v] = (r - t->high[v]) + rest;
    }
}

/* k t, less its whole turns. */
INLINE void turns_at(const struct turns *t, int k, lanes *turn)
{
    for (int v = 0; v < NVEC; v++) {
        lanes p = (double)k * t->high[v];
        turn[v] = (p - ((p + ROUND_WHOLE) - ROUND_WHOLE)) + (double)k * t->low[v];
    }
}

/* Cosine and sine of 2 pi turn, |turn| < 2^50, within 3e-16. Half turns are taken off; a quarter turn each
 * way is left to polynomials that are the best for it in the Chebyshev sense (errors 4e-18 and 2e-18 before
 * rounding). */
INLINE void cos_sin(const lanes *turn, lanes *cosine, lanes *sine)
{
    lanes m = *turn + ROUND_HALF, q = *turn - (m - ROUND_HALF), z = q * q;
    bits sign = (bits)m << 63; /* the lowest bit of m counts half turns */
    lanes c = 0.2719458494999813 * z - 1.7132184107005932;
    c = c * z + 7.903462492085097;
    c = c * z - 26.426254066690255;
    c = c * z + 60.24464131316041;
    c = c * z - 85.45681720598061;
    c = c * z + 64.93939402266395;
    c = c * z - 19.739208802178705;
    c = c * z + 1.0;
    lanes s = 0.10089695501646812 * z - 0.7177337921413454;
    s = s * z + 3.8199280942271643;
    s = s * z - 15.0946416761179;
    s = s * z + 42.058693925428685;
    s = s * z - 76.70585975282492;
    s = s * z + 81.60524927607362;
    s = s * z - 41.341702240399755;
    s = (s * z + 6.283185307179586) * q;
    *cosine = (lanes)((bits)c ^ sign);
    *sine = (lanes)((bits)s ^ sign);
}

/* exp(2 pi i k t) */
INLINE void wave_at(const struct turns *t, int k, struct wave *w)
{
    lanes turn[NVEC];
    turns_at(t, k, turn);
    for (int v = 0; v < NVEC; v++)
        cos_sin(&turn[v], &w->re[v], &w->im[v]);
}

/* The product may take the place of a factor. */
INLINE void wave_times(const struct wave *a, const struct wave *b, struct wave *product)
{
    for (int v = 0; v < NVEC; v++) {
        lanes re = a->re[v] * b->re[v] - a->im[v] * b->im[v];
        product->im[v] = a->re[v] * b->im[v] + a->im[v] * b->re[v];
        product->re[v] = re;
    }
}

/* Waves first, first + step, ...: those of the step's powers of two are exact, all others products of them.
 */
INLINE void wave_table(const struct turns *t, int first, int step, struct wave *table, int n)
{
    wave_at(t, first, &table[0]);
    for (int have = 1; have < n; have *= 2) {
        struct wave power;
        wave_at(t, step * have, &power);
        for (int j = 0; j < have && have + j < n; j++)
            wave_times(&table[j], &power, &table[have + j]);
    }
}

#endif
