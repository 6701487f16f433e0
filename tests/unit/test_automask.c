/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/automask.h"
#include "mask/nextmask.h"
#include "mask/usermask.h"
#include "image/beam_parse.h"
#include "tests/unit/tap.h"

#include <stdint.h>
#include <stdlib.h>

/* Automask on planes made for one question each. The pixel-by-pixel comparisons are science tests. */

enum { N = 64, NPIX = N * N };
static const double CELL = 1e-6;
static float residual[NPIX], pb[NPIX];
static unsigned char mask[NPIX], prev[NPIX];
static bool has_prev, beam_is_late;
static double pblimit;
static struct pc_automask_conf conf;
static struct pc_automask_in in;
static struct pc_automask_out out;

static int at(int x, int y)
{
    return y * N + x;
}

/* Noise of sigma 1.4826*0.5: the values -1, -0.5, 0, 0.5, 1 in turn; median 0, MAD 0.5. */
static void reset(void)
{
    for (int i = 0; i < NPIX; i++) {
        residual[i] = 0.5F * (float)((i * 7) % 5 - 2);
        pb[i] = 1;
        prev[i] = 0;
    }
    conf = (struct pc_automask_conf){.sidelobethreshold = 3,
                                     .noisethreshold = 5,
                                     .lownoisethreshold = 1.5,
                                     .smoothfactor = 1,
                                     .minbeamfrac = 0.3,
                                     .cutthreshold = 0.01,
                                     .growiterations = 75,
                                     .dogrowprune = true,
                                     .fastnoise = true,
                                     .minpercentchange = -1};
    has_prev = beam_is_late = false;
    pblimit = 0.2;
    in = (struct pc_automask_in){
        .nx = N, .ny = N, .cell_rad = {-CELL, CELL}, .beam = {4 * CELL, 3 * CELL, 0.3}, .sidelobe = 0.01};
}

static void square(int x0, int y0, int size, float v)
{
    for (int y = y0; y < y0 + size; y++)
        for (int x = x0; x < x0 + size; x++)
            residual[at(x, y)] = v;
}

static struct pc_imhead head(double limit)
{
    struct pc_imhead h = {.nx = N, .ny = N, .npol = 1, .cell_rad = {-CELL, CELL}};
    struct pc_err err;
    if (limit != 0 && pc_record_set_double(&h.extra, "PBLIMIT", limit, &err))
        diag("%s", err.msg);
    return h;
}

static int give_beam(struct pc_mask_inputs *m, struct pc_err *err)
{
    struct pc_imhead h = head(pblimit);
    pc_mask_inputs_begin_pb(m, &h, conf.pbmask > 0 ? conf.pbmask : -1);
    for (int at = 0; at < NPIX; at += 1000)
        if (pc_mask_inputs_add_pb(m, 0, at, NPIX - at < 1000 ? NPIX - at : 1000, pb + at, err))
            return -1;
    return 0;
}

static int give_residual(struct pc_mask_inputs *m, struct pc_err *err)
{
    struct pc_imhead h = head(0);
    if (pc_mask_inputs_begin_residual(m, &h, err))
        return -1;
    memcpy(m->pix, residual, sizeof residual);
    for (int at = 0; at < NPIX; at += PC_SURVEY_BLOCK)
        pc_mask_inputs_add_residual(m, 0, at, PC_SURVEY_BLOCK);
    return 0;
}

/* The planes above as a program would read them, in blocks. */
static int give(struct pc_mask_inputs *m, struct pc_err *err)
{
    struct pc_imhead h = head(0);
    if (beam_is_late ? give_residual(m, err) || give_beam(m, err)
                     : give_beam(m, err) || give_residual(m, err))
        return -1;
    pc_mask_inputs_begin_prev(m, &h);
    return pc_mask_inputs_add_prev(m, 0, 0, NPIX, prev, NULL, err) || pc_mask_inputs_end(m, err);
}

static void make(void)
{
    struct pc_mask_inputs m = {0};
    struct pc_err err;
    memset(mask, 0, sizeof mask);
    int bad = give(&m, &err);
    in.residual = m.pix;
    in.survey = &m.survey[0];
    in.central = m.has_central ? &m.central[0] : NULL;
    in.prev = has_prev ? &m.mask[0] : NULL;
    if (bad || pc_automask(&conf, &in, &out, NULL, &err))
        diag("%s", err.msg);
    pc_runs_paint(&out.mask, N, 1, mask);
    pc_runs_free(&out.mask);
    pc_mask_inputs_fini(&m);
}

