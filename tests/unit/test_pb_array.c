/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/pb_array.h"
#include "tests/unit/airy.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <string.h>

static const double arcsec = M_PI / 648000;
enum { NX = 60, NY = 50, NPIX = NX * NY, NANT = 4 };
static const double freq_hz = 100e9;
static struct pc_imhead head;

static void make_head(void)
{
    head = (struct pc_imhead){.nx = NX, .ny = NY, .npol = 1, .crpix = {NX / 2 + 1, NY / 2 + 1}};
    head.crval_rad[0] = 1;
    head.crval_rad[1] = -0.5;
    head.cell_rad[0] = -3 * arcsec;
    head.cell_rad[1] = 3 * arcsec;
}

/* An array of 12 m and 7 m dishes, looking at a pixel. */
static double mixed[NANT] = {12, 7, 0, 7}, twelve[NANT] = {12, 12, 12, 12}, seven[NANT] = {7, 7, 7, 7};
static struct pc_visinfo look_at(const char *ms, int field, double *diam_m, double x, double y)
{
    struct pc_visinfo v = {.field_id = field, .telescop = "ALMA", .nant = NANT, .diam_m = diam_m};
    strncpy(v.ms, ms, sizeof v.ms - 1);
    pc_imhead_pix_to_radec(&head, x, y, &v.pointing_rad[0], &v.pointing_rad[1]);
    return v;
}

/* A block of n baselines, of one channel. */
static void see(struct pc_pb_array *a, const struct pc_visinfo *info, int n, double (*row)[4],
                float *imweight)
{
    struct pc_err err = {0};
    struct pc_visblock b = {
        .info = *info, .nrow = n, .ncorr = 1, .nchan = 1, .imweight = imweight, .row = row ? row[0] : NULL};
    if (pc_pb_array_see(a, info, NULL, &err) || (n > 0 && pc_pb_array_weigh(a, &b, &err)))
        ok(0, "%s", err.msg);
}

/* Voltage of an ALMA dish at a distance in pixels. */
static double voltage(double diam_m, double r_px)
{
    const double r_deg = r_px * 3 / 3600 * freq_hz / 1e9;
    if (r_deg > (diam_m < 12 ? 3.568 : 1.784))
        return 0;
    return airy_voltage(r_deg, diam_m < 12 ? 6.25 : 10.7, 0.75);
}

/* The mean over pairs of dishes: of 12 m, of one of each, of 7 m. */
static double mean_beam(double r_px, double w12, double wx, double w7)
{
    const double a = voltage(12, r_px), b = voltage(7, r_px);
    return (w12 * a * a + wx * a * b + w7 * b * b) / (w12 + wx + w7);
}

static double worst(const float *v, double x0, double y0, double limit, double w12, double wx, double w7)
{
    double d = 0;
    for (int y = 0; y < NY; y++)
        for (int x = 0; x < NX; x++) {
            const double t = mean_beam(hypot(x - x0, y - y0), w12, wx, w7);
            if (fabs(t - limit) > 1e-5)
                d = fmax(d, fabs((double)v[y * NX + x] - (t > limit ? t : 0)));
        }
    return d;
}

static double (*rows(double (*r)[4], int n, const int (*pair)[2]))[4]
{
    for (int i = 0; i < n; i++) {
        r[i][2] = pair[i][0];
        r[i][3] = pair[i][1];
    }
    return r;
}

