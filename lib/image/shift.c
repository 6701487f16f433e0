/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/shift.h"

#include <math.h>
#include <string.h>

static const double light_m_s = 299792458.0;

/* Rows: the directions u, v, w of `to` in those of `from`. Differences of nearly equal numbers are written as
 * products, so that a shift of an arcsecond has as many digits as one of a degree; the 1 is missing from
 * [2][2]. */
static void frames(const double from_rad[2], const double to_rad[2], double r[3][3])
{
    const double a = remainder(to_rad[0] - from_rad[0], 2 * M_PI), d = to_rad[1] - from_rad[1];
    const double s = sin(from_rad[1]), c = cos(from_rad[1]), s1 = sin(to_rad[1]), c1 = cos(to_rad[1]);
    const double half = sin(0.5 * a), hav = 2 * half * half, half_d = sin(0.5 * d);
    r[0][0] = cos(a);
    r[0][1] = s * sin(a);
    r[0][2] = -c * sin(a);
    r[1][0] = -s1 * sin(a);
    r[1][1] = cos(d) - s1 * s * hav;
    r[1][2] = -sin(d) + s1 * c * hav;
    r[2][0] = c1 * sin(a);
    r[2][1] = sin(d) + c1 * s * hav;
    r[2][2] = -2 * half_d * half_d - c * c1 * hav;
}

void pc_shift_init(struct pc_shift *s, const double from_rad[2], const double to_rad[2], double twist_rad)
{
    const double c = cos(twist_rad), t = sin(twist_rad);
    double r[3][3];
    frames(from_rad, to_rad, r);
    for (int i = 0; i < 3; i++) {
        s->turn[i][0] = r[i][0] * c - r[i][1] * t;
        s->turn[i][1] = r[i][0] * t + r[i][1] * c;
        s->turn[i][2] = r[i][2];
    }
    memcpy(s->path, s->turn[2], sizeof s->path);
    s->turn[2][2] += 1;
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

double pc_shift_uvw(const struct pc_shift *s, double uvw_m[3])
{
    const double old[3] = {uvw_m[0], uvw_m[1], uvw_m[2]};
    for (int i = 0; i < 3; i++)
        uvw_m[i] = dot(s->turn[i], old);
    return dot(s->path, old);
}

void pc_shift_phasor(double path_m, double freq_hz, double *re, double *im)
{
    const double turns = path_m * (freq_hz / light_m_s), angle = -2 * M_PI * (turns - nearbyint(turns));
    *re = cos(angle);
    *im = sin(angle);
}

void pc_shift_vis(double path_m, const double *freq_hz, int nchan, int ncorr, float *vis_jy)
{
    for (int k = 0; k < nchan; k++) {
        double c, s;
        pc_shift_phasor(path_m, freq_hz[k], &c, &s);
        for (int j = 0; j < ncorr; j++, vis_jy += 2) {
            const double re = (double)vis_jy[0], im = (double)vis_jy[1];
            vis_jy[0] = (float)(re * c - im * s);
            vis_jy[1] = (float)(re * s + im * c);
        }
    }
}
