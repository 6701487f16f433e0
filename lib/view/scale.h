/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_SCALE_H
#define PC_VIEW_SCALE_H

#include <stddef.h>

/* From numbers to places on a bar or an axis, and the marks along it. */

/* Brightness to 0..1: linear, or asinh, linear within `soft` of zero and logarithmic beyond it. */
struct pc_stretch {
    double lo, hi;
    double soft; /* 0: linear */
};
double pc_stretch_at(const struct pc_stretch *s, double v); /* not clamped; NaN stays */

/* Makes it asinh: soft between the noise, which would fill half the colours, and the peak, which would leave
 * none to what is faint. Without noise it stays linear. */
void pc_stretch_bend(struct pc_stretch *s, double noise);

/* At most `most` round numbers (steps 1, 2, 5 times a power of ten) within lo..hi, into tick[most]. Returns
 * how many and the decimals they need. */
int pc_ticks_linear(double lo, double hi, int most, double *tick, int *decimals);
/* For a bar: linear ones, or for asinh 0 and 1, 2, 5 times powers of ten that lie at least 1/most of the bar
 * apart. */
int pc_ticks_stretch(const struct pc_stretch *s, int most, double *tick, int *decimals);

/* A number with so many decimals and a real minus sign (UTF-8); never "-0". */
void pc_number_label(char *s, size_t cap, double v, int decimals);

/* The prefix that brings a flux near 1..1000: factor to multiply by; "", "m" or the micro sign. */
const char *pc_flux_prefix(double max_jy, double *factor);

#endif