static void test_one(struct pc_pb_array *a, float *v)
{
    static float want[NPIX];
    struct pc_err err = {0};
    struct pc_pb pb;
    double at[2];
    char text[64];
    struct pc_visinfo info = look_at("a.ms", 0, twelve, 20, 30);
    pc_pb_array_begin(a);
    see(a, &info, 0, NULL, NULL);
    ok(!pc_pb_array_needs_weights(a), "one pointing and one kind of dish: no weights are needed");
    int bad = pc_pb_array_fill(a, &head, freq_hz, 0.2, v, &err);
    pc_pb_choose("ALMA", 12, &pb, NULL);
    bad = bad || pc_pb_fill(&pb, &head, freq_hz, info.pointing_rad, 0.2, want, &err);
    ok(!bad && memcmp(v, want, sizeof want) == 0, "its beam, to the byte");
    ok(pc_pb_array_pointing(a, at) && at[0] == info.pointing_rad[0], "one place to look at");
    ok(!pc_pb_array_shares(a, text, sizeof text), "one kind of dish");
    /* another MS with the same field: twice as much, rescaled */
    struct pc_visinfo more = look_at("b.ms", 0, twelve, 20, 30);
    float weight[2] = {3, 1};
    see(a, &more, 2, NULL, weight);
    see(a, &info, 1, NULL, weight);
    bad = pc_pb_array_fill(a, &head, freq_hz, 0.2, v, &err);
    ok(!bad && memcmp(v, want, sizeof want) == 0, "two MSs that look there: the same, to the byte");
    /* all of the weight from one kind of an array of two */
    static double r[1][4];
    static const int pair[1][2] = {{0, 2}};
    struct pc_visinfo mix = look_at("mix.ms", 0, mixed, 20, 30);
    pc_pb_array_begin(a);
    see(a, &mix, 1, rows(r, 1, pair), weight);
    ok(pc_pb_array_needs_weights(a), "two kinds of dishes: weights are needed");
    bad = pc_pb_array_fill(a, &head, freq_hz, 0.2, v, &err);
    ok(!bad && memcmp(v, want, sizeof want) == 0, "with data of one kind only: that one's beam, to the byte");
}

static void test_mixed(struct pc_pb_array *a, float *v)
{
    static double r[5][4];
    static const int pair[5][2] = {{0, 2}, {0, 1}, {3, 1}, {3, 2}, {1, 2}};
    float weight[5] = {4, 1, 0.5F, 2, 0};
    struct pc_err err = {0};
    char text[64];
    struct pc_visinfo mix = look_at("mix.ms", 0, mixed, 25.3, 28.1);
    ok(pc_dishes_differ(&mix), "12 m and 7 m differ");
    pc_pb_array_begin(a);
    see(a, &mix, 5, rows(r, 5, pair), weight);
    is_int(pc_pb_array_fill(a, &head, freq_hz, -1e-9, v, &err), 0, "dishes of two kinds");
    double d = worst(v, 25.3, 28.1, 0, 4, 3, 0.5);
    ok(d < 2e-6, "pairs count by their weights: %.1e from the formula", d);
    d = worst(v, 25.3, 28.1, 0, 4, 0, 0.5);
    ok(d > 0.02, "and without the mixed pairs it were another: %.2f", d);
    int bad = pc_pb_array_fill(a, &head, freq_hz, 0.3, v, &err);
    ok(!bad && worst(v, 25.3, 28.1, 0.3, 4, 3, 0.5) < 2e-6, "0 where it is not above the limit");
    ok(pc_pb_array_shares(a, text, sizeof text) && strcmp(text, "12m:0.7333,7m:0.2667") == 0, "%s", text);
    ok(pc_pb_array_shares(a, text, 8) && strlen(text) == 7, "as much as there is room for: %s", text);
    /* the same as two arrays that look at the same place */
    struct pc_visinfo large = look_at("12.ms", 0, twelve, 25.3, 28.1),
                      small = look_at("7.ms", 0, seven, 25.3, 28.1);
    pc_pb_array_begin(a);
    see(a, &large, 1, NULL, weight);
    see(a, &small, 1, NULL, weight + 2);
    is_int(pc_pb_array_fill(a, &head, freq_hz, -1e-9, v, &err), 0, "two arrays that look at one place");
    d = worst(v, 25.3, 28.1, 0, 4, 0, 0.5);
    ok(d < 5e-4, "count by their weights too: %.1e (two truncated tables)", d);
}

static void test_pointings(struct pc_pb_array *a, float *v)
{
    float weight[1] = {1}, none[1] = {0};
    struct pc_err err = {0};
    double at[2], d = 0, max = 0;
    struct pc_visinfo f[3] = {look_at("a.ms", 0, twelve, 20, 25), look_at("a.ms", 1, twelve, 30, 25),
                              look_at("a.ms", 2, twelve, 50, 25)};
    pc_pb_array_begin(a);
    see(a, &f[0], 1, NULL, weight);
    see(a, &f[1], 1, NULL, weight);
    see(a, &f[0], 1, NULL, weight); /* another block of the first */
    see(a, &f[2], 1, NULL, none);
    ok(!pc_pb_array_pointing(a, at), "three pointings have no single place");
    is_int(pc_pb_array_fill(a, &head, freq_hz, 0.2, v, &err), 0, "two pointings, and one without data");
    for (int x = 0; x < NX; x++)
        max = fmax(max, mean_beam(fabs(x - 20.), 1, 0, 0) + mean_beam(fabs(x - 30.), 1, 0, 0));
    for (int i = 0; i < NPIX; i++) {
        const int x = i % NX, y = i / NX;
        const double t =
            (mean_beam(hypot(x - 20, y - 25), 1, 0, 0) + mean_beam(hypot(x - 30, y - 25), 1, 0, 0)) / max;
        if (fabs(t - 0.2) > 1e-3)
            d = fmax(d, fabs((double)v[i] - (t > 0.2 ? t : 0)));
    }
    ok(max > 1.5 && d < 5e-4, "the sum over both, %.3f at most, divided by that: %.1e", max, d);
    is_near(v[25 * NX + 20], v[25 * NX + 30], 1e-6, "each counts once, however many blocks it has");
}

