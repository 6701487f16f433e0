/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated sky of a shell, a Gaussian, points and a negative source through an irregular psf: asp's fluxes
 * against the truth in units of the noise, its residual against hogbom's and multiscale's. */
#include "clean/minor.h"
#include "tap.h"
#include "uvsky.h"

#include <stdbool.h>

enum { N = UVSKY_N, NPIX = UVSKY_NPIX, NSOURCE = 5, NSEED = 4 };
static const double noise_vis = 1; /* Jy; so 1 / sqrt(1500) Jy/beam */

struct source {
    double x, y, ring, sigma, flux, aperture;
};
static const struct source sources[NSOURCE] = {{44, 50, 9, 2, 6, 19},
                                               {70, 26, 0, 0, 1, 10},
                                               {24, 76, 0, 0, 0.4, 10},
                                               {74, 68, 0, 3, 1.5, 13},
                                               {26, 24, 0, 1.5, -0.5, 11}};

static struct uvsky *uv;
static double truth[NPIX];

/* A ring of that radius, or a Gaussian, or a point. */
static void add_source(const struct source *s)
{
    static double one[NPIX];
    double sum = 0;
    for (int p = 0; p < NPIX; p++) {
        double r = hypot(p % N - s->x, (int)(p / N) - s->y) - s->ring;
        one[p] = s->sigma > 0 ? exp(-0.5 * r * r / (s->sigma * s->sigma)) : r == 0;
        sum += one[p];
    }
    for (int p = 0; p < NPIX; p++)
        truth[p] += s->flux * one[p] / sum;
}

struct result {
    struct pc_minor_out out;
    double rms, flux[NSOURCE];
};

/* The psf's solid angle in pixels: its main lobe to half the peak, as a Gaussian's. */
static double beam_px(void)
{
    int n = 0;
    for (int p = 0; p < NPIX; p++)
        n += uv->psf[p] > 0.5f && hypot(p % N - N / 2, (int)(p / N) - N / 2) < 8;
    return n / log(2);
}

/* Of the model, and of what is left in the residual. */
static double aperture(const struct source *s, const float *model, const float *res)
{
    double sum = 0;
    for (int p = 0; p < NPIX; p++)
        if (hypot(p % N - s->x, (int)(p / N) - s->y) < s->aperture)
            sum += (model ? (double)model[p] : 0) + (double)res[p] / beam_px();
    return sum;
}

static unsigned char mask[NPIX];
static float res[NPIX], model[NPIX];

static void begin(struct result *r)
{
    *r = (struct result){0};
    memset(model, 0, sizeof model);
    for (int p = 0; p < NPIX; p++)
        mask[p] = p % N > 9 && p % N < N - 10 && p / N > 9 && p / N < N - 10;
}

/* The major cycle: the same noise every time. */
static void observe(double noise, uint32_t seed)
{
    static double left[NPIX];
    for (int p = 0; p < NPIX; p++)
        left[p] = truth[p] - (double)model[p];
    uvsky_seed = seed;
    uvsky_dirty(uv, left, noise, res);
}

static void minor(const char *name, double gain, double threshold, int64_t niter, struct result *r)
{
    struct pc_minor_in in = {.nx = N, .ny = N, .npol = 1, .residual = res, .psf = uv->psf, .mask = mask};
    in.model = model;
    in.gain = gain;
    in.threshold_jy = threshold;
    in.cycleniter = niter;
    in.options = (struct pc_minor_options){.nscale = 4, .scale_px = {0, 4, 8, 14}};
    struct pc_err err = {0};
    int64_t before = r->out.iterdone;
    if (pc_deconvolver_find(name)->minor(&in, &r->out, &err))
        diag("%s", err.msg);
    r->out.iterdone += before;
}

static void measure(const char *name, struct result *r)
{
    for (int p = 0; p < NPIX; p++)
        r->rms += mask[p] ? (double)res[p] * (double)res[p] / NPIX : 0;
    r->rms = sqrt(r->rms);
    for (int i = 0; i < NSOURCE; i++)
        r->flux[i] = aperture(&sources[i], model, res);
    diag("%s: %d iterations, stop %d, peak %.4f rms %.4f fluxes %.3f %.3f %.3f %.3f %.3f", name,
         (int)r->out.iterdone, r->out.stop, r->out.peakres_jy, r->rms, r->flux[0], r->flux[1], r->flux[2],
         r->flux[3], r->flux[4]);
}

