/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The common beam: CASA's own of its test runs, and what any common beam must be. */
#include "image/beam_common.h"
#include "image/beam_deconvolve.h"
#include "tap.h"

#include <stdbool.h>
#include <stdlib.h>

static const double ARCSEC = M_PI / 648000, DEG = M_PI / 180;

static struct pc_beam beam(double maj_arcsec, double min_arcsec, double pa_deg)
{
    return (struct pc_beam){maj_arcsec * ARCSEC, min_arcsec * ARCSEC, pa_deg * DEG};
}

static struct pc_beam common_of(const struct pc_beam *b, int n)
{
    struct pc_err err = {0};
    struct pc_beam got = {-1, -1, -1};
    if (pc_beam_common(b, n, &got, &err))
        diag("%s", err.msg);
    return got;
}

static int is_beam(struct pc_beam got, struct pc_beam want, double tol, const char *name)
{
    double pa = remainder(got.pa_rad - want.pa_rad, M_PI);
    int good =
        ok(fabs(got.maj_rad / want.maj_rad - 1) <= tol && fabs(got.min_rad / want.min_rad - 1) <= tol &&
               (fabs(pa) <= tol || want.maj_rad == want.min_rad),
           "%s", name);
    if (!good)
        diag("got %.9g x %.9g arcsec at %.9g deg, wanted %.9g x %.9g at %.9g", got.maj_rad / ARCSEC,
             got.min_rad / ARCSEC, got.pa_rad / DEG, want.maj_rad / ARCSEC, want.min_rad / ARCSEC,
             want.pa_rad / DEG);
    return good;
}

/* Every ellipse lies within the common one: no direction in which it is wider. Another way than by
 * deconvolution. */
static bool encloses(const struct pc_beam *b, int n, const struct pc_beam *common, double tol)
{
    for (int i = 0; i < n; i++)
        for (int deg = 0; deg < 180; deg++) {
            double a = deg * DEG - b[i].pa_rad, c = deg * DEG - common->pa_rad;
            double in = hypot(b[i].maj_rad * cos(a), b[i].min_rad * sin(a));
            double out = hypot(common->maj_rad * cos(c), common->min_rad * sin(c));
            if (b[i].maj_rad > 0 && in > out * (1 + tol))
                return false;
        }
    return true;
}

/* PSF beams and the common beam of runs of CASA's imager, arcsec and degrees. */
static void test_casa(void)
{
    const struct pc_beam sim3[] = {beam(0.23989749, 0.194327921, -11.4787445),
                                   beam(0.239897892, 0.194328129, -11.4774933),
                                   beam(0.239897639, 0.19432795, -11.4775085)};
    const struct pc_beam sim6[] = {beam(0.239896402, 0.194326162, -11.475174),
                                   sim3[0],
                                   sim3[1],
                                   sim3[2],
                                   beam(0.239902556, 0.194326654, -11.4724274),
                                   beam(0.239902347, 0.194326147, -11.4719543)};
    /* a 7 m cube; its first and last channels had no data and CASA gave them the largest beam */
    const struct pc_beam lupus[] = {beam(0, 0, 0),
                                    beam(13.7624779, 8.2926321, 84.5772858),
                                    beam(13.762435, 8.29260349, 84.5771942),
                                    beam(13.7623806, 8.2925663, 84.5771942),
                                    beam(13.7623329, 8.29254246, 84.5772171),
                                    beam(13.7622795, 8.29251957, 84.5772171),
                                    beam(13.7622023, 8.29249954, 84.57724),
                                    beam(13.7630653, 8.29275417, 84.5650711),
                                    beam(13.7630339, 8.29271221, 84.565155),
                                    beam(0, 0, 0)};
    is_beam(common_of(sim3, 3), beam(0.240138157, 0.194522796, -11.4779336), 1e-6, "CASA's, three channels");
    is_beam(common_of(sim6, 6), beam(0.240142496, 0.194520992, -11.4724011), 1e-6, "CASA's, six channels");
    is_beam(common_of(lupus, 10), beam(13.7772228, 8.3013628, 84.568649), 1e-6,
            "CASA's, ten channels, two without data");
}