static void test_thresholds(void)
{
    reset();
    square(30, 30, 3, 100);
    make();
    is_near(out.median, 0, 0, "median");
    is_near(out.sigma_jy, 1.4826 * 0.5, 1e-12, "sigma is 1.4826 MAD");
    is_near(out.threshold_pos_jy, 5 * 1.4826 * 0.5, 1e-6, "the noise rules: 5 sigma");
    ok(out.noise_limited, "and says so");
    in.sidelobe = 0.2;
    make();
    is_near(out.threshold_pos_jy, 3 * 0.2 * 100, 1e-4, "the sidelobes rule: 3 x 0.2 x the peak");
    is_near(out.threshold_low_jy, 60, 1e-4, "the low threshold does not go below the sidelobes");
    ok(!out.noise_limited, "and says so");
    square(5, 5, 3, -200);
    make();
    is_near(out.threshold_pos_jy, 3 * 0.2 * 200, 1e-4, "a negative peak counts");
}

static void test_prune_and_smooth(void)
{
    reset();
    square(30, 30, 3, 100);
    residual[at(10, 50)] = 100;
    make();
    is_int(out.n_threshold, 10, "pixels above the threshold");
    is_int(out.nregion, 2, "regions");
    is_int(out.nregion_kept, 1, "one pixel is less than 0.3 beams of 13.6 pixels and goes");
    ok(out.n_smoothed > 9 && mask[at(29, 31)] && mask[at(31, 28)], "smoothing widens what is left");
    ok(!mask[at(10, 50)], "the pruned pixel stays out");
    conf.minbeamfrac = 0;
    make();
    ok(mask[at(10, 50)], "minbeamfrac 0 prunes nothing");
    conf.smoothfactor = 0;
    make();
    is_int(out.n_final, 10, "smoothfactor 0 smooths nothing");
}

static void test_bounds(void)
{
    reset();
    square(30, 30, 3, 100);
    residual[at(31, 31)] = NAN;
    pb[at(30, 30)] = 0.2F;
    pb[at(32, 32)] = 0.3F;
    make();
    ok(!mask[at(31, 31)] && mask[at(31, 30)], "a blank pixel is never masked");
    ok(!mask[at(30, 30)], "nor one with pb <= pblimit");
    ok(mask[at(32, 32)], "but one with more pb is");
    beam_is_late = true;
    make();
    ok(!mask[at(30, 30)] && mask[at(32, 32)], "also when the primary beam comes after the residual");
    beam_is_late = false;
    residual[at(20, 20)] = INFINITY;
    make();
    ok(!mask[at(20, 20)] && mask[at(31, 30)], "an infinite pixel is as good as blank");
    conf.pbmask = 0.3;
    make();
    ok(!mask[at(32, 32)] && mask[at(31, 30)], "pbmask bounds the mask");
    for (int i = 0; i < NPIX; i++)
        residual[i] = NAN;
    make();
    ok(out.n_final == 0 && !out.done && isnan(out.median), "a blank plane has an empty mask");
}

static void test_grow(void)
{
    reset();
    square(20, 30, 3, 100);
    for (int x = 23; x < 50; x++)
        for (int y = 30; y < 33; y++)
            residual[at(x, y)] = 2; /* between 1.5 and 5 sigma */
    for (int i = 0; i < 9; i++)
        prev[at(20 + i % 3, 30 + i / 3)] = 1;
    has_prev = true;
    in.sidelobe = 0.001; /* the low threshold is the noise's */
    make();
    ok(!mask[at(35, 31)], "before the first iteration nothing grows");
    in.iterdone = 10;
    make();
    ok(mask[at(35, 31)] && mask[at(49, 31)] && !mask[at(60, 31)],
       "the previous mask grows along faint emission");
    conf.growiterations = 5;
    make();
    ok(mask[at(27, 31)] && !mask[at(35, 31)], "by at most growiterations pixels");
    conf.growiterations = 0;
    make();
    is_int(out.n_grown, 0, "growiterations 0 grows nothing");
    square(20, 30, 3, 0);
    make();
    ok(mask[at(21, 31)], "what was masked stays masked");
}

