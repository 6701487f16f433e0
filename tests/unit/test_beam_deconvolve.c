/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beams made by convolution, by the addition of their second moments, come apart again. */
#include "image/beam_deconvolve.h"
#include "tap.h"

static const double DEG = 3.14159265358979323846 / 180;

/* Convolution by covariance matrices and their eigenvalues: another way than the one under test. */
static struct pc_beam convolved(struct pc_beam a, struct pc_beam b)
{
    double m[3] = {0, 0, 0};
    struct pc_beam both[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        double u[2] = {cos(both[i].pa_rad), sin(both[i].pa_rad)}; /* north, east */
        double p = both[i].maj_rad * both[i].maj_rad, q = both[i].min_rad * both[i].min_rad;
        m[0] += p * u[0] * u[0] + q * u[1] * u[1];
        m[1] += p * u[1] * u[1] + q * u[0] * u[0];
        m[2] += (p - q) * u[0] * u[1];
    }
    double mean = (m[0] + m[1]) / 2, d = sqrt((m[0] - m[1]) * (m[0] - m[1]) / 4 + m[2] * m[2]);
    return (struct pc_beam){sqrt(mean + d), sqrt(mean - d), atan2(mean + d - m[0], m[2])};
}

static void apart(double maj, double min, double pa, double dmaj, double dmin, double dpa)
{
    struct pc_beam from = {maj, min, pa * DEG}, diff = {dmaj, dmin, dpa * DEG}, to = convolved(from, diff),
                   got;
    ok(pc_beam_deconvolve(&to, &from, &got) == PC_DECONVOLVED && fabs(got.maj_rad - dmaj) < 1e-9 &&
           fabs(got.min_rad - dmin) < 1e-9 && (dmaj == dmin || fabs(sin(got.pa_rad - dpa * DEG)) < 1e-9),
       "%g x %g at %g with %g x %g at %g", maj, min, pa, dmaj, dmin, dpa);
}

int main(void)
{
    apart(3, 2, 30, 4, 1, -60);
    apart(3, 2, -80, 1.5, 1, 10);
    apart(2, 2, 0, 1.5, 1, 45);
    apart(5, 1, 89, 2, 2, 0);
    struct pc_beam a = {3, 2, 0.3}, near = {3.0000001, 1.99, 0.3}, small = {2, 1.5, 0}, diff;
    ok(pc_beam_deconvolve(&near, &a, &diff) == PC_DECONVOLVED_POINT && diff.maj_rad == 0,
       "nearly the same: a point");
    ok(pc_beam_deconvolve(&small, &a, &diff) == PC_DECONVOLVED_NOT, "smaller: not possible");
    ok(pc_beam_deconvolve(&a, &a, &diff) != PC_DECONVOLVED_NOT && diff.maj_rad < 1e-7, "the same");
    return tap_done();
}
