/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adaptive scale pixel deconvolution: its sums and transforms against plain loops, its residual against a
 * direct convolution of its model, sources of known size and flux; and what must hold of any deconvolver. */
#include "clean/asp_field.h"
#include "tap.h"
#include "uvsky.h"

#include <stdbool.h>

enum { N = UVSKY_N, NPIX = UVSKY_NPIX };

static struct uvsky *uv;

struct sky {
    double pix[NPIX];
    float res[2 * NPIX], psf[2 * NPIX], model[2 * NPIX];
    unsigned char mask[2 * NPIX];
};
static struct sky a, b;

/* sigma 0: a point. */
static void add_source(double *pix, double x0, double y0, double sigma, double flux)
{
    double sum = 0, v;
    for (int pass = 0; pass < 2; pass++)
        for (int p = 0; p < NPIX; p++) {
            double dx = p % N - x0, dy = (int)(p / N) - y0, r2 = dx * dx + dy * dy;
            v = sigma > 0 ? exp(-0.5 * r2 / (sigma * sigma)) : r2 == 0;
            if (pass == 0)
                sum += v;
            else
                pix[p] += flux * v / sum;
        }
}

static void observe(struct sky *s, double noise)
{
    uvsky_dirty(uv, s->pix, noise, s->res);
    memcpy(s->psf, uv->psf, sizeof uv->psf);
    memset(s->model, 0, sizeof s->model);
    memset(s->mask, 1, sizeof s->mask);
}

static void one_source(struct sky *s, double x, double y, double sigma, double flux)
{
    memset(s->pix, 0, sizeof s->pix);
    add_source(s->pix, x, y, sigma, flux);
    observe(s, 0);
}

static struct pc_minor_in input(struct sky *s, double gain, double threshold, int64_t niter)
{
    return (struct pc_minor_in){.nx = N,
                                .ny = N,
                                .npol = 1,
                                .residual = s->res,
                                .psf = s->psf,
                                .mask = s->mask,
                                .model = s->model,
                                .gain = gain,
                                .threshold_jy = threshold,
                                .cycleniter = niter};
}

static void box(unsigned char *mask, int x0, int y0, int x1, int y1)
{
    for (int p = 0; p < NPIX; p++)
        mask[p] = p % N >= x0 && p % N < x1 && p / N >= y0 && p / N < y1;
}

/* Flux, centre and size (sigma) of a model within a radius of a place. */
static void moments(const float *model, double x0, double y0, double radius, double m[4])
{
    double s[4] = {0};
    for (int p = 0; p < NPIX; p++) {
        double dx = p % N - x0, dy = (int)(p / N) - y0, v = (double)model[p];
        if (hypot(dx, dy) > radius)
            continue;
        s[0] += v, s[1] += v * dx, s[2] += v * dy, s[3] += v * (dx * dx + dy * dy) / 2;
    }
    m[0] = s[0], m[1] = x0 + s[1] / s[0], m[2] = y0 + s[2] / s[0], m[3] = sqrt(s[3] / s[0]);
}

/* ---- what is found ---- */

static void test_sizes(void)
{
    double s[PC_ASP_SCALES];
    is_int(pc_asp_sizes(3.2, -1, 1000, 900, s), 5, "five scales");
    ok(s[0] == 0 && s[1] == 4 && s[2] == 8 && s[3] == 16 && s[4] == 32, "0 and 1, 2, 4, 8 widths");
    is_int(pc_asp_sizes(3.2, -1, 250, 900, s), 5, "in a smaller image");
    ok(s[3] == 16 && s[4] == 25, "none above a tenth of it");
    is_int(pc_asp_sizes(5, 40, 1000, 1000, s), 5, "up to 40");
    ok(s[1] == 5 && s[2] == 9 && s[3] == 16 && s[4] == 40, "in CASA's steps");
    ok(pc_asp_sizes(5, 3, 1000, 1000, s) == 2 && s[1] == 3, "a largest scale below the width");
    ok(pc_asp_sizes(5, -1, 9, 9, s) == 1 && s[0] == 0, "a tiny image: points");
    for (int p = 0; p < NPIX; p++)
        a.psf[p] = expf(-(float)((p % N - 48) * (p % N - 48) + (p / N - 48) * (p / N - 48)) / 18);
    is_near(pc_asp_width(a.psf, N, N), 2.3548 * 3, 0.3, "the width of a psf of sigma 3");
}

