/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/imager.h"
#include "grid/predict.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>

/* Images of blocks, and what models of them predict: a perfect model leaves nothing, half of it leaves half,
 * and blocks add up. */

enum { NX = 40, NY = 36, NROW = 200 };
static const struct pc_geom geom = {NX, NY, {-1e-3, 1e-3}};
static struct pc_err err;
static uint64_t seed = 11;
static bool imaged; /* what is predicted */

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

/* A source of 2 Jy (X: 1, Y: 3) at pixel (x, y). */
static struct pc_visblock source_block(int x, int y)
{
    struct pc_visblock b = vistest_block(NROW, 1, 2);
    for (int r = 0; r < NROW; r++) {
        double u = b.uvw_m[3 * r] = 800 * uniform(), v = b.uvw_m[3 * r + 1] = 800 * uniform();
        double turn = 2 * M_PI * (u * (x - NX / 2) * geom.cell_rad[0] + v * (y - NY / 2) * geom.cell_rad[1]);
        for (int c = 0; c < 2; c++) {
            b.vis_jy[4 * r + 2 * c] = (float)((1 + 2 * c) * cos(turn));
            b.vis_jy[4 * r + 2 * c + 1] = (float)((1 + 2 * c) * sin(turn));
        }
    }
    return b;
}

static float *image_of(struct pc_visblock *b, int n, struct pc_imager_count *count)
{
    struct pc_imager_conf conf = {.gridder = {.geom = geom, .accuracy = 1e-4}};
    struct pc_imager *im;
    float *image = calloc(NX * NY, sizeof *image);
    void *const at[1] = {image};
    int bad = pc_stokes_planes("I", &conf.planes, &err) || pc_imager_new(&im, &conf, &err);
    for (int pass = 0; !bad && pass < pc_imager_npass(im); pass++) {
        pc_imager_begin(im, pass);
        for (int i = 0; !bad && i < n; i++)
            bad = pc_imager_add(im, &b[i], &err);
        pc_imager_end(im, at, NULL, NULL);
    }
    ok(!bad, "an image of %d blocks", n);
    *count = pc_imager_count(im);
    pc_imager_free(im);
    return image;
}

/* Adds factor times what the model predicts; as a direct sum, or by the gridder when `dense`. */
static void add_model(struct pc_visblock *b, int n, const float *model, double factor, bool dense)
{
    struct pc_predict_conf conf = {
        .gridder = {.geom = geom, .accuracy = 1e-4, .nsample = n * NROW}, .imaged = imaged, .model = model};
    struct pc_predictor *p;
    int bad = pc_stokes_planes("I", &conf.planes, &err) || pc_predictor_new(&p, &conf, &err);
    ok(!bad && pc_predictor_direct(p) != dense, "predicted %s", dense ? "by the gridder" : "by a direct sum");
    for (int pass = 0; !bad && pass < pc_predictor_npass(p); pass++) {
        pc_predictor_begin(p, pass);
        for (int i = 0; !bad && i < n; i++)
            bad = pc_predictor_add(p, &b[i], factor, b[i].vis_jy, &err);
    }
    ok(!bad, "added");
    pc_predictor_free(p);
}

static double largest(const float *image)
{
    double m = 0;
    for (int i = 0; i < NX * NY; i++)
        m = fmax(m, fabs((double)image[i]));
    return m;
}

static void test_source(void)
{
    struct pc_imager_count count;
    struct pc_visblock b[2] = {source_block(11, 20), source_block(11, 20)};
    float *model = calloc(NX * NY, sizeof *model);
    b[1].weight[9] = 0;

    float *dirty = image_of(b, 2, &count);
    is_near((double)dirty[20 * NX + 11], 2, 1e-4, "the mean of the hands, in Jy/beam, at its pixel");
    is_near(largest(dirty), 2, 1e-4, "which is the peak");
    ok(count.nused == 2 * NROW - 1 && count.npassed == 1 && count.noutside == 0, "samples are counted");

    model[20 * NX + 11] = 1;
    add_model(b, 2, model, -1, false);
    float *half = image_of(b, 2, &count);
    double worst = 0;
    for (int i = 0; i < NX * NY; i++)
        worst = fmax(worst, fabs((double)half[i] - 0.5 * (double)dirty[i]));
    ok(worst < 5e-5, "half of it leaves half: within %.2g Jy", worst);
    add_model(b, 2, model, -1, false);
    float *none = image_of(b, 2, &count);
    ok(largest(none) < 5e-5, "a perfect model leaves %.2g Jy", largest(none));

    b[0].uvw_m[0] = 1e4; /* beyond the plane */
    b[0].vis_jy[0] = 77;
    free(half);
    half = image_of(b, 1, &count);
    ok(count.noutside == 1 && count.nused == NROW - 1, "samples outside are counted apart");
    add_model(b, 1, model, -1, false);
    ok(b[0].vis_jy[0] == 77, "and nothing is predicted for them");
    free(dirty), free(none), free(half), free(model);
    pc_visblock_fini(&b[0]);
    pc_visblock_fini(&b[1]);
}

