/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_PORTABLE_H
#define PC_CASA_PORTABLE_H

#include <math.h>
#include <stdint.h>

/* Arithmetic that gives the same bits on every machine, for simulations: only + - * / sqrt and integers, no
 * libm functions, whose last bit differs between versions. Loops over these vectorise. */

/* A random 64-bit word for a counter: no state, so any part of a simulation can be made on its own. The
 * finaliser of SplitMix64 (Steele, Lea & Flood 2014), twice, with the stream between. */
static inline uint64_t pc_counter_u64(uint64_t seed, uint64_t stream, uint64_t counter)
{
    uint64_t z = counter + 0x9e3779b97f4a7c15u * (seed + 1);
    for (int k = 0; k < 2; k++) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z = (z ^ (z >> 31)) + (stream + 1) * 0xd1342543de82ef95u;
    }
    return z ^ (z >> 32);
}

/* Uniform in (0, 1). */
static inline double pc_counter_uniform(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return ((double)(pc_counter_u64(seed, stream, counter) >> 11) + 0.5) * 0x1p-53;
}

/* exp(2 pi i turns) by Taylor series over an eighth of a turn: 1e-11. */
static inline void pc_sincos_turns(double turns, double *sine, double *cosine)
{
    const double two_pi = 6.283185307179586476925;
    const double f = turns - rint(turns), quarter = rint(4 * f);
    const double x = two_pi * (f - 0.25 * quarter), y = x * x;
    const double s =
        x * (1 + y * (-1.0 / 6 +
                      y * (1.0 / 120 + y * (-1.0 / 5040 + y * (1.0 / 362880 + y * (-1.0 / 39916800))))));
    const double c =
        1 + y * (-0.5 + y * (1.0 / 24 + y * (-1.0 / 720 + y * (1.0 / 40320 + y * (-1.0 / 3628800 +
                                                                                  y * (1.0 / 479001600))))));
    const double odd = quarter * quarter; /* 0, 1 or 4: 1 when sine and cosine change places */
    const double a = odd == 1 ? c : s, b = odd == 1 ? s : c;
    *sine = quarter < 0 && odd == 1 ? -a : odd == 4 ? -a : a;
    *cosine = quarter > 0 && odd == 1 ? -b : odd == 4 ? -b : b;
}

/* Natural logarithm of x > 0 by the series of artanh: 1e-14. */
static inline double pc_portable_log(double x)
{
    int e;
    double m = frexp(x, &e);
    if (m < 0.70710678118654752) {
        m *= 2;
        e--;
    }
    const double s = (m - 1) / (m + 1), y = s * s;
    double sum = 0;
    for (int k = 17; k > 0; k -= 2)
        sum = sum * y + 1.0 / k;
    return 2 * s * sum + e * 0.693147180559945309417;
}

/* Two independent normal deviates (Box & Muller 1958). */
static inline void pc_counter_normal(uint64_t seed, uint64_t stream, uint64_t counter, double *a, double *b)
{
    const double r = sqrt(-2 * pc_portable_log(pc_counter_uniform(seed, stream, 2 * counter)));
    double s, c;
    pc_sincos_turns(pc_counter_uniform(seed, stream, 2 * counter + 1), &s, &c);
    *a = r * c;
    *b = r * s;
}

#endif