static double peak_within(void)
{
    double peak = 0;
    for (int p = 0; p < NPIX; p++)
        peak = mask[p] ? fmax(peak, fabs((double)res[p])) : peak;
    return peak;
}

/* Minor and major cycles, each down to a quarter of the peak, until the threshold is kept. */
static void clean(const char *name, double threshold, double noise, uint32_t seed, struct result *r)
{
    double peak;
    begin(r);
    observe(noise, seed);
    for (int k = 0; k < 12 && (peak = peak_within()) > threshold; k++) {
        minor(name, 0.1, fmax(threshold, 0.25 * peak), 3000, r);
        observe(noise, seed);
    }
    measure(name, r);
}

/* One minor cycle of as many components. */
static void test_residual(void)
{
    static const char *const names[] = {"asp", "hogbom", "multiscale"};
    struct result r[3];
    for (int i = 0; i < 3; i++) {
        begin(&r[i]);
        observe(0, 1);
        minor(names[i], 0.1, 0, 200, &r[i]);
        measure(names[i], &r[i]);
    }
    ok(r[0].rms < 0.7 * r[1].rms, "the residual after 200 components is less than hogbom's by far");
    ok(r[0].rms < 1.2 * r[2].rms, "and not more than multiscale's");
}

/* Without noise, down to 1 % of the peak. */
static void test_clear(void)
{
    struct result r;
    clean("asp", 0.01, 0, 1, &r);
    ok(r.out.stop == PC_MINOR_THRESHOLD, "no noise: down to the threshold");
    for (int i = 0; i < NSOURCE; i++)
        is_near(r.flux[i], sources[i].flux, 0.02 * fabs(sources[i].flux) + 0.01, "no noise: a source's flux");
}

/* Down to three times the noise; the scatter of a flux is that of noise in the same aperture. */
static void test_noise(void)
{
    static float noise[NPIX];
    double sigma[NSOURCE] = {0}, mean[NSOURCE] = {0};
    struct result asp[NSEED], hogbom;
    bool stopped = true, quiet = true;
    for (int k = 0; k < NSEED; k++) {
        uvsky_dirty(uv, NULL, noise_vis, noise);
        for (int i = 0; i < NSOURCE; i++)
            sigma[i] += pow(aperture(&sources[i], NULL, noise), 2) / NSEED;
        clean("asp", 3 * noise_vis / sqrt(UVSKY_VIS), noise_vis, (uint32_t)k + 1, &asp[k]);
        clean("hogbom", 3 * noise_vis / sqrt(UVSKY_VIS), noise_vis, (uint32_t)k + 1, &hogbom);
        stopped = stopped && asp[k].out.stop == PC_MINOR_THRESHOLD;
        quiet = quiet && asp[k].rms < hogbom.rms;
        for (int i = 0; i < NSOURCE; i++)
            mean[i] += asp[k].flux[i] / NSEED;
    }
    ok(stopped, "noise: the threshold is reached");
    ok(quiet, "noise: a lower residual than hogbom's at the same threshold");
    for (int i = 0; i < NSOURCE; i++) {
        double s = sqrt(sigma[i]), worst = 0;
        for (int k = 0; k < NSEED; k++)
            worst = fmax(worst, fabs(asp[k].flux[i] - sources[i].flux) / s);
        diag("source %d: sigma %.4f mean %.4f", i, s, mean[i]);
        ok(worst < 3, "source %d: every flux within 3 sigma of the truth: %.2f", i, worst);
        ok(fabs(mean[i] - sources[i].flux) < 3 * s / sqrt(NSEED), "source %d: their mean too: %.2f", i,
           (mean[i] - sources[i].flux) / s * sqrt(NSEED));
    }
}

int main(void)
{
    uv = uvsky_new(5);
    for (int i = 0; i < NSOURCE; i++)
        add_source(&sources[i]);
    test_residual();
    test_clear();
    test_noise();
    free(uv);
    return tap_done();
}