/* The two ways of prediction agree; a dense model goes to the gridder. */
static void test_dense(void)
{
    struct pc_visblock b = source_block(3, 30), c = source_block(3, 30);
    float *model = calloc(NX * NY, sizeof *model), *part = calloc(NX * NY, sizeof *part);
    memcpy(c.uvw_m, b.uvw_m, NROW * 3 * sizeof(double));
    memset(b.vis_jy, 0, NROW * 4 * sizeof(float));
    memset(c.vis_jy, 0, NROW * 4 * sizeof(float));
    for (int i = 0; i < NX * NY; i++)
        model[i] = (float)uniform();
    add_model(&b, 1, model, 1, true);
    for (int i = 0; i < NX * NY; i++) {
        part[i] = model[i];
        if (i % NX == NX - 1) {
            add_model(&c, 1, part, 1, false);
            memset(part, 0, NX * NY * sizeof *part);
        }
    }
    double diff = 0, norm = 0;
    for (int i = 0; i < 4 * NROW; i++) {
        diff += pow((double)(b.vis_jy[i] - c.vis_jy[i]), 2);
        norm += pow((double)c.vis_jy[i], 2);
    }
    ok(sqrt(diff / norm) < 1e-4, "the gridder and direct sums of its parts agree within %.2g",
       sqrt(diff / norm));
    free(model);
    free(part);
    pc_visblock_fini(&b);
    pc_visblock_fini(&c);
}

/* How far samples reach; of a residual only those that are imaged are predicted. */
static void test_imaged(void)
{
    struct pc_visblock b = source_block(11, 20);
    float *model = calloc(NX * NY, sizeof *model);
    struct pc_reach all = {0}, some = {.w = 3};
    b.uvw_m[3 * 7] = -5000, b.uvw_m[3 * 7 + 1] = 6000, b.uvw_m[3 * 7 + 2] = -7000;
    b.weight[2 * 7] = b.weight[2 * 7 + 1] = 0;
    pc_vis_reach(&b, true, &all);
    pc_vis_reach(&b, false, &some);
    const double per_m = pc_visblock_freq_hz(&b, 7, 0) / 299792458.0;
    is_near(all.u, 5000 * per_m, 1e-9, "the largest |u|");
    is_near(all.v, 6000 * per_m, 1e-9, "and |v|");
    is_near(all.w, 7000 * per_m, 1e-9, "and |w|");
    ok(some.u <= 400 * per_m && some.v <= 400 * per_m && some.w == 3, "without the flagged: %g %g %g", some.u,
       some.v, some.w);
    b.weight[2 * 7 + 1] = 1;
    pc_vis_reach(&b, false, &some);
    ok(some.u == all.u, "one hand of a sample is enough");
    b.weight[2 * 7 + 1] = 0;
    b.uvw_m[3 * 7] = 0;
    b.uvw_m[3 * 7 + 1] = 0;
    model[20 * NX + 11] = 1;
    const float before = b.vis_jy[4 * 7], other = b.vis_jy[4 * 8];
    imaged = true;
    add_model(&b, 1, model, -1, false);
    imaged = false;
    ok(b.vis_jy[4 * 7] == before && b.vis_jy[4 * 8] != other, "nothing is predicted for a flagged sample");
    add_model(&b, 1, model, -1, false);
    is_near((double)b.vis_jy[4 * 7], (double)before - 1, 1e-5, "if it is not wanted");
    free(model);
    pc_visblock_fini(&b);
}

static void test_refusals(void)
{
    struct pc_visblock b = source_block(11, 20);
    struct pc_imager_conf conf = {.gridder = {.geom = geom, .accuracy = 1e-4}};
    struct pc_imager *im;
    ok(pc_stokes_planes("RR", &conf.planes, &err) == 0 && pc_imager_new(&im, &conf, &err) == 0 &&
           pc_imager_add(im, &b, &err) != 0 && err.code == PC_EX_DATA,
       "a block without the hand is an error: %s", err.msg);
    pc_imager_free(im);
    pc_mem_free(b.vis_jy);
    b.vis_jy = NULL;
    ok(pc_stokes_planes("I", &conf.planes, &err) == 0 && pc_imager_new(&im, &conf, &err) == 0 &&
           pc_imager_add(im, &b, &err) != 0 && err.code == PC_EX_DATA,
       "so is one without visibilities: %s", err.msg);
    pc_imager_free(im);
    pc_visblock_fini(&b);
}

int main(void)
{
    test_source();
    test_dense();
    test_imaged();
    test_refusals();
    return tap_done();
}
