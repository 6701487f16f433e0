/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One turn of pc-clean on a small sky: which test comes when, what is kept and what is brought back. */
#include "clean/cycle.h"
#include "clean/restore.h"
#include "clean/sparse.h"
#include "tap.h"

#include <stdlib.h>

enum { N = 16, NPIX = N * N };

struct sky {
    float res[NPIX], psf[NPIX], pb[NPIX], model[NPIX];
    unsigned char mask[NPIX], inside[NPIX];
    struct pc_clean_planes planes;
    struct pc_clean_conf conf;
    struct pc_state state;
    struct pc_clean_result result;
    struct pc_err err;
};

/* A source of 1 Jy at (5, 6) and one of 3 Jy outside the primary beam; the noise alternates between +-0.01.
 */
static struct sky *sky_new(void)
{
    struct sky *s = calloc(1, sizeof *s);
    for (int i = 0; i < NPIX; i++) {
        s->res[i] = i % 2 ? 0.01f : -0.01f;
        s->pb[i] = i < NPIX - N ? 1 : 0.1f;
    }
    s->psf[(N / 2) * N + N / 2] = 1;
    s->res[6 * N + 5] = 1;
    s->res[NPIX - 1] = 3;
    s->planes = (struct pc_clean_planes){.nx = N,
                                         .ny = N,
                                         .npol = 1,
                                         .residual = s->res,
                                         .psf = s->psf,
                                         .inside = s->inside,
                                         .model = s->model};
    pc_clean_inside(s->pb, 0.2, 0, NPIX, s->inside);
    s->conf = (struct pc_clean_conf){
        .deconvolver = pc_deconvolver_find("hogbom"), .gain = 0.5, .sidelobe = 0.25, .fastnoise = true};
    s->conf.control = (struct pc_control_conf){.niter = 10,
                                               .cycleniter = -1,
                                               .nmajor = -1,
                                               .cyclefactor = 1,
                                               .minpsffraction = 0.05,
                                               .maxpsffraction = 0.8,
                                               .cyclethreshold_jy = -1};
    pc_state_init(&s->state);
    s->state.nmajor = 1;
    return s;
}

static void sky_free(struct sky *s)
{
    pc_state_fini(&s->state);
    free(s);
}

/* Test, and minor cycle unless it stops. */
static int turn(struct sky *s)
{
    return pc_clean_test(&s->conf, &s->planes, &s->state, &s->result, &s->err) ||
           (s->result.stop == 0 && pc_clean_minor(&s->conf, &s->planes, &s->result, &s->state, &s->err));
}

static void test_plain(void)
{
    struct sky *s = sky_new();
    ok(!turn(s) && s->state.ncycle == 1 && s->result.stop == 0, "one minor cycle");
    const struct pc_cycle *c = &s->state.cycle[0];
    ok(c->startpeak_jy == 1 && c->cyclethreshold_jy == 0.25 && c->iterdone == 3 && c->peakres_jy == 0.125 &&
           c->stop == PC_MINOR_THRESHOLD,
       "down to a quarter of the peak: %lld components to %g Jy", (long long)c->iterdone, c->peakres_jy);
    ok(c->masksum == NPIX - N && c->peakres_nomask_jy == 0.125 && c->modelflux_jy == 0.875,
       "what pb cuts off is not looked at");
    is_near(c->rms_jy, sqrt((1 + (NPIX - N - 1) * 1e-4) / (NPIX - N)), 1e-7,
            "rms of the residual it began with");
    ok(c->startpeak_nomask_jy == 1 && c->nplane == 0 && !*c->stokes, "one plane has no rows of its own");
    ok(s->model[6 * N + 5] == 0.875f && s->result.best && !s->result.restore,
       "the zero model is the best before");
    ok(s->state.iterdone == 3 && s->state.peak_prev_jy == 1 && s->state.peak_min_jy == 1, "state");
    sky_free(s);
}

static void test_mask(void)
{
    struct sky *s = sky_new();
    s->planes.mask = s->mask;
    ok(!turn(s) && s->result.stop == PC_STOP_ZERO_MASK && s->state.ncycle == 0, "an empty mask stops");
    sky_free(s);
    s = sky_new();
    s->planes.mask = s->mask;
    s->mask[0] = s->mask[NPIX - 1] = 1;
    ok(!turn(s) && s->state.ncycle == 1 && s->state.cycle[0].masksum == 1 &&
           s->state.peakres_jy == (double)0.01f && s->state.peak_prev_jy == 1,
       "the mask counts within pb; its peak and that without are kept apart");
    ok(s->model[0] == -0.00875f && isnan(s->state.cycle[0].peakres_nomask_jy), "cleans there alone");
    sky_free(s);
    s = sky_new();
    s->planes.mask = s->mask;
    s->conf.control.threshold_jy = 0.5;
    s->res[6 * N + 5] = 0.4f;
    ok(!turn(s) && s->result.stop == PC_STOP_THRESHOLD, "the test without a mask comes first: 2 and not 7");
    sky_free(s);
    s = sky_new();
    s->conf.whole_plane = true;
    s->planes.mask = s->mask;
    s->mask[0] = 1;
    ok(!turn(s) && s->state.cycle[0].peakres_nomask_jy == 1, "the peak without mask when asked for");
    sky_free(s);
}