static void test_plain(void)
{
    struct pc_err err = {0};
    struct pc_beam got, one = beam(3, 2, 40), none[2] = {{0, 0, 0}, {0, 0, 0}};
    struct pc_beam same[3] = {one, one, one}, big[3] = {beam(2, 1, -40), beam(5, 4, 10), beam(2, 2, 0)};
    is_beam(common_of(&one, 1), one, 0, "a single beam is its own common beam");
    is_beam(common_of(same, 3), one, 0, "so are beams that are the same");
    is_beam(common_of(big, 3), big[1], 0, "one that all others deconvolve from is taken as it is");
    big[2] = none[0];
    is_beam(common_of(big, 3), big[1], 0, "channels without data do not count");
    ok(common_of(none, 2).maj_rad == 0 && common_of(none, 0).maj_rad == 0, "without any beam there is none");
    one.pa_rad = 140 * DEG;
    is_near(common_of(&one, 1).pa_rad, -40 * DEG, 1e-12, "angles are within +-90 degrees");
    one.min_rad = -1;
    ok(pc_beam_common(&one, 1, &got, &err) < 0 && err.code == PC_EX_DATA, "a negative axis is refused");
    one = beam(2, 3, 0);
    ok(pc_beam_common(&one, 1, &got, &err) < 0, "axes out of order are refused");
    one = beam(3, NAN, 0);
    ok(pc_beam_common(&one, 1, &got, &err) < 0, "an axis that is not a number is refused");
}

/* Where the answer is known: the axes of two ellipses at right angles, two equal ones at any angle. */
static void test_pairs(void)
{
    for (int pa = -90; pa <= 90; pa += 15) {
        struct pc_beam two[2] = {beam(4, 1, pa), beam(2, 1.5, pa - 90)};
        is_beam(common_of(two, 2), beam(4, 2, pa), 1e-9, "at right angles: the longer axis of each");
        two[1] = beam(4, 1, pa + 90);
        is_beam(common_of(two, 2), beam(4, 4, 0), 1e-9, "the same at right angles: a circle");
    }
    struct pc_beam three[3] = {beam(4, 1, 20), beam(3, 1, 110), beam(3.9, 1, 65)};
    struct pc_beam got = common_of(three, 3);
    ok(encloses(three, 3, &got, 1e-9), "a third beam beside two at right angles is not forgotten");
    /* two of 4 x 1 at +-t: by symmetry the axes are at 0 and 90 degrees; the smallest ellipse touches both */
    struct pc_beam two[2] = {beam(4, 1, 10), beam(4, 1, -10)};
    got = common_of(two, 2);
    double p = 16 * cos(10 * DEG) * cos(10 * DEG) + sin(10 * DEG) * sin(10 * DEG),
           q = 16 * sin(10 * DEG) * sin(10 * DEG) + cos(10 * DEG) * cos(10 * DEG), r = 15 * sin(20 * DEG) / 2;
    /* C - A is singular when (P - p)(Q - q) = r^2; P Q is least at P / p = Q / q = 1 + r / sqrt(p q) */
    double grow = 1 + r / sqrt(p * q);
    is_beam(got, beam(sqrt(p * grow), sqrt(q * grow), 0), 1.1e-3,
            "two crossed ones: the smallest around both");
    ok(encloses(two, 2, &got, 0), "which encloses them");
}

static double uniform(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) / 16777216.0;
}

/* Any set: every beam that went in comes apart from the result. */
static void test_any(void)
{
    unsigned seed = 1;
    int apart = 0, inside = 0, tries = 300, beams = 0;
    double largest = 0;
    for (int k = 0; k < tries; k++) {
        struct pc_beam b[40], diff, got;
        int n = 2 + (int)(38 * uniform(&seed));
        double spread = k % 3 ? 0.02 : 0.9, area = 0;
        for (int i = 0; i < n; i++) {
            double maj = 1 + spread * uniform(&seed), min = maj * (1 - spread * uniform(&seed) * 0.9);
            b[i] = i % 7 == 6 ? beam(0, 0, 0) : beam(maj, min, (k % 2 ? 180 : 10) * (uniform(&seed) - 0.5));
            area = fmax(area, pc_beam_area_sr(&b[i]));
        }
        got = common_of(b, n);
        inside += encloses(b, n, &got, 1e-9);
        for (int i = 0; i < n; i++)
            if (b[i].maj_rad > 0) {
                apart += pc_beam_deconvolve(&got, &b[i], &diff) == PC_DECONVOLVED;
                /* the same as the result is as good */
                apart += !memcmp(&b[i], &got, sizeof got) && pc_beam_deconvolve(&got, &b[i], &diff) != 0;
                beams++;
            }
        if (k % 3)
            largest = fmax(largest, pc_beam_area_sr(&got) / area);
    }
    is_int(apart, beams, "every beam deconvolves from the common one");
    is_int(inside, tries, "which encloses them all");
    ok(largest < 1.2, "and is no larger than it must be: nearly equal beams, %g times the largest", largest);
}

int main(void)
{
    test_plain();
    test_casa();
    test_pairs();
    test_any();
    return tap_done();
}
