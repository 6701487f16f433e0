/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/beam.h"
#include "tests/unit/casaref.h"

static const double arcsec = M_PI / 180 / 3600, degree = M_PI / 180;

/* A plane with the unit Gaussian of a beam, by the definition: PA from north through east, east at smaller x.
 */
static float *gaussian(int nx, int ny, const double cell[2], const struct pc_beam *b, int px, int py)
{
    struct pc_err err;
    float *v = pc_mem_new((int64_t)nx * ny, sizeof *v, "test plane", &err);
    for (int y = 0; v && y < ny; y++)
        for (int x = 0; x < nx; x++) {
            double east = (px - x) * fabs(cell[0]), north = (y - py) * fabs(cell[1]);
            double along = east * sin(b->pa_rad) + north * cos(b->pa_rad);
            double across = east * cos(b->pa_rad) - north * sin(b->pa_rad);
            double e =
                along * along / (b->maj_rad * b->maj_rad) + across * across / (b->min_rad * b->min_rad);
            v[(int64_t)y * nx + x] = (float)exp(-4 * log(2) * e);
        }
    return v;
}

static double pa_difference(double a_rad, double b_rad)
{
    return fabs(remainder(a_rad - b_rad, M_PI)) / degree;
}

/* Gaussians come back. Below about 4 pixels the bicubic resampling itself is off by a percent: CASA's error,
 * and ours. */
static void test_analytic(void)
{
    const double cell[2] = {-0.1 * arcsec, 0.1 * arcsec};
    static const double shape[][2] = {{0.8, 0.6}, {1.2, 0.5}, {2.5, 0.7}, {3, 2.9}};
    double worst = 0, worst_pa = 0;
    for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++)
        for (int pa = -90; pa < 90; pa += 15) {
            struct pc_beam b = {shape[i][0] * arcsec, shape[i][1] * arcsec, pa * degree}, got = {0};
            struct pc_err err = {0};
            float *v = gaussian(200, 200, cell, &b, 100, 100);
            if (pc_beam_fit(v, 200, 200, cell, 0.35, &got, &err) != 0)
                ok(0, "%g x %g at %d: %s", shape[i][0], shape[i][1], pa, err.msg);
            worst = fmax(worst, fmax(fabs(got.maj_rad / b.maj_rad - 1), fabs(got.min_rad / b.min_rad - 1)));
            worst_pa = fmax(worst_pa, pa_difference(got.pa_rad, b.pa_rad));
            pc_mem_free(v);
        }
    ok(worst < 2e-3, "axes of 48 Gaussians come back within 0.2 %%: %.2e", worst);
    ok(worst_pa < 0.1, "and their position angles within 0.1 degrees: %.3f", worst_pa);
}

static void test_round_and_uneven(void)
{
    struct pc_err err = {0};
    const double cell[2] = {-0.1 * arcsec, 0.1 * arcsec}, tall[2] = {-0.1 * arcsec, 0.15 * arcsec};
    struct pc_beam b = {2 * arcsec, 2 * arcsec, 0}, got = {0};
    float *v = gaussian(128, 128, cell, &b, 64, 64);
    is_int(pc_beam_fit(v, 128, 128, cell, 0.35, &got, &err), 0, "a round beam can be fitted");
    is_near(got.maj_rad / arcsec, 2, 2e-3, "its major axis");
    is_near(got.min_rad / arcsec, 2, 2e-3, "its minor axis");
    pc_mem_free(v);
    b = (struct pc_beam){2.4 * arcsec, 1.2 * arcsec, 60 * degree};
    v = gaussian(160, 120, tall, &b, 80, 60);
    is_int(pc_beam_fit(v, 160, 120, tall, 0.35, &got, &err), 0, "pixels and images need not be square");
    is_near(got.maj_rad / arcsec, 2.4, 1e-3, "major axis on oblong pixels");
    is_near(got.min_rad / arcsec, 1.2, 1e-3, "minor axis on oblong pixels");
    ok(pa_difference(got.pa_rad, b.pa_rad) < 0.05, "position angle on oblong pixels");
    is_near(pc_beam_sidelobe(v, 160, 120, tall, &b), 0, 1e-6, "a Gaussian has no sidelobes");
    v[5 * 160 + 7] = -0.25f;
    is_near(pc_beam_sidelobe(v, 160, 120, tall, &b), 0.25, 1e-6, "a negative sidelobe counts");
    v[9 * 160 + 3] = 0.375f;
    is_near(pc_beam_sidelobe(v, 160, 120, tall, &b), 0.375, 1e-6, "a positive one too");
    is_near(pc_beam_area_sr(&b) / (arcsec * arcsec), 2.4 * 1.2 * 1.1330900354567985, 1e-9, "solid angle");
    pc_mem_free(v);
}