static void test_diverged(void)
{
    struct sky *s = sky_new();
    struct pc_cycle done = {.iterdone = 5};
    ok(!pc_state_add_cycle(&s->state, &done, &s->err), "a cycle before");
    s->state.iterdone = 5, s->state.peak_prev_jy = s->state.peak_min_jy = s->state.peakres_jy = 0.2;
    ok(!turn(s) && s->result.stop == PC_STOP_DIVERGED && s->result.restore && !s->result.best,
       "stops, for the best model");
    ok(s->state.iterdone == 5 && s->state.stopcode == 6 && s->state.ncycle == 1, "nothing more is done");
    sky_free(s);
}

static void test_no_data(void)
{
    struct sky *s = sky_new();
    for (int i = 0; i < NPIX; i++)
        s->res[i] = NAN;
    ok(!turn(s) && s->result.stop == PC_STOP_NO_DATA && s->state.stopcode == -1, "no data");
    sky_free(s);
    s = sky_new();
    s->planes.inside = NULL;
    ok(!turn(s) && s->state.cycle[0].startpeak_jy == 3, "no pb: everywhere");
    sky_free(s);
    s = sky_new();
    pc_clean_inside(s->pb, -0.2, 0, NPIX, s->inside);
    ok(!turn(s) && s->state.cycle[0].startpeak_jy == 3, "a negative pblimit bounds nothing");
    sky_free(s);
    s = sky_new();
    s->conf.control.niter = 0;
    ok(!turn(s) && s->result.stop == PC_STOP_NITER && s->state.ncycle == 0,
       "niter 0 stops at once: the loop ends");
    sky_free(s);
}

static void test_nsigma(void)
{
    const float sigma = 1.4826f * 0.01f; /* median -0.01 or 0.01, all deviations 0 or 0.02: see below */
    struct sky *s = sky_new();
    s->conf.control.nsigma = 20;
    ok(!turn(s), "runs");
    is_near(s->result.nsigma_jy, 20 * sigma, 1e-6, "nsigma times 1.4826 MAD");
    ok(s->state.cycle[0].stop == PC_MINOR_NSIGMA && s->state.cycle[0].iterdone == 2,
       "stops the minor cycle before cyclethreshold does");
    ok(s->state.cycle[0].cyclethreshold_jy == 0.25, "which is noted as it was");
    sky_free(s);
    s = sky_new();
    s->conf.control.nsigma = 20;
    s->conf.nsigma_median = true;
    for (int i = 0; i < NPIX; i++)
        s->res[i] += 0.125f;
    ok(!turn(s), "runs");
    is_near(s->result.nsigma_jy, 20 * sigma + 0.125f, 1e-6, "with the median under automatic masks");
    sky_free(s);
    s = sky_new();
    s->conf.control.nsigma = 20;
    s->conf.fastnoise = false;
    s->planes.mask = s->mask;
    for (int i = 0; i < NPIX / 2; i++)
        s->mask[i] = 1, s->res[i] *= 3;
    ok(!turn(s), "runs");
    is_near(s->result.nsigma_jy, 20 * sigma, 1e-6, "fastnoise false: outside the mask");
    sky_free(s);
}