/* Where the psf is known about every pixel of a scale: not so at the edge, where it wraps. */
static bool central(int p)
{
    return abs(p % N - 48) < 20 && abs(p / N - 48) < 20;
}

/* One component of gain 1 is the source, whatever its size; and so is its negative. */
static void test_source(double sigma, double flux)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    double m[4];
    one_source(&a, 50, 45, sigma, flux);
    struct pc_minor_in in = input(&a, 1, 0, 1);
    ok(!pc_asp.minor(&in, &out, &err) && out.iterdone == 1 && out.stop == PC_MINOR_CYCLENITER,
       "one component %s", err.msg);
    moments(a.model, 50, 45, 48, m);
    diag("flux %g size %g", m[0], m[3]);
    is_near(m[0], flux, 0.01 * fabs(flux), "the flux of a Gaussian");
    is_near(out.modelflux_jy, m[0], 1e-4 * fabs(flux), "as reported");
    ok(hypot(m[1] - 50, m[2] - 45) < 0.05 && fabs(m[3] - sigma) < 0.02 * sigma, "of sigma %g, where it is",
       sigma);
    double left = 0;
    for (int p = 0; p < NPIX; p++)
        left = central(p) ? fmax(left, fabs((double)a.res[p])) : left;
    ok(left < 2e-3 * fabs(flux), "nothing is left: %g", left);
}

static void test_point(void)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    one_source(&a, 40, 60, 0, 2);
    struct pc_minor_in in = input(&a, 0.5, 0, 3);
    ok(!pc_asp.minor(&in, &out, &err) && out.iterdone == 3, "a point: three components %s", err.msg);
    double sum = 0;
    for (int p = 0; p < NPIX; p++)
        sum += p == 60 * N + 40 ? 0 : fabs((double)a.model[p]);
    is_near((double)a.model[60 * N + 40], 2 * 0.875, 1e-5, "its flux but an eighth");
    is_near(sum, 0, 0, "and nothing elsewhere");
}

static void test_largestscale(void)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    double m[4];
    one_source(&a, 48, 48, 7, 10);
    struct pc_minor_in in = input(&a, 1, 0, 1);
    in.options.psf_px = 2;
    in.options.largestscale_px = 4;
    ok(!pc_asp.minor(&in, &out, &err), "largestscale 4 %s", err.msg);
    moments(a.model, 48, 48, 48, m);
    ok(m[3] > 3.5 && m[3] < 4.01, "no Gaussian is larger: %g", m[3]);
}

/* ---- the residual ---- */

/* The dirty image less model (x) psf, summed directly; where the psf ends nothing is subtracted. */
static double residual_error(const struct sky *s, const float *dirty, bool whole, double *change)
{
    double worst = 0;
    *change = 0;
    for (int p = 0; p < NPIX; p++) {
        if (isnan(s->res[p]) || !(whole ? central(p) : s->mask[p]))
            continue;
        double want = (double)dirty[p];
        for (int q = 0; q < NPIX; q++) {
            int dx = p % N - q % N + N / 2, dy = (int)(p / N) - (int)(q / N) + N / 2;
            if (s->model[q] != 0 && dx >= 0 && dx < N && dy >= 0 && dy < N)
                want -= (double)s->model[q] * (double)s->psf[dy * N + dx];
        }
        worst = fmax(worst, fabs(want - (double)s->res[p]));
        *change = fmax(*change, fabs((double)dirty[p] - (double)s->res[p]));
    }
    return worst;
}