static void test_refused(void)
{
    struct pc_err err = {0};
    const double cell[2] = {-arcsec, arcsec};
    struct pc_beam b = {6 * arcsec, 4 * arcsec, 0}, got;
    float *v = gaussian(64, 64, cell, &b, 10, 32);
    is_int(pc_beam_fit(v, 64, 64, cell, 0.35, &got, &err), -1, "a peak near the edge is refused");
    is_int(err.code, PC_EX_DATA, "as bad data");
    has(err.msg, "(10, 32)", "with its place");
    for (int i = 0; i < 64 * 64; i++)
        v[i] = 0;
    is_int(pc_beam_fit(v, 64, 64, cell, 0.35, &got, &err), -1, "an empty plane is refused");
    for (int i = 0; i < 64 * 64; i++)
        v[i] = NAN;
    is_int(pc_beam_fit(v, 64, 64, cell, 0.35, &got, &err), -1, "a blank plane is refused");
    pc_mem_free(v);
}

/* PSFs that have no lobe to speak of: a sentence or a beam, never a number that is none. */
static void test_odd(void)
{
    enum { N = 96 };
    static float v[N * N];
    const double cell[2] = {-arcsec, arcsec};
    for (int kind = 0; kind < 5; kind++) {
        struct pc_err err = {0};
        struct pc_beam b = {0};
        for (int i = 0; i < N * N; i++) {
            int x = i % N - N / 2, y = i / N - N / 2;
            v[i] = kind == 0   ? 1
                   : kind == 1 ? cosf(0.7f * (float)x + 0.2f * (float)y)
                   : kind == 2 ? (float)(x == 0 && y == 0)
                   : kind == 3 ? (float)(x == 0)
                               : 1 - 1e-4f * (float)(x * x + y * y);
        }
        int rc = pc_beam_fit(v, N, N, cell, 0.35, &b, &err);
        if (rc == 0)
            ok(isfinite(b.maj_rad) && b.min_rad > 0 && b.maj_rad >= b.min_rad &&
                   fabs(b.pa_rad) <= M_PI / 2 + 1e-12,
               "odd PSF %d: a beam of %.3g x %.3g arcsec", kind, b.maj_rad / arcsec, b.min_rad / arcsec);
        else
            ok(err.code == PC_EX_DATA, "odd PSF %d: %s", kind, err.msg);
    }
}

static void one_run(const char *dir, void *ctx)
{
    double beam[300], side = 0;
    (void)ctx;
    char *json = casaref_params(dir);
    if (!ok(json != NULL, "%s has parameters", casaref_run(dir)))
        return;
    int nbeam = casaref_numbers(json, "psf_beams_arcsec_deg", beam, 300) / 3;
    bool has_side = casaref_numbers(json, "psfsidelobe", &side, 1) == 1;
    double worst = 0, worst_pa = 0, highest = 0;
    int nfit = 0;
    for (int k = 0; k < nbeam; k++) {
        struct pc_image im;
        struct pc_beam b = {0};
        struct pc_err err = {0};
        if (!casaref_load(dir, "psf", k, &im))
            break;
        if (im.pix[(int64_t)im.head.ny / 2 * im.head.nx + im.head.nx / 2] == 0) {
            pc_image_fini(&im); /* a plane without data: CASA lends it another plane's beam */
            continue;
        }
        if (pc_beam_fit(im.pix, im.head.nx, im.head.ny, im.head.cell_rad, 0.35, &b, &err) != 0)
            ok(0, "%s plane %d: %s", casaref_run(dir), k, err.msg);
        worst = fmax(worst, fabs(b.maj_rad / arcsec / beam[3 * k] - 1));
        worst = fmax(worst, fabs(b.min_rad / arcsec / beam[3 * k + 1] - 1));
        worst_pa = fmax(worst_pa, pa_difference(b.pa_rad, beam[3 * k + 2] * degree));
        highest = fmax(highest, pc_beam_sidelobe(im.pix, im.head.nx, im.head.ny, im.head.cell_rad, &b));
        nfit++;
        pc_image_fini(&im);
    }
    ok(nfit > 0 && worst < 1e-5, "%s: axes of %d beams as CASA's: %.1e", casaref_run(dir), nfit, worst);
    ok(worst_pa < 1e-3, "%s: position angles as CASA's: %.1e", casaref_run(dir), worst_pa);
    if (has_side)
        ok(fabs(highest / side - 1) < 1e-6, "%s: largest sidelobe %.8f as CASA's: %.1e", casaref_run(dir),
           highest, highest / side - 1);
    free(json);
}

int main(void)
{
    test_analytic();
    test_round_and_uneven();
    test_refused();
    test_odd();
    casaref_each("psf", one_run, NULL);
    return tap_done();
}