static void test_negative(void)
{
    reset();
    square(20, 20, 3, 100);
    square(40, 40, 2, -100);
    make();
    ok(!mask[at(40, 40)], "no negative mask by default");
    conf.negativethreshold = 7;
    make();
    is_near(out.threshold_neg_jy, -7 * 1.4826 * 0.5, 1e-5, "negative threshold");
    ok(mask[at(40, 40)] && mask[at(21, 21)], "negativethreshold masks what is negative too");
}

static void test_done(void)
{
    reset();
    square(30, 30, 3, 100);
    make();
    ok(!out.done, "a mask that was made is not done");
    memcpy(prev, mask, NPIX);
    has_prev = true;
    in.iterdone = 5;
    in.threshold_jy = 0.002;
    in.cyclethreshold_jy = 0.00200000009;
    make();
    ok(!out.done, "without minpercentchange it never is");
    conf.minpercentchange = 1;
    make();
    ok(out.done, "no change, the cycle threshold is down to the threshold (as floats): done");
    in.cyclethreshold_jy = 0.0021;
    make();
    ok(!out.done, "not while the cycle threshold is above it");
    in.cyclethreshold_jy = 0.002;
    in.sidelobe = 0.2;
    make();
    ok(!out.done, "nor while the sidelobes rule");
    in.sidelobe = 0.01;
    prev[at(31, 31)] = 0;
    make();
    ok(!out.done, "one pixel of a few dozen is more than 1 per cent");
    conf.minpercentchange = 10;
    make();
    ok(out.done, "and less than 10");
    /* from one pixel on: the change is a whole number of times 100 per cent */
    memset(prev, 0, NPIX);
    prev[at(31, 31)] = 1;
    conf.minpercentchange = 100 * (double)(out.n_final - 1);
    make();
    ok(!out.done && out.n_final > 20, "as many per cent are not less");
    conf.minpercentchange += 1;
    make();
    ok(out.done, "one more, and they are");
    reset();
    make();
    ok(out.n_final == 0 && out.done, "an empty mask under the noise threshold is done");
    conf.noisethreshold = conf.sidelobethreshold = 0;
    in.sidelobe = 0;
    make();
    ok(!out.noise_limited && !out.done, "where neither is the larger, the noise does not rule");
}

static void test_fastnoise(void)
{
    reset();
    for (int i = 0; i < NPIX / 2; i++) {
        residual[i] = 50 + (float)(i % 11);
        prev[i] = 1;
    }
    has_prev = true;
    in.iterdone = 1;
    conf.fastnoise = false;
    make();
    is_near(out.sigma_jy, 1.4826 * 0.5, 1e-12, "fastnoise false: noise of what lies outside the mask");
    is_near(out.median, 0, 0, "and its median");
    memset(prev, 1, NPIX);
    make();
    ok(out.sigma_jy > 5, "with a full mask: Chauvenet, over everything");
}

/* Pixels of a user's mask of 2 x 2. */
static int64_t fixed(const unsigned char *given, const float *beam, double limit, double pbmask,
                     unsigned char m[4])
{
    struct pc_imhead psf = {.nx = 2, .ny = 2, .npol = 1, .stokes = {1}, .cell_rad = {-CELL, CELL}}, h = psf;
    struct pc_mask_inputs from = {0};
    struct pc_nextmask_in next_in = {.psf = &psf, .from = &from};
    struct pc_nextmask next = {0};
    struct pc_err err;
    int64_t n = -1;
    int bad = 0;
    if (beam) {
        bad = pc_record_set_double(&h.extra, "PBLIMIT", limit, &err);
        pc_mask_inputs_begin_pb(&from, &h, pbmask);
        bad = bad || pc_mask_inputs_add_pb(&from, 0, 0, 4, beam, &err);
    }
    if (bad || pc_nextmask_fixed(&next_in, given, &next, &n, &err))
        diag("%s", err.msg);
    else
        memset(m, 0, 4);
    pc_runs_paint(&next.mask[0], 2, 1, m);
    pc_nextmask_fini(&next);
    pc_mask_inputs_fini(&from);
    return n;
}

static void test_user(void)
{
    float beam[4] = {1, 1, 1, 0.25F};
    unsigned char m[4], given[4] = {1, 0, 0, 1};
    ok(fixed(given, NULL, 0.2, -1, m) == 2 && m[0] && m[3], "a user's mask");
    ok(fixed(given, beam, 0.2, 0.3, m) == 1 && m[0], "within pbmask");
    ok(fixed(NULL, beam, 0.3, -1, m) == 3 && !m[3], "no mask: all within pblimit");
    is_int(fixed(NULL, beam, -0.3, -1, m), 4, "a negative pblimit does not bound");
    beam[1] = 0;
    is_int(fixed(NULL, beam, -0.3, 0, m), 3, "a pbmask of 0 leaves out what the beam does not see");
}

