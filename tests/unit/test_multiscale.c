/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiscale CLEAN against a plain one whose convolutions are direct sums; and what must hold of any. */
#include "clean/scales.h"
#include "scene.h"
#include "tap.h"

#include <stdbool.h>

enum { NX = 36, NY = 30, N = NX * NY, NSCALE = 3 };
static const double sizes[NSCALE] = {0, 3, 5.5};
static const double sources[][3] = {{14, 13, 1}, {20, 16, 0.7}, {12, 12, 0.5}, {21, 10, -0.3}, {0, 0, 0}};

/* The engine's kernels; what they are is tested below. */
static void kernels(struct pc_scales *s)
{
    static float psf[N], res[N], model[N];
    struct pc_minor_in in = {NX, NY, 1, res, psf, NULL, model, 0.1, 0, 1, true, {.nscale = 0}, {0}, false};
    struct pc_err err = {0};
    psf[(NY / 2) * NX + NX / 2] = 1;
    in.options.nscale = NSCALE;
    memcpy(in.options.scale_px, sizes, sizeof sizes);
    ok(!pc_scales_init(s, &in, 0, &err), "scales");
}

static void convolve(const struct pc_scales *s, int i, const double *in, double *out)
{
    int r = s->radius[i];
    for (int p = 0; p < N; p++) {
        out[p] = 0;
        for (int dy = -r; dy <= r; dy++)
            for (int dx = -r; dx <= r; dx++)
                out[p] += in[(p / NX + dy + NY) % NY * NX + (p % NX + dx + NX) % NX] *
                          (double)s->kernel[i][(dy + r) * (2 * r + 1) + dx + r];
    }
}

static double residual[NSCALE][N], psf[NSCALE][NSCALE][N], where[NSCALE][N];

static void prepare(const struct pc_scales *s, const struct scene *c)
{
    static double res[N], beam[N], mask[N], half[N];
    for (int p = 0; p < N; p++)
        res[p] = (double)c->res[p], beam[p] = (double)c->psf[p], mask[p] = c->mask[p];
    for (int i = 0; i < NSCALE; i++) {
        int border = (int)(1.5 * sizes[i]);
        convolve(s, i, res, residual[i]);
        convolve(s, i, mask, where[i]);
        convolve(s, i, beam, half);
        for (int j = 0; j < NSCALE; j++)
            convolve(s, j, half, psf[i][j]);
        for (int p = 0; p < N; p++)
            where[i][p] = where[i][p] > 0.9 && p % NX > border && p % NX < NX - 1 - border &&
                          p / NX > border && p / NX < NY - 1 - border;
    }
}

static int plain(const struct pc_scales *s, struct scene *c, double gain, double threshold, double bias,
                 int niter)
{
    const int centre = (NY / 2) * NX + NX / 2;
    double first = 0;
    prepare(s, c);
    for (int iter = 1; iter <= niter; iter++) {
        int scale = 0, at = 0;
        double most = 0;
        for (int i = 0; i < NSCALE; i++)
            for (int p = 0; p < N; p++) {
                double merit =
                    residual[i][p] * residual[i][p] / psf[i][i][centre] * (1 - bias * sizes[i] / sizes[2]);
                if (where[i][p] > 0 && merit > most)
                    most = merit, scale = i, at = p;
            }
        double strength = residual[scale][at] / psf[scale][scale][centre];
        first = iter == 1 ? fabs(strength) : first;
        if (fabs(strength) < threshold || fabs(strength) > 1.5 * first)
            return iter;
        pc_scales_add(s, scale, c->model, at, (float)(gain * strength));
        for (int p = 0; p < N; p++) {
            int u = p % NX - at % NX + NX / 2, v = p / NX - at / NX + NY / 2;
            for (int i = 0; i < NSCALE && u >= 0 && u < NX && v >= 0 && v < NY; i++)
                residual[i][p] -= gain * strength * psf[i][scale][v * NX + u];
        }
    }
    return niter;
}

static double difference(const float *a, const float *b)
{
    double d = 0;
    for (int i = 0; i < N; i++)
        d = fmax(d, fabs((double)a[i] - (double)b[i]));
    return d;
}

static struct pc_minor_in input(struct scene *c, double threshold, int64_t niter)
{
    struct pc_minor_in in = {NX,  NY,        1,     c->res, c->psf,        c->mask, c->model,
                             0.1, threshold, niter, true,   {.nscale = 0}, {0},     false};
    in.options.nscale = NSCALE;
    memcpy(in.options.scale_px, sizes, sizeof sizes);
    return in;
}

static void compare(const struct pc_scales *s, bool masked, double bias, double threshold, int niter)
{
    struct scene c[2];
    struct pc_minor_out out;
    struct pc_err err = {0};
    for (int i = 0; i < 2; i++) {
        scene_seed = 5;
        c[i] = scene_new(NX, NY, 1, sources, 0.01f);
        for (int p = 0; masked && p < N; p++)
            c[i].mask[p] = p % NX > 6 && p % NX < 27;
    }
    struct pc_minor_in in = input(&c[0], threshold, niter);
    in.options.smallscalebias = bias;
    int rc = pc_deconvolver_find("multiscale")->minor(&in, &out, &err);
    int iter = plain(s, &c[1], 0.1, threshold, bias, niter);
    ok(rc == 0 && out.iterdone == iter && difference(c[0].model, c[1].model) < 2e-5,
       "mask %d bias %g: %d iterations as plain multiscale's %d, models differ by %g %s", masked, bias,
       (int)out.iterdone, iter, difference(c[0].model, c[1].model), err.msg);
    float worst = 0; /* reported peak */
    for (int p = 0; p < N; p++)
        worst = c[0].mask[p] ? fmaxf(worst, fabsf(c[0].res[p])) : worst;
    ok(out.peakres_jy == worst, "the peak within the mask, %g", out.peakres_jy);
    scene_free(&c[0]), scene_free(&c[1]);
}

