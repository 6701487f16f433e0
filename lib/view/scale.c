/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/scale.h"

#include <math.h>
#include <stdio.h>

static double bend(const struct pc_stretch *s, double v)
{
    return s->soft > 0 ? asinh(v / s->soft) : v;
}

double pc_stretch_at(const struct pc_stretch *s, double v)
{
    double lo = bend(s, s->lo), hi = bend(s, s->hi);
    return hi > lo ? (bend(s, v) - lo) / (hi - lo) : 0 * v;
}

void pc_stretch_bend(struct pc_stretch *s, double noise)
{
    s->soft = noise > 0 ? noise * fmin(5, sqrt(fmax(s->hi / noise, 36) / 4)) : 0;
}

/* 1, 2, 5, 10, 20 ... times ten^power: the k-th from 1 on. */
static double round_step(int k)
{
    static const double mantissa[3] = {1, 2, 5};
    int decade = (int)floor(k / 3.0);
    return mantissa[k - 3 * decade] * pow(10, decade);
}

static int decimals_of(double step)
{
    int d = (int)-floor(log10(step) + 1e-9);
    return d > 0 ? d : 0;
}

int pc_ticks_linear(double lo, double hi, int most, double *tick, int *decimals)
{
    *decimals = 0;
    if (!(hi > lo) || most < 1 || !isfinite(hi - lo))
        return 0;
    int k = 3 * (int)floor(log10((hi - lo) / most)) - 3;
    double first = 0, last = INFINITY;
    for (; last - first + 1 > most; k++) {
        first = ceil(lo / round_step(k) - 1e-9);
        last = floor(hi / round_step(k) + 1e-9);
    }
    k--;
    int n = 0;
    for (double i = first; i <= last && n < most; i++)
        tick[n++] = i * round_step(k);
    *decimals = decimals_of(round_step(k));
    return n;
}

/* Keeps tick[n-1] only when it is far enough from those before it. */
static int settle(const struct pc_stretch *s, int most, const double *tick, int n)
{
    double at = pc_stretch_at(s, tick[n - 1]);
    if (at < -1e-9 || at > 1 + 1e-9)
        return n - 1;
    for (int i = 0; i < n - 1; i++)
        if (fabs(pc_stretch_at(s, tick[i]) - at) < 1.0 / most)
            return n - 1;
    return n;
}

int pc_ticks_stretch(const struct pc_stretch *s, int most, double *tick, int *decimals)
{
    if (!(s->soft > 0))
        return pc_ticks_linear(s->lo, s->hi, most, tick, decimals);
    int n = 0, top = 3 * (int)ceil(log10(fmax(fabs(s->lo), fabs(s->hi)))) + 1;
    double least = INFINITY;
    tick[n++] = 0;
    n = settle(s, most, tick, n);
    /* whole decades first, then what fits between them */
    for (int round = 0; round < 3; round++)
        for (int k = top; k > top - 18; k--) {
            static const int order[3] = {0, 2, 1};
            if (((k % 3) + 3) % 3 != order[round])
                continue;
            for (int sign = 1; sign >= -1 && n < most; sign -= 2) {
                int before = n;
                tick[n++] = sign * round_step(k);
                n = settle(s, most, tick, n);
                least = n > before ? fmin(least, round_step(k)) : least;
            }
        }
    *decimals = isfinite(least) ? decimals_of(least) : 0;
    return n;
}

void pc_number_label(char *s, size_t cap, double v, int decimals)
{
    char digits[64];
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(v));
    int zero = 1;
    for (const char *d = digits; *d; d++)
        zero = zero && (*d == '0' || *d == '.');
    snprintf(s, cap, "%s%s", v < 0 && !zero ? "\xe2\x88\x92" : "", digits);
}

const char *pc_flux_prefix(double max_jy, double *factor)
{
    if (max_jy >= 0.8 || !(max_jy > 0)) {
        *factor = 1;
        return "";
    }
    *factor = max_jy >= 0.8e-3 ? 1e3 : 1e6;
    return max_jy >= 0.8e-3 ? "m" : "\xc2\xb5";
}
