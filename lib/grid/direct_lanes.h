/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_LANES_H
#define PC_GRID_DIRECT_LANES_H

#include <stdint.h>
#include <string.h>

/* Phases in turns, for n samples side by side; n is a constant where these are called, their loops become
 * vectors. Private to lib/grid/direct*.c.
 *
 * A number of turns per pixel t = u cell is kept as th + tl, t less its whole turns: th a multiple of 2^-36,
 * so that k th is exact for any pixel number |k| < 2^16, and tl below 2^-37. k t loses its whole turns
 * without an error. */

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) &&                            \
    !defined(__SANITIZE_UNDEFINED__)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

/* x + ROUND - ROUND is x rounded to a whole number (to a half, to a multiple of 2^-36), for |x| far below. */
#define ROUND_WHOLE 6755399441055744.0 /* 1.5 x 2^52 */
#define ROUND_HALF 3377699720527872.0  /* 1.5 x 2^51 */
#define ROUND_36 98304.0               /* 1.5 x 2^16 */
#define SPLITTER 134217729.0           /* 2^27 + 1; Dekker 1971, Numer. Math. 18, 224 */

/* x as a sum of two of 26 bits. */
INLINE void split(double x, double *high, double *low)
{
    double c = SPLITTER * x;
    *high = c - (c - x);
    *low = x - *high;
}

/* Turns per pixel: x cell. */
INLINE void turns_of(const double *x, double cell, double *th, double *tl, int n)
{
    double ch, cl;
    split(cell, &ch, &cl);
    for (int i = 0; i < n; i++) {
        double xh, xl, p = x[i] * cell;
        split(x[i], &xh, &xl);
        double rest = ((xh * ch - p) + xh * cl + xl * ch) + xl * cl;
        double r = p - ((p + ROUND_WHOLE) - ROUND_WHOLE);
        th[i] = (r + ROUND_36) - ROUND_36;
        tl[i] = (r - th[i]) + rest;
    }
}

/* k t, less its whole turns. */
INLINE void turns_at(const double *th, const double *tl, double k, double *turn, int n)
{
    for (int i = 0; i < n; i++) {
        double p = k * th[i];
        turn[i] = p - ((p + ROUND_WHOLE) - ROUND_WHOLE) + k * tl[i];
    }
}

INLINE double with_sign(double x, uint64_t sign)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits ^= sign;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* cos and sin of 2 pi turn, |turn| < 2^50, within 3e-16. Half turns are taken off; a quarter turn each way is
 * left to polynomials that are the best for it in the Chebyshev sense (errors 4e-18 and 2e-18 before
 * rounding). */
INLINE void cos_sin(const double *turn, double *c, double *s, int n)
{
    for (int i = 0; i < n; i++) {
        double m = turn[i] + ROUND_HALF;
        double q = turn[i] - (m - ROUND_HALF), z = q * q;
        uint64_t sign;
        memcpy(&sign, &m, sizeof sign);
        sign <<= 63; /* the lowest bit of m counts half turns */
        double cosine = 0.2719458494999813;
        cosine = cosine * z - 1.7132184107005932;
        cosine = cosine * z + 7.903462492085097;
        cosine = cosine * z - 26.426254066690255;
        cosine = cosine * z + 60.24464131316041;
        cosine = cosine * z - 85.45681720598061;
        cosine = cosine * z + 64.93939402266395;
        cosine = cosine * z - 19.739208802178705;
        cosine = cosine * z + 1.0;
        double sine = 0.10089695501646812;
        sine = sine * z - 0.7177337921413454;
        sine = sine * z + 3.8199280942271643;
        sine = sine * z - 15.0946416761179;
        sine = sine * z + 42.058693925428685;
        sine = sine * z - 76.70585975282492;
        sine = sine * z + 81.60524927607362;
        sine = sine * z - 41.341702240399755;
        sine = sine * z + 6.283185307179586;
        c[i] = with_sign(cosine, sign);
        s[i] = with_sign(sine * q, sign);
    }
}

/* exp(2 pi i k t): n real parts, then n imaginary parts. */
INLINE void wave_at(const double *th, const double *tl, double k, double *wave, int n)
{
    double turn[16];
    turns_at(th, tl, k, turn, n);
    cos_sin(turn, wave, wave + n, n);
}

#define DEFINE_TIMES(NAME, REAL)                                                                             \
    INLINE void NAME(const REAL *a, const REAL *b, REAL *product, int n)                                     \
    {                                                                                                        \
        for (int i = 0; i < n; i++) {                                                                        \
            REAL re = a[i] * b[i] - a[n + i] * b[n + i];                                                     \
            REAL im = a[i] * b[n + i] + a[n + i] * b[i];                                                     \
            product[i] = re;                                                                                 \
            product[n + i] = im;                                                                             \
        }                                                                                                    \
    }

#endif
