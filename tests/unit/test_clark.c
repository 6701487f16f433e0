/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Clark engine against a plain one of double loops over whole planes; and what must hold of any. */
#include "clean/minor.h"
#include "scene.h"
#include "tap.h"

#include <stdbool.h>

static const double sources[][3] = {{20, 17, 1},    {25, 30, 0.6},  {9, 12, -0.3}, {38, 8, 0.25},
                                    {30, 22, 0.15}, {31, 23, 0.15}, {0, 0, 0}};

static double size_of(const float *v, int npol, int n)
{
    double sum = 0;
    for (int k = 0; k < npol; k++)
        sum += (double)v[k * n] * (double)v[k * n];
    return sqrt(sum);
}

/* Largest size of the pixels that are set in `in`; *at is -1 when there are none. */
static double peak_of(const struct scene *s, const float *v, const unsigned char *in, int *at)
{
    int n = s->nx * s->ny;
    double peak = -1;
    *at = -1;
    for (int i = 0; i < n; i++)
        if (in[i] && size_of(v + i, s->npol, n) > peak)
            peak = size_of(v + i, s->npol, n), *at = i;
    return peak;
}

/* v -= flux * psf about `at`, the psf cut to a box of +-half (half < 0: not cut). */
static void subtract(const struct scene *s, float *v, int at, const float *flux, int half)
{
    int n = s->nx * s->ny;
    for (int i = 0; i < n; i++) {
        int dx = i % s->nx - at % s->nx, dy = i / s->nx - at / s->nx;
        int u = dx + s->nx / 2, w = dy + s->ny / 2;
        if (u < 0 || u >= s->nx || w < 0 || w >= s->ny || (half >= 0 && (abs(dx) > half || abs(dy) > half)))
            continue;
        for (int k = 0; k < s->npol; k++)
            v[k * n + i] -= flux[k] * s->psf[w * s->nx + u];
    }
}

/* A beam of 4 pixels: a patch of 13. */
static double outside_of(const struct scene *s)
{
    double outside = 0;
    for (int i = 0; i < s->nx * s->ny; i++) {
        int dx = i % s->nx - s->nx / 2, dy = i / s->nx - s->ny / 2;
        if (abs(dy) > 6 || dx < -6 || dx >= 6)
            outside = fmax(outside, fabs((double)s->psf[i]));
    }
    return outside;
}

static int plain(struct scene *s, float gain, double threshold, int niter, double *peak)
{
    int n = s->nx * s->ny, done = 0, at;
    float *list = malloc((size_t)(n * s->npol) * 4);
    unsigned char *in = malloc((size_t)n);
    double outside = outside_of(s);
    *peak = peak_of(s, s->res, s->mask, &at);
    for (int turn = 0; turn < 10 && done<niter && * peak> threshold; turn++) {
        double limit = *peak * outside / 3, stop = fmax(limit, threshold), sum = 0;
        memcpy(list, s->res, (size_t)(n * s->npol) * 4);
        for (int i = 0; i < n; i++)
            in[i] = s->mask[i] && size_of(list + i, s->npol, n) > stop;
        double start = *peak = peak_of(s, list, in, &at);
        while (done<niter && * peak> stop) {
            float flux[4];
            for (int k = 0; k < s->npol; k++) {
                flux[k] = gain * list[k * n + at];
                s->model[k * n + at] += flux[k];
            }
            subtract(s, s->res, at, flux, -1);
            subtract(s, list, at, flux, 6);
            sum += 1.0 / ++done;
            stop = fmax(start * sum, threshold);
            *peak = peak_of(s, list, in, &at);
        }
    }
    free(list), free(in);
    return done;
}

static double difference(const float *a, const float *b, int n)
{
    double d = 0;
    for (int i = 0; i < n; i++)
        d = fmax(d, fabs((double)a[i] - (double)b[i]));
    return d;
}

static struct pc_minor_in input(struct scene *s, double gain, double threshold, int64_t niter)
{
    return (struct pc_minor_in){.nx = s->nx,
                                .ny = s->ny,
                                .npol = s->npol,
                                .residual = s->res,
                                .psf = s->psf,
                                .mask = s->mask,
                                .model = s->model,
                                .gain = gain,
                                .threshold_jy = threshold,
                                .cycleniter = niter,
                                .whole_plane = true,
                                .options = {.beam_px = 3.2}};
}

static void compare(int npol, bool masked, double gain, double threshold, int niter)
{
    struct scene s[2];
    struct pc_minor_out out;
    struct pc_err err = {0};
    double peak;
    for (int i = 0; i < 2; i++) {
        scene_seed = 7;
        s[i] = scene_new(48, 40, npol, sources, 0.02f);
        for (int j = 0; masked && j < 48 * 40 * npol; j++)
            s[i].mask[j] = j % 48 > 5 && j % 48 < 35;
    }
    struct pc_minor_in in = input(&s[0], gain, threshold, niter);
    int rc = pc_deconvolver_find("clark")->minor(&in, &out, &err), n = 48 * 40 * npol;
    is_int(out.iterdone, plain(&s[1], (float)gain, threshold, niter, &peak), "components of plain Clark");
    ok(rc == 0 && difference(s[0].model, s[1].model, n) < 1e-5 && difference(s[0].res, s[1].res, n) < 1e-5 &&
           fabs(out.peakres_jy - peak) < 1e-5,
       "%d planes, mask %d, gain %g: model, residual and peak %g are plain Clark's", npol, masked, gain,
       peak);
    is_int(out.stop, peak <= threshold ? PC_MINOR_THRESHOLD : PC_MINOR_CYCLENITER, "stop code");
    scene_free(&s[0]), scene_free(&s[1]);
}