/* Two Stokes planes: I of 1 Jy and noise 0.01, Q of 0.5 Jy and a tenth of the noise. */
static void test_planes(const char *deconvolver)
{
    static float res[2 * NPIX], psf[2 * NPIX], model[2 * NPIX];
    const bool joint = strcmp(deconvolver, "clark") == 0;
    const int looks = strcmp(deconvolver, "multiscale") == 0 ? 2 : 0; /* its last look in each plane counts */
    struct sky *s = sky_new();
    memset(model, 0, sizeof model);
    for (int i = 0; i < 2 * NPIX; i++) {
        res[i] = (i % 2 ? 0.01f : -0.01f) * (i < NPIX ? 1 : 0.1f);
        psf[i] = i % NPIX == (N / 2) * N + N / 2;
    }
    res[6 * N + 5] = 1;
    res[NPIX + 3 * N + 4] = 0.5f;
    const int stokes[] = {1, 2};
    s->planes = (struct pc_clean_planes){
        .nx = N, .ny = N, .npol = 2, .residual = res, .psf = psf, .model = model, .stokes = stokes};
    s->conf.deconvolver = pc_deconvolver_find(deconvolver);
    s->conf.sidelobe = 0.05;
    s->conf.control.nsigma = 10;
    ok(!turn(s) && s->state.ncycle == 1, "%s: two planes", deconvolver);
    is_near(s->result.nsigma_jy, 0.14826, 1e-6, "the level of the channel is the higher of the planes'");
    is_near(s->result.plane_nsigma_jy[1], 0.014826, 1e-7, "each plane has its own");
    is_near(s->state.cycle[0].cyclethreshold_jy, 0.05, 1e-7, "one cycle threshold, of the highest peak");
    is_near((double)model[6 * N + 5], 0.875, 0, "I goes down to its n-sigma level");
    is_near((double)model[NPIX + 3 * N + 4], joint ? 0.375 : 0.46875, 0,
            joint ? "and Q with it, in a joint clean" : "Q to the cycle threshold, which is above its level");
    ok(s->state.cycle[0].iterdone == (joint ? 5 : 7) + looks && s->state.cycle[0].stop == PC_MINOR_NSIGMA,
       "components of both, and the stop that says most");
    const struct pc_cycle *c = &s->state.cycle[0];
    const struct pc_cycle_plane *i = &c->plane[0], *q = &c->plane[1];
    is_str(c->stokes, "IQ", "the names of the planes");
    is_int(c->nplane, joint ? 0 : 2, "planes that are cleaned by themselves are noted so");
    if (!joint)
        ok(!strcmp(i->stokes, "I") && !strcmp(q->stokes, "Q") && i->iterdone + q->iterdone == c->iterdone &&
               i->startpeak_jy == 1 && q->startpeak_jy == 0.5 && i->startpeak_nomask_jy == 1 &&
               i->modelflux_jy == 0.875 && q->modelflux_jy == 0.46875 && i->masksum == NPIX &&
               q->nsigma_jy == s->result.plane_nsigma_jy[1] && i->stop == PC_MINOR_NSIGMA &&
               q->stop == (looks ? q->stop : PC_MINOR_THRESHOLD) &&
               fabs(q->rms_jy - sqrt((0.25 + (NPIX - 1) * 1e-6) / NPIX)) < 1e-8,
           "iterations, peaks, flux, level, rms and stop of each");
    sky_free(s);
}

static void test_inside(void)
{
    const float pb[4] = {0.1f, 0.3f, 0.6f, NAN};
    unsigned char in[4];
    pc_clean_inside(pb, 0.2, 0.5, 4, in);
    ok(in[0] == 0 && in[1] == PC_CLEAN_INSIDE && in[2] == (PC_CLEAN_INSIDE | PC_CLEAN_NOISE) && in[3] == 0,
       "pblimit and pbmask");
    pc_clean_inside(pb, -1, 0, 4, in);
    ok(in[0] == 3 && in[3] == PC_CLEAN_NOISE, "no limits; a blank is outside");
}

static void test_sparse(void)
{
    float plane[1000] = {0}, back[1000];
    struct pc_sparse s = {0};
    struct pc_err err = {0};
    for (int i = 0; i < 1000; i += 3)
        plane[i] = (float)i - 10;
    memset(back, 1, sizeof back);
    ok(!pc_sparse_pack(&s, plane, 1000, &err) && s.nvalue == 334, "packs what is not zero");
    pc_sparse_unpack(&s, back, 1000);
    ok(!memcmp(plane, back, sizeof back), "and unpacks the same");
    pc_sparse_fini(&s);
}

/* Rows of a plane as the restorer asks for them. */
struct held {
    const float *pix;
    int nx;
};

static int row_of(void *ctx, int y, float *pix, struct pc_err *err)
{
    const struct held *p = ctx;
    (void)err;
    if (pix != p->pix + (int64_t)y * p->nx)
        memcpy(pix, p->pix + (int64_t)y * p->nx, (size_t)p->nx * sizeof *pix);
    return 1;
}

