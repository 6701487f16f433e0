/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_AIRY_H
#define PC_TESTS_AIRY_H

#include <math.h>

/* A dish's voltage pattern without a Bessel function: the transform of a round, even aperture,
 *     2 J1(x) / x = 1/pi times the integral of cos(a)^2 cos(x sin(a)) over a circle;
 * of a periodic integrand the plain sum is exact once it has more terms than x. */
static double aperture(double x)
{
    enum { N = 400 };
    double sum = 0;
    for (int i = 0; i < N; i++) {
        const double a = 2 * M_PI * i / N;
        sum += cos(a) * cos(a) * cos(x * sin(a));
    }
    return 2 * sum / N;
}

/* Spec section 4.3: the second null (x = 7.016) of an unblocked dish of 24.5 m lies at 1.566 degrees at 1
 * GHz; the blockage as CASA has it. */
static double airy_voltage(double r_deg_ghz, double dish_m, double block_m)
{
    const double x = r_deg_ghz * 7.016 / 1.566 * dish_m / 24.5;
    if (block_m <= 0)
        return aperture(x);
    const double ratio = dish_m / block_m;
    return (ratio * ratio * aperture(x) - aperture(x * ratio)) / (ratio * ratio - 1);
}

#endif
