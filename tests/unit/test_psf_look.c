/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/psf_look.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A psf that comes row by row against the same plane looked at as a whole. */

static const double arcsec = M_PI / 180 / 3600;

enum { NX = 150, NY = 131, BAND = 7, KEPT = PC_BEAM_NEAR + BAND };

/* A beam of 6 x 4 pixels with rings; as it is before it is normalised. A blank corner. */
static double pixel(int x, int y, double peak, double spike)
{
    const double dx = x - NX / 2, dy = y - NY / 2, r = hypot(dx, dy);
    if (x < 10 && y < 12)
        return NAN;
    const double v =
        exp(-4 * M_LN2 * (dx * dx / 36 + dy * dy / 16)) + 0.1 * (cos(0.5 * r) - 1) * exp(-r / 30);
    return peak * (v + (x == 100 && y == NY - 3 ? spike : 0));
}

static void *plane(bool wide, double peak, double spike)
{
    double *v = malloc(NX * NY * sizeof *v);
    for (int i = 0; i < NX * NY; i++)
        if (wide)
            v[i] = pixel(i % NX, i / NX, peak, spike);
        else
            ((float *)(void *)v)[i] = (float)pixel(i % NX, i / NX, peak, spike);
    return v;
}

/* Rows [from, to) in bands, the last band first, threads by turns; what is given back goes into out. */
static void feed(struct pc_psf_look *l, size_t row, int from, int to, const char *in, char *out)
{
    int turn = 0;
    for (int y = from + (to - from - 1) / BAND * BAND; y >= from; y -= BAND) {
        const int n = to - y < BAND ? to - y : BAND;
        const void *rows = pc_psf_look_rows(l, turn++ % 2, y, n, in + (size_t)y * row);
        if (out != NULL)
            memcpy(out + (size_t)y * row, rows, (size_t)n * row);
        else
            ok(rows == NULL, "kept until the centre is there");
    }
}

static void test_one(bool wide, double peak, double spike)
{
    const struct pc_psf_look_conf conf = {.nx = NX,
                                          .ny = NY,
                                          .cell_rad = {-arcsec, arcsec},
                                          .cutoff = 0.35,
                                          .wide = wide,
                                          .nthread = 2,
                                          .kept = KEPT,
                                          .band = BAND};
    const int from = NY / 2 - PC_BEAM_NEAR - 3, to = NY / 2 + PC_BEAM_NEAR + 1;
    const size_t row = NX * (wide ? sizeof(double) : sizeof(float));
    struct pc_err err = {0};
    struct pc_psf_look *l;
    struct pc_beam want;
    const char *why;
    int y0, n, off = 0;
    if (!ok(pc_psf_look_new(&l, &conf, &err) == 0, "begun"))
        return;
    char *in = plane(wide, peak, spike), *out = malloc(NY * row);
    float *narrow = malloc(NX * NY * sizeof *narrow);
    feed(l, row, from, to, in, NULL);
    const void *centre = pc_psf_look_centre(l, &y0, &n);
    ok(y0 == from && n == to - from, "rows %d to %d are kept", y0, y0 + n - 1);
    memcpy(out + (size_t)from * row, centre, (size_t)(to - from) * row);
    feed(l, row, 0, from, in, out);
    feed(l, row, to, NY, in, out);
    for (int i = 0; i < NX * NY; i++) {
        const double got = wide ? ((double *)(void *)out)[i] : (double)((float *)(void *)out)[i];
        const double expected = pixel(i % NX, i / NX, 1, spike);
        off += isnan(expected) ? !isnan(got) : fabs(got - expected) > (wide ? 1e-15 : 1e-7);
        narrow[i] = (float)got;
    }
    is_int(off, 0, wide ? "doubles over the peak" : "floats over the peak");
    is_near((double)narrow[NY / 2 * NX + NX / 2], 1, 0, "which becomes 1");
    int bad = pc_beam_fit(narrow, NX, NY, conf.cell_rad, conf.cutoff, &want, &err);
    const struct pc_beam *beam = pc_psf_look_beam(l, &why);
    ok(!bad && memcmp(beam, &want, sizeof want) == 0, "the beam of the whole plane: %.3f x %.3f pixels",
       beam->maj_rad / arcsec, beam->min_rad / arcsec);
    const double side = pc_psf_look_sidelobe(l);
    is_near(side, pc_beam_sidelobe(narrow, NX, NY, conf.cell_rad, &want), 0, "and its highest sidelobe");
    ok(fabs(spike) > 0.2 ? fabs(side - fabs(spike)) < 0.15 : side < 0.2, "which is %.3f", side);
    pc_psf_look_free(l);
    free(in), free(out), free(narrow);
}

static void test_none(void)
{
    const struct pc_psf_look_conf conf = {
        .nx = 8, .ny = 8, .cell_rad = {-arcsec, arcsec}, .cutoff = 0.35, .nthread = 1, .kept = 40, .band = 8};
    struct pc_err err = {0};
    struct pc_psf_look *l;
    const char *why;
    float v[64] = {0};
    int y0, n;
    if (!ok(pc_psf_look_new(&l, &conf, &err) == 0, "begun"))
        return;
    pc_psf_look_rows(l, 0, 0, 8, v);
    const float *rows = pc_psf_look_centre(l, &y0, &n);
    ok(y0 == 0 && n == 8 && rows[36] == 0, "nothing is divided by nothing");
    const struct pc_beam *beam = pc_psf_look_beam(l, &why);
    ok(beam->maj_rad == 0 && strstr(why, "peak is 0") != NULL, "no beam: %s", why);
    is_near(pc_psf_look_sidelobe(l), 0, 0, "and no sidelobe");
    pc_psf_look_free(l);
}

int main(void)
{
    for (int wide = 0; wide < 2; wide++) {
        test_one(wide, 1, 0);
        test_one(wide, 0.97, 0.4);
        test_one(wide, 1.0003, -0.6);
    }
    test_none();
    return tap_done();
}