static void test_residual(const char *name, bool whole)
{
    static float dirty[NPIX];
    struct pc_minor_out out;
    struct pc_err err = {0};
    double change;
    memcpy(dirty, a.res, sizeof dirty);
    struct pc_minor_in in = input(&a, 0.2, 0, 12);
    in.whole_plane = whole;
    in.options.psf_px = 3; /* so that a third of the image has room for a scale, and a window is cut out */
    ok(!pc_asp.minor(&in, &out, &err) && out.iterdone == 12, "%s: components %s", name, err.msg);
    double worst = residual_error(&a, dirty, whole || a.mask[0], &change), peak = 0, nomask = 0;
    ok(worst < 1e-5 * change, "%s: the residual is the dirty image less the model's, to %.2g", name,
       worst / change);
    int touched = 0;
    for (int p = 0; p < NPIX; p++) {
        peak = a.mask[p] && isfinite(a.res[p]) ? fmax(peak, fabs((double)a.res[p])) : peak;
        nomask = isfinite(a.res[p]) ? fmax(nomask, fabs((double)a.res[p])) : nomask;
        touched += !a.mask[p] && memcmp(&a.res[p], &dirty[p], 4);
    }
    ok(out.peakres_jy == peak && (!whole || out.peakres_nomask_jy == nomask), "%s: its peaks", name);
    ok(whole || !touched, "%s: outside the mask nothing changed", name);
}

static void extended(struct sky *s)
{
    memset(s->pix, 0, sizeof s->pix);
    add_source(s->pix, 50, 45, 4, 5);
    add_source(s->pix, 44, 52, 0, 0.5);
    add_source(s->pix, 56, 40, 2, -1);
    observe(s, 0.2);
}

static void test_residuals(void)
{
    extended(&a);
    test_residual("everywhere", false);
    extended(&a);
    box(a.mask, 36, 32, 64, 60);
    test_residual("a box, the whole plane", true);
    extended(&a);
    box(a.mask, 42, 38, 58, 54);
    a.res[44 * N + 51] = NAN, a.res[3] = NAN;
    test_residual("a small box with blanks", false);
    ok(isnan(a.res[44 * N + 51]) && isnan(a.res[3]), "blanks stay");
    memset(a.pix, 0, sizeof a.pix);
    add_source(a.pix, 6, 88, 1.5, 5);
    observe(&a, 0.2);
    box(a.mask, 0, 82, 12, N);
    test_residual("a box in a corner", false);
}

/* How far the convolved residuals are from those of a field made anew of the same residual, within where a
 * scale may lie. */
static double stale(struct pc_asp_field *f, const struct pc_minor_in *in)
{
    struct pc_asp_field fresh;
    struct pc_err err = {0};
    double worst = 0;
    pc_asp_field_put(f, in, 0);
    if (pc_asp_field_init(&fresh, in, 0, f->size_px, f->n, &err))
        return INFINITY;
    for (int i = 0; i < f->n; i++)
        for (int p = 0; p < NPIX; p++)
            if (fresh.mask[i][p] && central(p))
                worst = fmax(worst, fabs((double)f->residual[i][p] - (double)fresh.residual[i][p]));
    pc_asp_field_fini(&fresh);
    return worst;
}

/* The residuals of the scales follow the residual itself. */
static void test_field(void)
{
    static const double sizes[] = {0, 2, 4};
    struct pc_asp_field f;
    struct pc_gauss g;
    struct pc_err err = {0};
    extended(&a);
    struct pc_minor_in in = input(&a, 0.1, 0, 1);
    in.whole_plane = true;
    ok(!pc_asp_field_init(&f, &in, 0, sizes, 3, &err) && f.n == 3 && !pc_gauss_init(&g, 2.7, &err),
       "a field %s", err.msg);
    int bad = pc_asp_field_subtract(&f, &g, 45 * N + 50, 2, &err);
    double worst = stale(&f, &in);
    ok(!bad && worst < 1e-5, "a Gaussian less, in all scales, to %.2g", worst);
    bad = pc_asp_field_subtract_point(&f, 50 * N + 46, 1, &err);
    ok(!bad && stale(&f, &in) > 0.05 && !pc_asp_field_renew(&f, &err) && stale(&f, &in) < 1e-6,
       "a point less: made anew");
    pc_gauss_fini(&g);
    pc_asp_field_fini(&f);
}

