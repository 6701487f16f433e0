/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hogbom engine against a textbook double loop: the same bits, whatever the size, the mask and the
 * blanks. */
#include "clean/minor.h"
#include "tap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static uint32_t seed = 1;
static float uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / 16777216.0f - 0.5f;
}

/* Spec section 6, word for word; residual NaNs are blank. */
static int64_t textbook(int nx, int ny, float *res, const float *psf, const unsigned char *mask, float *model,
                        float gain, float threshold, int64_t niter, float *last)
{
    for (int64_t iter = 0;; iter++) {
        int px = -1, py = -1;
        float best = -1;
        for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++) {
                float v = fabsf(res[y * nx + x]);
                if ((!mask || mask[y * nx + x]) && v > best)
                    best = v, px = x, py = y;
            }
        *last = px < 0 ? 0 : best;
        if (px < 0 || best < threshold || iter == niter)
            return iter;
        float flux = gain * res[py * nx + px];
        model[py * nx + px] += flux;
        for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++) {
                int u = x - px + nx / 2, v = y - py + ny / 2;
                if (u >= 0 && u < nx && v >= 0 && v < ny)
                    res[y * nx + x] -= flux * psf[v * nx + u];
            }
    }
}

struct scene {
    int nx, ny;
    float *res, *psf, *model;
    unsigned char *mask;
};

static struct scene scene_new(int nx, int ny, int mask_kind, bool blanks)
{
    int n = nx * ny;
    struct scene s = {nx, ny, malloc((size_t)n * 4), malloc((size_t)n * 4), calloc((size_t)n, 4), NULL};
    s.mask = mask_kind ? malloc((size_t)n) : NULL;
    for (int i = 0; i < n; i++) {
        double dx = i % nx - nx / 2, dy = (int)(i / nx) - ny / 2, r2 = dx * dx + dy * dy;
        s.psf[i] = (float)(exp(-r2 / 8) + 0.05 * cos(0.7 * sqrt(r2)) * exp(-r2 / 300)) + 0.002f * uniform();
        s.res[i] = uniform();
        if (s.mask)
            s.mask[i] = mask_kind == 1 ? uniform() > 0.2f : abs(i % nx - 3) < 3 || (int)(i / nx) >= ny - 2;
        if (blanks && uniform() > 0.45f)
            s.res[i] = NAN;
    }
    s.psf[(ny / 2) * nx + nx / 2] = 1;
    s.res[0] = 2, s.res[n - 1] = -2.1f; /* in corners, where the psf overlaps by a quarter */
    return s;
}

static void scene_free(struct scene *s)
{
    free(s->res), free(s->psf), free(s->model), free(s->mask);
}

