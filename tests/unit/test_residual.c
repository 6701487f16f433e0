/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/residual.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>

/* Residuals of blocks: a perfect model leaves nothing, half of it leaves half, and blocks add up. */

enum { NX = 40, NY = 36, NROW = 200 };
static const struct pc_geom geom = {NX, NY, {-1e-3, 1e-3}};
static struct pc_err err;
static uint64_t seed = 11;

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

static float *residual(struct pc_visblock *b, int n, double sumwt, const float *model,
                       struct pc_residual_count *count)
{
    struct pc_residual_conf conf = {{.geom = geom, .accuracy = 1e-4}, pc_gridder_find("2d"), 1, model};
    struct pc_residual *r;
    float *image = calloc(NX * NY, sizeof *image);
    int bad = pc_residual_new(&r, &conf, &err);
    for (int i = 0; !bad && i < n; i++)
        bad = pc_residual_add(r, &b[i], &err);
    bad = bad || pc_residual_image(r, sumwt, image, count, &err);
    ok(!bad, "a residual of %d blocks%s", n, model ? " with a model" : "");
    pc_residual_free(r);
    return image;
}

static double largest(const float *image)
{
    double m = 0;
    for (int i = 0; i < NX * NY; i++)
        m = fmax(m, fabs((double)image[i]));
    return m;
}

int main(void)
{
    struct pc_residual_count count;
    struct pc_visblock b[2] = {source_block(11, 20), source_block(11, 20)};
    float *model = calloc(NX * NY, sizeof *model);
    b[1].weight[9] = 0;
    const double sumwt = 2 * (2 * NROW - 1);

    float *dirty = residual(b, 2, sumwt, NULL, &count);
    is_near((double)dirty[20 * NX + 11], 2, 1e-4, "the mean of the hands, in Jy/beam, at its pixel");
    is_near(largest(dirty), 2, 1e-4, "which is the peak");
    ok(count.nused == 2 * NROW - 1 && count.npassed == 1 && count.noutside == 0, "samples are counted");

    model[20 * NX + 11] = 2;
    float *none = residual(b, 2, sumwt, model, &count);
    ok(largest(none) < 5e-5, "a perfect model leaves %.2g Jy", largest(none));
    model[20 * NX + 11] = 1;
    float *half = residual(b, 2, sumwt, model, &count);
    double worst = 0;
    for (int i = 0; i < NX * NY; i++)
        worst = fmax(worst, fabs((double)half[i] - 0.5 * (double)dirty[i]));
    ok(worst < 5e-5, "half of it leaves half: within %.2g Jy", worst);

    b[0].uvw_m[0] = 1e4; /* beyond the plane */
    free(half);
    half = residual(b, 1, 2 * NROW, NULL, &count);
    ok(count.noutside == 1 && count.nused == NROW - 1, "samples outside are counted apart");

    pc_mem_free(b[0].vis_jy);
    b[0].vis_jy = NULL;
    struct pc_residual_conf conf = {{.geom = geom, .accuracy = 1e-4}, pc_gridder_find("2d"), 1, NULL};
    struct pc_residual *r;
    ok(pc_residual_new(&r, &conf, &err) == 0 && pc_residual_add(r, &b[0], &err) != 0 &&
           err.code == PC_EX_DATA,
       "a block without visibilities is an error: %s", err.msg);
    pc_residual_free(r);
    conf.stokes = -1;
    ok(pc_residual_new(&r, &conf, &err) == 0 && pc_residual_add(r, &b[1], &err) != 0 &&
           err.code == PC_EX_DATA,
       "so is one without the hand: %s", err.msg);
    pc_residual_free(r);
    free(dirty), free(none), free(half), free(model);
    pc_visblock_fini(&b[0]);
    pc_visblock_fini(&b[1]);
    return tap_done();
}