/* After a run of points the scales are looked at again: a Gaussian under a crowd of points is found. */
static void test_return(void)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    memset(a.pix, 0, sizeof a.pix);
    add_source(a.pix, 48, 48, 5, 3);
    for (int k = 0; k < 4; k++)
        add_source(a.pix, 36 + 24 * (k % 2), 36 + 24 * (k / 2), 0, 2);
    observe(&a, 0);
    box(a.mask, 26, 26, 71, 71);
    struct pc_minor_in in = input(&a, 0.1, 0.02, 1000);
    int bad = pc_asp.minor(&in, &out, &err), pixels = 0;
    for (int p = 0; p < NPIX; p++)
        pixels += fabsf(a.model[p]) > 1e-3f && hypot(p % N - 48, p / N - 48) < 8;
    ok(!bad && out.stop == PC_MINOR_THRESHOLD && out.iterdone < 500 && pixels > 150,
       "%d components, a smooth model of %d pixels after points", (int)out.iterdone, pixels);
    bool points = true;
    for (int k = 0; k < 4; k++)
        points = points && fabs((double)a.model[(36 + 24 * (k / 2)) * N + 36 + 24 * (k % 2)] - 2) < 0.15;
    ok(points, "and the points");
}

/* ---- the mask, the limits and the stops ---- */

static void test_mask(void)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    double m[4];
    one_source(&a, 30, 30, 3, 5);
    add_source(a.pix, 66, 66, 2, 1);
    observe(&a, 0);
    box(a.mask, 56, 56, 77, 77);
    struct pc_minor_in in = input(&a, 0.3, 0, 30);
    ok(!pc_asp.minor(&in, &out, &err) && isnan(out.peakres_nomask_jy), "a mask about the weaker source %s",
       err.msg);
    moments(a.model, 30, 30, 20, m);
    ok(m[0] == 0, "the other is left alone");
    int beyond = 0;
    for (int p = 0; p < NPIX; p++)
        beyond += a.model[p] != 0 && (p % N < 40 || p / N < 40);
    is_int(beyond, 0, "components stay near the mask");
    memset(a.mask, 0, sizeof a.mask);
    ok(!pc_asp.minor(&in, &out, &err) && out.stop == PC_MINOR_SKIPPED && out.iterdone == 0, "an empty mask");
}

static bool same(const float *p, const float *q, float factor, int n)
{
    for (int i = 0; i < n; i++)
        if (p[i] * factor != q[i])
            return false;
    return true;
}

/* 1024 times the brightness gives 1024 times the model, to the bit; and the same input the same. */
static void test_linear(void)
{
    struct pc_minor_out out[2];
    struct pc_err err = {0};
    extended(&a);
    b = a;
    for (int p = 0; p < NPIX; p++)
        b.res[p] *= 1024;
    struct pc_minor_in in = input(&a, 0.1, 0.01, 150), big = input(&b, 0.1, 10.24, 150);
    ok(!pc_asp.minor(&in, &out[0], &err) && !pc_asp.minor(&big, &out[1], &err), "twice %s", err.msg);
    ok(out[0].iterdone == out[1].iterdone && same(a.model, b.model, 1024, NPIX) &&
           same(a.res, b.res, 1024, NPIX),
       "linear in brightness, over %d components", (int)out[0].iterdone);
}