/* Two MSs of 12 m dishes at one place, one of both kinds at another: as CASA counts them, two to one. */
static void test_places(struct pc_pb_array *a, float *v)
{
    static double r[2][4];
    static const int pair[2][2] = {{0, 1}, {1, 3}};
    float weight[2] = {1, 3}, large[1] = {100};
    struct pc_err err = {0};
    double d = 0;
    struct pc_visinfo f[3] = {look_at("a.ms", 0, twelve, 10, 25), look_at("b.ms", 0, twelve, 10, 25),
                              look_at("c.ms", 0, mixed, 50, 25)};
    pc_pb_array_begin(a);
    see(a, &f[0], 1, NULL, large);
    see(a, &f[1], 1, NULL, weight);
    see(a, &f[2], 2, rows(r, 2, pair), weight);
    is_int(pc_pb_array_fill(a, &head, freq_hz, -1e-9, v, &err), 0, "two places, of different dishes");
    const double peak = 2 + mean_beam(40, 0, 1, 3);
    for (int i = 0; i < NPIX; i++) {
        const int x = i % NX, y = i / NX;
        const double t =
            2 * mean_beam(hypot(x - 10, y - 25), 1, 0, 0) + mean_beam(hypot(x - 50, y - 25), 0, 1, 3);
        d = fmax(d, fabs((double)v[i] - fmax(0, t / peak)));
    }
    ok(d < 5e-4, "each (MS, field) counts once, whatever its weight: %.1e", d);
}

static void test_errors(struct pc_pb_array *a)
{
    struct pc_err err = {0};
    float weight[1] = {1};
    double row[4] = {0, 0, 1, 9};
    struct pc_visinfo mix = look_at("mix.ms", 0, mixed, 20, 30);
    struct pc_visblock b = {.info = mix, .nrow = 1, .ncorr = 1, .nchan = 1, .imweight = weight};
    pc_pb_array_begin(a);
    int bad = pc_pb_array_see(a, &mix, NULL, &err);
    ok(!bad && pc_pb_array_weigh(a, &b, &err) == -1 && err.code == PC_EX_DATA && strstr(err.msg, "row.fits"),
       "%s", err.msg);
    b.row = row;
    ok(pc_pb_array_weigh(a, &b, &err) == -1 && err.code == PC_EX_DATA &&
           strstr(err.msg, "antennas 1 and 9; there are 4"),
       "%s", err.msg);
    row[3] = NAN;
    ok(pc_pb_array_weigh(a, &b, &err) == -1, "an antenna that is no number");
    struct pc_log log = {0};
    struct pc_visinfo who = look_at("who.ms", 0, NULL, 20, 30);
    strcpy(who.telescop, "WHO");
    for (who.field_id = 0; who.field_id < 3; who.field_id++)
        bad = bad || pc_pb_array_see(a, &who, &log, &err);
    ok(!bad && log.nwarn == 1, "a telescope that is not known: one warning for three fields");
}

int main(void)
{
    static float v[NPIX];
    struct pc_err err = {0};
    struct pc_pb_array *a;
    make_head();
    if (!ok(pc_pb_array_new(&a, &err) == 0, "new"))
        return tap_done();
    test_one(a, v);
    test_mixed(a, v);
    test_pointings(a, v);
    test_places(a, v);
    test_errors(a);
    struct pc_visinfo near = look_at("n.ms", 0, mixed, 0, 0);
    double almost[NANT] = {25, 25.1, 0, 24.95};
    near.diam_m = almost;
    ok(!pc_dishes_differ(&near), "dishes within 1 %% are alike, and one of unknown size with them");
    pc_pb_array_free(a);
    return tap_done();
}
