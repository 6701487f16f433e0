/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/shift.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <stdlib.h>

static const double arcsec = M_PI / 648000, light_m_s = 299792458.0;
static const double field[2] = {2.1, -0.6};

static double random_m(double size_m)
{
    return size_m * (2.0 * rand() / RAND_MAX - 1);
}

static void cross(const long double a[3], const long double b[3], long double c[3])
{
    for (int i = 0; i < 3; i++)
        c[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
}

/* East, north and the direction itself as vectors, by geometry: east is pole x direction. */
static void axes(const double at[2], long double e[3][3])
{
    const long double ra = (long double)at[0], dec = (long double)at[1], pole[3] = {0, 0, 1};
    e[2][0] = cosl(dec) * cosl(ra);
    e[2][1] = cosl(dec) * sinl(ra);
    e[2][2] = sinl(dec);
    cross(pole, e[2], e[0]);
    const long double len = sqrtl(e[0][0] * e[0][0] + e[0][1] * e[0][1]);
    for (int i = 0; i < 3; i++)
        e[0][i] /= len;
    cross(e[2], e[0], e[1]);
}

static void project(const long double e[3][3], const long double b[3], double uvw[3])
{
    for (int i = 0; i < 3; i++)
        uvw[i] = (double)(e[i][0] * b[0] + e[i][1] * b[1] + e[i][2] * b[2]);
}

/* Against vectors in long double: uvw in m, and the path by which w changes relative to the shift's. */
static void test_vectors(const char *name, const double to[2], double size_rad)
{
    long double e[3][3], f[3][3], b[3];
    struct pc_shift s;
    double worst = 0, worst_path = 0;
    axes(field, e);
    axes(to, f);
    pc_shift_init(&s, field, to, 0);
    for (int k = 0; k < 200; k++) {
        double uvw[3], want[3];
        for (int i = 0; i < 3; i++)
            b[i] = (long double)random_m(15e3);
        project(e, b, uvw);
        project(f, b, want);
        long double w = 0;
        for (int i = 0; i < 3; i++)
            w += (f[2][i] - e[2][i]) * b[i];
        worst_path = fmax(worst_path, fabs(pc_shift_uvw(&s, uvw) - (double)w) / (15e3 * size_rad));
        for (int i = 0; i < 3; i++)
            worst = fmax(worst, fabs(uvw[i] - want[i]));
    }
    ok(worst < 2e-11, "%s: uvw of 15 km within %.1e m", name, worst);
    ok(worst_path < 1e-13, "%s: the path within %.1e of the largest", name, worst_path);
}

static void test_there_and_back(void)
{
    const double to[2] = {field[0] + 120 * arcsec, field[1] - 180 * arcsec};
    struct pc_shift there, back;
    double worst = 0, far = 0;
    pc_shift_init(&there, field, to, 0);
    pc_shift_init(&back, to, field, 0);
    for (int k = 0; k < 1000; k++) {
        const double old[3] = {random_m(500), random_m(500), random_m(500)};
        double uvw[3] = {old[0], old[1], old[2]}, c, s, c2, s2;
        pc_shift_phasor(pc_shift_uvw(&there, uvw), 100e9, &c, &s);
        pc_shift_phasor(pc_shift_uvw(&back, uvw), 100e9, &c2, &s2);
        worst = fmax(worst, hypot(c * c2 - s * s2 - 1, c * s2 + s * c2));
        for (int i = 0; i < 3; i++)
            worst = fmax(worst, fabs(uvw[i] - old[i]) / 500);
        far = fmax(far, fabs(atan2(s, c)));
    }
    ok(worst < 1e-12, "there and back: the same uvw and visibilities, %.1e", worst);
    ok(far > 3, "and there the phases had turned by up to %.2f rad", far);
}

/* A point at the new centre has phase 0 there, in every channel and correlation. */
static void test_point(void)
{
    enum { nchan = 3, ncorr = 2 };
    const double to[2] = {field[0] - 60 * arcsec, field[1] + 90 * arcsec}, freq[nchan] = {90e9, 91e9, 115e9};
    long double e[3][3], f[3][3];
    struct pc_shift s;
    float vis[nchan][ncorr][2];
    double worst = 0;
    axes(field, e);
    axes(to, f);
    pc_shift_init(&s, field, to, 0);
    for (int k = 0; k < 100; k++) {
        double uvw[3] = {random_m(500), random_m(500), random_m(500)}, path = 0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                path += uvw[i] * (double)(e[i][j] * (f[2][j] - e[2][j]));
        for (int c = 0; c < nchan; c++)
            for (int p = 0; p < ncorr; p++) {
                vis[c][p][0] = (float)((2 + p) * cos(2 * M_PI * path * freq[c] / light_m_s));
                vis[c][p][1] = (float)((2 + p) * sin(2 * M_PI * path * freq[c] / light_m_s));
            }
        pc_shift_vis(pc_shift_uvw(&s, uvw), freq, nchan, ncorr, &vis[0][0][0]);
        for (int c = 0; c < nchan; c++)
            for (int p = 0; p < ncorr; p++)
                worst = fmax(worst, hypot((double)vis[c][p][0] - (2 + p), (double)vis[c][p][1]));
    }
    ok(worst < 1e-6, "a point at the new centre is real there: %.1e Jy", worst);
}

/* Data whose north lies to the east of the image's: a baseline along their v points between east and north.
 */
static void test_twist(void)
{
    struct pc_shift s;
    double uvw[3] = {0, 100, 7};
    pc_shift_init(&s, field, field, M_PI / 6);
    is_near(pc_shift_uvw(&s, uvw), 0, 0, "a twist changes no path");
    is_near(uvw[0], 50, 1e-12, "their north has an east here");
    is_near(uvw[1], 100 * cos(M_PI / 6), 1e-12, "and a north");
    is_near(uvw[2], 7, 0, "w stays");
}

int main(void)
{
    test_vectors("an arcsecond", (const double[2]){field[0] + arcsec, field[1] + arcsec}, arcsec);
    test_vectors("minutes of arc", (const double[2]){field[0] - 200 * arcsec, field[1] + 300 * arcsec},
                 300 * arcsec);
    test_vectors("across 0h and far", (const double[2]){field[0] + 1.2 - 2 * M_PI, field[1] + 0.9}, 1);
    test_vectors("to the pole", (const double[2]){0.3, M_PI / 2}, 1);
    test_there_and_back();
    test_point();
    test_twist();
    return tap_done();
}