/* Planes of a channel are cleaned as each by itself. */
static void test_planes(void)
{
    struct pc_minor_out out[3];
    struct pc_err err = {0};
    extended(&a);
    for (int p = 0; p < NPIX; p++) {
        a.res[NPIX + p] = -0.5f * a.res[p];
        a.psf[NPIX + p] = a.psf[p];
        a.mask[NPIX + p] = p % N > 30;
    }
    b = a;
    struct pc_minor_in in = input(&a, 0.1, 0, 20), one = input(&b, 0.1, 0, 20);
    in.npol = 2;
    int bad = pc_asp.minor(&in, &out[0], &err) || pc_asp.minor(&one, &out[1], &err);
    one.residual += NPIX, one.psf += NPIX, one.mask += NPIX, one.model += NPIX;
    bad = bad || pc_asp.minor(&one, &out[2], &err);
    ok(!bad && same(a.model, b.model, 1, 2 * NPIX) && same(a.res, b.res, 1, 2 * NPIX), "two planes %s",
       err.msg);
    ok(out[0].iterdone == 40 && out[0].peakres_jy == fmax(out[1].peakres_jy, out[2].peakres_jy), "together");
}

/* Below fusedthreshold it is Hogbom's CLEAN, to the bit. */
static void test_fused(bool masked)
{
    struct pc_minor_out out[2];
    struct pc_err err = {0};
    extended(&a);
    if (masked)
        box(a.mask, 42, 38, 58, 54);
    b = a;
    struct pc_minor_in in = input(&a, 0.1, 0.02, 700), plain = input(&b, 0.1, 0.02, 700);
    in.options.fusedthreshold_jy = 100;
    ok(!pc_asp.minor(&in, &out[0], &err) && !pc_hogbom.minor(&plain, &out[1], &err), "fused %s", err.msg);
    ok(out[0].iterdone == out[1].iterdone && out[0].iterdone > 60 && same(a.model, b.model, 1, NPIX) &&
           same(a.res, b.res, 1, NPIX),
       "mask %d: below fusedthreshold it is Hogbom's, %d components", masked, (int)out[0].iterdone);
}

static void test_stops(void)
{
    struct pc_minor_out out;
    struct pc_err err = {0};
    extended(&a);
    struct pc_minor_in in = input(&a, 0.2, 0.1, 500);
    int bad = pc_asp.minor(&in, &out, &err);
    ok(!bad && out.stop == PC_MINOR_THRESHOLD && out.peakres_jy <= 0.1 && out.iterdone > 1 &&
           out.iterdone < 500,
       "the threshold, after %d", (int)out.iterdone);
    bad = pc_asp.minor(&in, &out, &err);
    ok(!bad && out.stop == PC_MINOR_THRESHOLD && out.iterdone == 0, "nothing to do");
    in.threshold_jy = 0, in.cycleniter = 7;
    ok(!pc_asp.minor(&in, &out, &err) && out.stop == PC_MINOR_CYCLENITER && out.iterdone == 7, "cycleniter");
    in.cycleniter = 0;
    ok(!pc_asp.minor(&in, &out, &err) && out.stop == PC_MINOR_ZERO_ITER && out.iterdone == 0, "none allowed");
    one_source(&a, 48, 48, 0, 1);
    a.psf[(N / 2 + 20) * N + N / 2] = 2.5f;
    in = input(&a, 1, 0, 100);
    ok(!pc_asp.minor(&in, &out, &err) && out.stop == PC_MINOR_DIVERGING && out.iterdone < 5,
       "a bad psf: diverging");
    in.gain = 1.5;
    ok(pc_asp.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    in.gain = 0;
    ok(pc_asp.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    in.gain = 0.1, a.psf[7] = NAN;
    ok(pc_asp.minor(&in, &out, &err) < 0 && err.code == PC_EX_DATA, "refused: %s", err.msg);
    ok(pc_deconvolver_find("asp") == &pc_asp, "found by name");
}

int main(void)
{
    uv = uvsky_new(3);
    test_sizes();
    test_source(3.3, 5);
    test_source(6.2, 0.2);
    test_source(4.7, -2);
    test_point();
    test_largestscale();
    test_residuals();
    test_field();
    test_return();
    test_mask();
    test_linear();
    test_planes();
    test_fused(false);
    test_fused(true);
    test_stops();
    free(uv);
    return tap_done();
}