static void clean(const char *name, struct scene *s, double threshold, struct pc_minor_out *out)
{
    struct pc_err err = {0};
    struct pc_minor_in in = input(s, 0.1, threshold, 200);
    ok(!pc_deconvolver_find(name)->minor(&in, out, &err), "%s %s", name, err.msg);
}

/* Twice the sky is twice the model, to the bit. */
static void test_linear(void)
{
    struct scene a = scene_new(48, 40, 1, sources, 0), b = scene_new(48, 40, 1, sources, 0);
    struct pc_minor_out out[2];
    for (int i = 0; i < 48 * 40; i++)
        b.res[i] *= 2;
    clean("clark", &a, 0.05, &out[0]), clean("clark", &b, 0.1, &out[1]);
    for (int i = 0; i < 48 * 40; i++)
        a.model[i] *= 2;
    ok(out[0].iterdone == out[1].iterdone && out[0].iterdone > 20 &&
           difference(a.model, b.model, 48 * 40) == 0,
       "linear: %d components", (int)out[0].iterdone);
    scene_free(&a), scene_free(&b);
}

static void test_impulse(void)
{
    static const double one[][3] = {{31, 9, -2}, {0, 0, 0}};
    struct scene s = scene_new(48, 40, 1, one, 0);
    struct pc_minor_out out;
    clean("clark", &s, 0.2, &out);
    int others = 0;
    for (int i = 0; i < 48 * 40; i++)
        others += s.model[i] != 0 && i != 9 * 48 + 31;
    ok(others == 0 && fabsf(s.model[9 * 48 + 31] + 2) < 0.201f && out.stop == PC_MINOR_THRESHOLD,
       "a point is cleaned where it is: %g, %d elsewhere, stop %d", (double)s.model[9 * 48 + 31], others,
       out.stop);
    scene_free(&s);
}

/* I and Q exchanged give the same components exchanged; Stokes planes by themselves are planes by
 * themselves. */
static void test_stokes(void)
{
    const int n = 48 * 40;
    struct scene a = scene_new(48, 40, 2, sources, 0), b = scene_new(48, 40, 2, sources, 0);
    struct scene one = scene_new(48, 40, 1, sources, 0);
    struct pc_minor_out out[3];
    for (int i = 0; i < n; i++) {
        float swap = b.res[i];
        b.res[i] = b.res[n + i], b.res[n + i] = swap;
    }
    clean("clark", &a, 0.05, &out[0]), clean("clark", &b, 0.05, &out[1]);
    int together = 0;
    for (int i = 0; i < n; i++)
        together += (a.model[i] != 0) == (a.model[n + i] != 0);
    ok(together == n, "the planes of clark have components at the same places");
    ok(out[0].iterdone == out[1].iterdone && difference(a.model, b.model + n, n) == 0 &&
           difference(a.model + n, b.model, n) == 0,
       "no plane comes first");
    struct scene fresh = scene_new(48, 40, 2, sources, 0);
    clean("clarkstokes", &fresh, 0.05, &out[0]), clean("clark", &one, 0.05, &out[2]);
    ok(difference(fresh.model, one.model, n) == 0 && out[0].iterdone > out[2].iterdone,
       "clarkstokes cleans each by itself");
    scene_free(&a), scene_free(&b), scene_free(&one), scene_free(&fresh);
}

static void test_blanks(void)
{
    struct scene s = scene_new(48, 40, 1, sources, 0);
    struct pc_minor_out out;
    s.res[17 * 48 + 20] = NAN;
    clean("clark", &s, 0.05, &out);
    ok(s.model[17 * 48 + 20] == 0 && isnan(s.res[17 * 48 + 20]) && out.iterdone > 0, "blanks stay blank");
    memset(s.mask, 0, 48 * 40);
    clean("clark", &s, 0.05, &out);
    ok(out.stop == PC_MINOR_SKIPPED && out.iterdone == 0, "an empty mask is skipped");
    scene_free(&s);
}

static void test_errors(void)
{
    struct scene s = scene_new(48, 40, 1, sources, 0);
    struct pc_minor_out out;
    struct pc_err err = {0};
    static const double gains[] = {0, -0.1, 1.01, NAN};
    for (int i = 0; i < 4; i++) {
        struct pc_minor_in in = input(&s, gains[i], 0, 10);
        ok(pc_clark.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    }
    struct pc_minor_in in = input(&s, 1, 10, 10);
    ok(!pc_clark.minor(&in, &out, &err) && out.stop == PC_MINOR_THRESHOLD && out.iterdone == 0,
       "below the threshold already");
    in.threshold_jy = 0, in.cycleniter = 0;
    ok(!pc_clark.minor(&in, &out, &err) && out.stop == PC_MINOR_ZERO_ITER, "no components allowed");
    s.psf[5] = NAN;
    ok(pc_clarkstokes.minor(&in, &out, &err) < 0 && err.code == PC_EX_DATA, "psf with a NaN: %s", err.msg);
    scene_free(&s);
}

int main(void)
{
    compare(1, false, 0.1, 0.05, 500);
    compare(1, true, 0.1, 0.03, 60);
    compare(1, false, 0.5, 0.04, 40);
    compare(2, false, 0.1, 0.08, 300);
    compare(4, true, 0.2, 0.1, 100);
    test_linear();
    test_impulse();
    test_stokes();
    test_blanks();
    test_errors();
    return tap_done();
}