/* image: the model (NULL: none) in, the image out; it may be the residual. */
static bool restore(const float *model, const float *residual, int n, const double cell[2],
                    const struct pc_beam *own, const struct pc_beam *beam, bool *smaller, float *image)
{
    struct held m = {model, n}, r = {residual, n};
    const struct pc_restore_in in = {.nx = n,
                                     .ny = n,
                                     .cell_rad = {cell[0], cell[1]},
                                     .own = *own,
                                     .beam = *beam,
                                     .model = {model ? row_of : NULL, &m},
                                     .residual = {row_of, &r}};
    struct pc_restorer *it;
    struct pc_err err = {0};
    int rc = pc_restorer_new(&it, &in, smaller, &err);
    for (int y = 0; y < n && !rc; y++)
        rc = pc_restorer_row(it, y, image + y * n, &err);
    pc_restorer_free(it);
    return !rc;
}

static void test_restore(void)
{
    enum { M = 32 };
    static float model[M * M], image[M * M], residual[M * M], pb[M * M];
    double arcsec = M_PI / 648000, cell[2] = {-arcsec, arcsec};
    struct pc_beam beam = {6 * arcsec, 4 * arcsec, 0}, none = {0, 0, 0};
    bool smaller;
    model[16 * M + 10] = 2;
    for (int i = 0; i < M * M; i++)
        residual[i] = 0.25f, pb[i] = i < M ? 0 : 0.5f;
    residual[5] = NAN;
    ok(restore(model, residual, M, cell, &beam, &beam, &smaller, image) && !smaller, "restores");
    is_near(image[16 * M + 10], 2.25, 1e-6, "a point of 2 Jy peaks at 2 Jy/beam over the residual");
    is_near(image[19 * M + 10], 1.25, 1e-6, "half of it at half the major axis, to the north");
    is_near(image[16 * M + 12], 1.25, 1e-6, "and at half the minor axis, to the east");
    ok(isnan(image[5]), "a blank survives");
    pc_restore_pbcor(image, image, pb, M * M);
    is_near(image[16 * M + 10], 4.5, 1e-6, "divided by pb");
    ok(isnan(image[0]), "blank where pb is 0");
    pc_restore_blank(image, pb, -1, M * M);
    is_near(image[16 * M + 10], 4.5, 1e-6, "a negative pblimit blanks nothing");
    pc_restore_blank(image, pb, 0.5, M * M);
    ok(isnan(image[16 * M + 10]), "pb must be above pblimit");
    memset(model, 0, sizeof model);
    for (int k = 0; k < 2; k++)
        ok(restore(k ? model : NULL, residual, M, cell, &beam, &beam, &smaller, image) && image[40] == 0.25f,
           "an empty model leaves the residual");
    ok(restore(model, residual, M, cell, &beam, &none, &smaller, image) && isnan(image[40]),
       "no beam: no data: blank");
}

/* A residual that is one beam wide becomes another beam wide, and keeps its flux. */
static void test_match(void)
{
    enum { M = 64 };
    static float res[M * M];
    double arcsec = M_PI / 648000, cell[2] = {-arcsec, arcsec};
    struct pc_beam own = {6 * arcsec, 4 * arcsec, 0}, wide = {10 * arcsec, 8 * arcsec, 0},
                   small = {5 * arcsec, 4 * arcsec, 0};
    bool smaller;
    for (int i = 0; i < M * M; i++) {
        double dx = i % M - 32, dy = (int)(i / M) - 32;
        res[i] = (float)exp(-4 * M_LN2 * (dy * dy / 36 + dx * dx / 16));
    }
    res[0] = NAN;
    ok(restore(NULL, res, M, cell, &own, &wide, &smaller, res) && !smaller, "matches a wider beam");
    is_near(res[32 * M + 32], 1, 1e-3, "a point of 1 Jy peaks at 1 Jy per new beam");
    is_near(res[37 * M + 32], 0.5, 1e-3, "half of it at half the new major axis");
    is_near(res[32 * M + 36], 0.5, 1e-3, "and at half the new minor axis");
    ok(isnan(res[0]), "a blank stays blank");
    float before = res[32 * M + 32];
    ok(restore(NULL, res, M, cell, &own, &small, &smaller, res) && smaller, "a smaller beam is not possible");
    is_near(res[32 * M + 32], before, 0, "and the residual is left alone");
    struct pc_beam near = {6.1 * arcsec, 4.1 * arcsec, 0};
    ok(restore(NULL, res, M, cell, &own, &near, &smaller, res) && !smaller && res[32 * M + 32] == before,
       "as with one that differs by less than a pixel");
}

int main(void)
{
    test_inside();
    test_sparse();
    test_match();
    test_plain();
    test_mask();
    test_diverged();
    test_no_data();
    test_nsigma();
    test_planes("hogbom");
    test_planes("clarkstokes");
    test_planes("multiscale");
    test_planes("asp");
    test_planes("clark");
    test_restore();
    return tap_done();
}