static bool same_bits(const float *a, const float *b, int n, const unsigned char *where)
{
    for (int i = 0; i < n; i++)
        if ((!where || where[i]) && memcmp(&a[i], &b[i], 4) && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

/* Whether the textbook, left alone, ends above where it began. */
static bool would_diverge(uint32_t start, int nx, int ny, int mask_kind, bool blanks, float gain,
                          int64_t niter)
{
    uint32_t now = seed;
    float first, last;
    seed = start;
    struct scene s = scene_new(nx, ny, mask_kind, blanks);
    seed = now;
    textbook(nx, ny, s.res, s.psf, s.mask, s.model, gain, 0, 0, &first);
    textbook(nx, ny, s.res, s.psf, s.mask, s.model, gain, 0, niter, &last);
    scene_free(&s);
    return last > 1.1f * first;
}

/* A cycle that was ended early, because it diverges, has the textbook's components until then. */
static void compare(int nx, int ny, int mask_kind, bool blanks, float gain, float threshold, int64_t niter,
                    bool whole)
{
    uint32_t start = seed;
    struct scene a = scene_new(nx, ny, mask_kind, blanks), b;
    seed = start;
    b = scene_new(nx, ny, mask_kind, blanks);
    struct pc_minor_in in = {nx,   ny,        1,     a.res, a.psf,         a.mask, a.model,
                             gain, threshold, niter, whole, {.nscale = 0}, {0},    false};
    struct pc_minor_out out;
    struct pc_err err = {0};
    float last, first, nomask = 0;
    textbook(nx, ny, b.res, b.psf, b.mask, b.model, gain, 0, 0, &first);
    int rc = pc_deconvolver_find("hogbom")->minor(&in, &out, &err);
    const bool early = out.stop == PC_MINOR_DIVERGING && out.iterdone < niter;
    int64_t iter =
        textbook(nx, ny, b.res, b.psf, b.mask, b.model, gain, threshold, early ? out.iterdone : niter, &last);
    for (int i = 0; i < nx * ny; i++)
        nomask = fmaxf(nomask, fabsf(b.res[i]));
    ok(rc == 0 && out.iterdone == iter && same_bits(a.model, b.model, nx * ny, NULL) &&
           same_bits(a.res, b.res, nx * ny, whole ? NULL : b.mask) && out.peakres_jy == last &&
           (!whole || out.peakres_nomask_jy == nomask),
       "%dx%d mask %d blanks %d gain %g: %lld components, model and residual as the textbook's", nx, ny,
       mask_kind, blanks, gain, (long long)iter);
    ok(!early || (would_diverge(start, nx, ny, mask_kind, blanks, gain, niter)),
       "what is ended early would diverge");
    is_int(out.stop,
           early                 ? PC_MINOR_DIVERGING
           : last <= threshold   ? PC_MINOR_THRESHOLD
           : last > 1.1f * first ? PC_MINOR_DIVERGING
                                 : PC_MINOR_CYCLENITER,
           "stop code");
    if (!whole && mask_kind)
        ok(isnan(out.peakres_nomask_jy), "the peak without mask is not known unless asked for");
    scene_free(&a), scene_free(&b);
}

/* A rectangle of the plane that holds the mask, with the part of the psf that reaches within it, against the
 * textbook on all of it. */
static void test_window(void)
{
    enum { NX = 90, NY = 70, X0 = 31, Y0 = 9, W = 23, H = 30, PX = 2 * W - 1, PY = 2 * H - 1 };
    static float res[W * H], psf[PX * PY], model[W * H];
    static unsigned char mask[W * H];
    struct scene s = scene_new(NX, NY, 1, false);
    struct pc_minor_in in = {.nx = W, .ny = H, .npol = 1, .residual = res, .psf = psf, .mask = mask};
    struct pc_minor_out out;
    struct pc_err err = {0};
    float last;
    for (int i = 0; i < NX * NY; i++) {
        int x = i % NX - X0, y = i / NX - Y0;
        bool within = x >= 0 && x < W && y >= 0 && y < H;
        s.mask[i] = s.mask[i] && within;
        if (within)
            res[y * W + x] = s.res[i], mask[y * W + x] = s.mask[i];
    }
    for (int i = 0; i < PX * PY; i++)
        psf[i] = s.psf[(NY / 2 + i / PX - (H - 1)) * NX + NX / 2 + i % PX - (W - 1)];
    in.window = (struct pc_psf_window){PX, PY, W - 1, H - 1};
    in.model = model, in.gain = 0.1, in.threshold_jy = 0.1, in.cycleniter = 300;
    int rc = pc_deconvolver_find("hogbom")->minor(&in, &out, &err);
    int64_t iter = textbook(NX, NY, s.res, s.psf, s.mask, s.model, 0.1f, 0.1f, 300, &last);
    bool same = rc == 0 && out.iterdone == iter && out.peakres_jy == last;
    for (int i = 0; i < W * H; i++) {
        int at = (Y0 + i / W) * NX + X0 + i % W;
        same = same && model[i] == s.model[at] && (!mask[i] || res[i] == s.res[at]);
    }
    ok(same, "a window of the plane and of the psf: the same %lld components", (long long)iter);
    scene_free(&s);
}

/* Of equal peaks the first in scan order is taken, of either sign; and a peak at the threshold is still
 * cleaned. */
static void test_ties(void)
{
    enum { M = 300 };
    static float res[M * M], psf[M * M], model[M * M];
    struct pc_minor_in in = {M, M, 1, res, psf, NULL, model, 0.5, 0.25, 3, false, {.nscale = 0}, {0}, false};
    struct pc_minor_out out;
    struct pc_err err = {0};
    psf[(M / 2) * M + M / 2] = 1;
    res[20 * M + 290] = -1, res[20 * M + 3] = 1, res[21 * M] = 1;
    ok(!pc_hogbom.minor(&in, &out, &err) && model[20 * M + 3] == 0.5f && model[20 * M + 290] == -0.5f &&
           model[21 * M] == 0.5f,
       "ties: each once, in scan order");
    in.cycleniter = 1;
    ok(!pc_hogbom.minor(&in, &out, &err) && model[20 * M + 3] == 0.75f, "then the first again");
    in.cycleniter = 100;
    ok(!pc_hogbom.minor(&in, &out, &err) && out.iterdone == 5 && out.peakres_jy == 0.125,
       "0.25 is not below 0.25");
}

static void test_skipped_and_errors(void)
{
    float res[16] = {1}, psf[16] = {0}, model[16] = {0};
    unsigned char none[16] = {0};
    struct pc_minor_in in = {4, 4, 1, res, psf, none, model, 0.1, 0, 10, true, {.nscale = 0}, {0}, false};
    struct pc_minor_out out;
    struct pc_err err = {0};
    const struct pc_deconvolver *d = pc_deconvolver_find("hogbom");
    ok(d->minor(&in, &out, &err) < 0 && err.code == PC_EX_DATA, "psf without a peak: %s", err.msg);
    psf[10] = 1;
    ok(!d->minor(&in, &out, &err) && out.stop == PC_MINOR_SKIPPED && out.iterdone == 0 &&
           out.peakres_nomask_jy == 1,
       "an empty mask is skipped");
    psf[3] = NAN;
    ok(d->minor(&in, &out, &err) < 0 && err.code == PC_EX_DATA, "psf with a NaN: %s", err.msg);
    ok(pc_deconvolver_find("hogbum") == NULL, "unknown name");
    psf[3] = 0;
    in.mask = NULL, in.cycleniter = 0;
    ok(!d->minor(&in, &out, &err) && out.stop == PC_MINOR_ZERO_ITER && out.peakres_jy == 1,
       "no components allowed");
}

/* A gain above 2 overshoots more each time. */
static void diverge(double gain, int64_t want_iter)
{
    float res[64] = {0}, psf[64] = {0}, model[64] = {0};
    struct pc_minor_in in = {8, 8, 1, res, psf, NULL, model, gain, 0, 5000, false, {.nscale = 0}, {0}, false};
    struct pc_minor_out out;
    struct pc_err err = {0};
    psf[36] = res[10] = 1;
    int rc = pc_hogbom.minor(&in, &out, &err);
    ok(rc == 0 && out.stop == PC_MINOR_DIVERGING, "gain %g is seen to diverge", gain);
    is_int(out.iterdone, want_iter, "components until then");
}

static void test_diverging(void)
{
    diverge(2.0001, 2000); /* slow: seen at the end of a call */
    diverge(2.1, 15);      /* fast: each peak is 1.1 times the one before, the 15th 4 times the first */
    is_int(pc_minor_step(4999), 4999, "short cycles are one call");
    is_int(pc_minor_step(5000), 2000, "long ones are several");
}

int main(void)
{
    compare(16, 16, 0, false, 0.1f, 0.3f, 500, true);
    compare(17, 13, 0, false, 0.1f, 0.1f, 300, true);
    compare(32, 20, 1, false, 0.5f, 0.05f, 400, true);
    compare(32, 20, 2, false, 0.1f, 0.05f, 100, false);
    compare(15, 31, 2, true, 0.1f, 0.2f, 1000, true);
    compare(64, 64, 1, true, 0.25f, 0, 700, true);
    compare(600, 8, 0, false, 0.1f, 0.2f, 200, true);  /* rows longer than a run */
    compare(32, 20, 1, false, 0.3f, 0.6f, 4000, true); /* down to the threshold */
    compare(33, 31, 2, true, 0.1f, 0.55f, 4000, false);
    compare(1300, 30, 1, true, 0.2f, 0.3f, 900, true); /* several tiles */
    compare(1300, 30, 0, false, 0.1f, 0.3f, 900, true);
    test_window();
    test_ties();
    test_skipped_and_errors();
    test_diverging();
    return tap_done();
}