static int64_t added(const struct pc_image *given, const struct pc_imhead *h, unsigned char *m,
                     struct pc_err *err)
{
    int64_t n = 0;
    memset(m, 0, 40);
    if (pc_usermask_add(given, "m.fits", h, 0, m, err))
        return -1;
    for (int i = 0; i < h->nx * h->ny; i++)
        n += m[i];
    return n;
}

static void test_user_image(void)
{
    float pix[20] = {[5] = 1, [6] = 0.5F, [7] = NAN, [19] = 2};
    struct pc_image g = {.pix = pix};
    struct pc_imhead h = {.nx = 4, .ny = 5, .npol = 1, .cell_rad = {-CELL, CELL}, .crpix = {3, 3}};
    struct pc_err err;
    unsigned char m[40];
    g.head = h;
    ok(added(&g, &h, m, &err) == 2 && m[5] && m[19], "a mask on the image's grid: above 0.5, NaN is not");
    h.crpix[0] = 4;
    ok(added(&g, &h, m, &err) == 1 && m[6], "a mask shifted by a pixel is shifted, and ends with its image");
    h.nx = 8;
    ok(added(&g, &h, m, &err) == 2 && m[10] && m[36], "another size is found by the sky");
    h.cell_rad[0] /= 2;
    h.crpix[0] = 5;
    ok(added(&g, &h, m, &err) == 4 && m[9] && m[10] && m[37] && m[38],
       "so is another cell: the nearest pixel");
    g.head.rotated = true;
    is_int(added(&g, &h, m, &err), -1, "turned axes are refused");
    has(err.msg, "m.fits: the mask's axes are turned", "by name");
    g.head.rotated = false;
    snprintf(g.head.ctype, sizeof g.head.ctype, "GLON-CAR");
    is_int(added(&g, &h, m, &err), -1, "another projection is refused");
    has(err.msg, "CTYPE1 of the mask is GLON-CAR", "by name");
    g.head.ctype[0] = '\0';
    g.head.cell_rad[0] = g.head.cell_rad[1] = 0;
    is_int(added(&g, &h, m, &err), -1, "another size without a WCS is refused");
    has(err.msg, "m.fits: the mask has 4 x 5 pixels, the image 8 x 5", "naming both");
    h.nx = 4;
    is_int(added(&g, &h, m, &err), 2, "a mask without a WCS is taken as it is");
    g.head.cell_rad[0] = g.head.cell_rad[1] = 3.14159265358979323846 / 180;
    is_int(added(&g, &h, m, &err), 2, "so is one without CDELT, whose pixels are 1 by default");
}

static void test_beam(void)
{
    const double arcsec = 3.14159265358979323846 / 180 / 3600;
    struct pc_beam b;
    struct pc_err err;
    ok(!pc_beam_parse("[0.24arcsec, 190mas, -11.5deg]", &b, &err), "a beam");
    is_near(b.maj_rad, 0.24 * arcsec, 1e-15, "major axis");
    is_near(b.min_rad, 0.19 * arcsec, 1e-15, "minor axis");
    is_near(b.pa_rad, -11.5 * 3600 * arcsec, 1e-12, "position angle");
    ok(!pc_beam_parse("0.24,0.19,-11.5", &b, &err), "bare numbers");
    is_near(b.pa_rad, -11.5 * 3600 * arcsec, 1e-12, "are arcseconds and degrees");
    ok(!pc_beam_parse("3arcsec", &b, &err) && b.min_rad == b.maj_rad, "one value is a round beam");
    ok(pc_beam_parse("1,2,0", &b, &err) == -1 && err.code == PC_EX_USAGE, "axes in the wrong order");
    ok(pc_beam_parse("1,2", &b, &err) == -1, "two values");
    ok(pc_beam_parse("1,0,0", &b, &err) == -1, "an axis of 0");
    ok(pc_beam_parse("1,1,0,5", &b, &err) == -1, "four values");
}

int main(void)
{
    test_thresholds();
    test_prune_and_smooth();
    test_bounds();
    test_grow();
    test_negative();
    test_done();
    test_fastnoise();
    test_user();
    test_user_image();
    test_beam();
    return tap_done();
}