static void test_kernel(const struct pc_scales *s)
{
    const float *k = s->kernel[2];
    double sum = 0;
    int side = 2 * s->radius[2] + 1, c = s->radius[2];
    for (int i = 0; i < side * side; i++)
        sum += (double)k[i];
    is_near(sum, 1, 1e-6, "a scale sums to 1");
    ok(s->radius[0] == 0 && s->kernel[0][0] == 1, "a scale of 0 is a point");
    /* nu = 4/5.5 and 5/5.5, on either side of the polynomials' joint, against the eigenfunction of its
     * integral equation, solved numerically */
    is_near((double)(k[c * side + c + 4] / k[c * side + c]), 0.0460091, 2e-6, "kernel at 4 of 5.5");
    is_near((double)(k[c * side + c + 5] / k[c * side + c]), 0.00292804, 2e-7, "kernel at 5 of 5.5");
}

/* A source of a scale's own shape is found as that scale, where it is, with its flux. */
static void test_shape(const struct pc_scales *s)
{
    static const double none[][3] = {{0, 0, 0}};
    struct scene c = scene_new(NX, NY, 1, none, 0);
    struct pc_err err = {0};
    struct pc_minor_out out;
    static float source[N], want[N];
    const int at = 14 * NX + 17;
    memset(source, 0, sizeof source), memset(want, 0, sizeof want);
    pc_scales_add(s, 2, source, at, -3);
    ok(!pc_scales_subtract(s, c.res, c.psf, source, &err), "seen through the psf");
    pc_scales_add(s, 2, want, at, 0.3f);
    struct pc_minor_in in = input(&c, 0, 1);
    ok(!pc_multiscale.minor(&in, &out, &err) && difference(c.model, want) < 1e-6, "a source of scale 5.5");
    is_near(out.modelflux_jy, 0.3, 1e-5, "a tenth of its flux");
    in.cycleniter = 100;
    ok(!pc_multiscale.minor(&in, &out, &err) && fabs(out.modelflux_jy - 3) < 0.05, "all of it: %g",
       out.modelflux_jy);
    scene_free(&c);
}

/* Without scales, or with a point alone, it is Hogbom's CLEAN but for the outermost pixels. */
static void test_point(void)
{
    struct scene a = scene_new(NX, NY, 1, sources, 0.01f), b;
    struct pc_err err = {0};
    struct pc_minor_out out[2];
    scene_seed = 9;
    scene_free(&a);
    a = scene_new(NX, NY, 1, sources, 0.01f);
    scene_seed = 9;
    b = scene_new(NX, NY, 1, sources, 0.01f);
    for (int p = 0; p < N; p++)
        b.mask[p] = p % NX > 0 && p % NX < NX - 1 && p / NX > 0 && p / NX < NY - 1;
    struct pc_minor_in in = input(&a, 0.01, 60);
    in.options.nscale = 0;
    int bad = pc_multiscale.minor(&in, &out[0], &err);
    in.residual = b.res, in.model = b.model, in.mask = b.mask;
    ok(!bad && !pc_hogbom.minor(&in, &out[1], &err) && difference(a.model, b.model) < 1e-6,
       "points alone: Hogbom");
    scene_free(&a), scene_free(&b);
}

static void test_errors(void)
{
    struct scene c = scene_new(NX, NY, 1, sources, 0);
    struct pc_err err = {0};
    struct pc_minor_out out;
    struct pc_minor_in in = input(&c, 0, 10);
    in.options.scale_px[2] = 15;
    ok(pc_multiscale.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    in = input(&c, 0, 10);
    in.options.scale_px[1] = 9;
    ok(pc_multiscale.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    in = input(&c, 0, 10);
    in.gain = 1.5;
    ok(pc_multiscale.minor(&in, &out, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
    in = input(&c, 0, 10);
    memset(c.mask, 0, N);
    ok(!pc_multiscale.minor(&in, &out, &err) && out.stop == PC_MINOR_SKIPPED, "an empty mask is skipped");
    memset(c.mask, 1, N);
    c.res[13 * NX + 14] = NAN;
    ok(!pc_multiscale.minor(&in, &out, &err) && out.iterdone == 10 && isnan(c.res[13 * NX + 14]) &&
           isfinite(out.peakres_jy),
       "blanks stay blank");
    scene_free(&c);
}

static void test_parse(void)
{
    struct pc_minor_options o;
    struct pc_err err = {0};
    ok(!pc_scales_parse("15,0, 5", &o, &err) && o.nscale == 3 && o.scale_px[0] == 0 && o.scale_px[1] == 5 &&
           o.scale_px[2] == 15,
       "in any order");
    ok(!pc_scales_parse("[0, 7.5]", &o, &err) && o.nscale == 2 && o.scale_px[1] == 7.5, "with brackets");
    static const char *const wrong[] = {"", "0,-3", "0,5,", "0 5", "a", "0,inf", "0,5 pixels"};
    for (int i = 0; i < 7; i++)
        ok(pc_scales_parse(wrong[i], &o, &err) < 0 && err.code == PC_EX_USAGE, "refused: %s", err.msg);
}

int main(void)
{
    struct pc_scales s;
    kernels(&s);
    test_kernel(&s);
    compare(&s, false, 0, 0.05, 400);
    compare(&s, true, 0, 0.02, 80);
    compare(&s, false, 0.6, 0.05, 400);
    compare(&s, true, -1, 0.05, 50);
    test_shape(&s);
    pc_scales_fini(&s);
    test_point();
    test_errors();
    test_parse();
    return tap_done();
}
