/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/middle.h"
#include "grid/predict.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>
#include <string.h>

/* Models that fill but a part of their image are predicted from its middle: against direct Fourier sums in
 * double precision. */

enum { NROW = 150 };
static struct pc_err err;
static uint64_t seed = 23;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static void test_find(void)
{
    static const struct {
        int nx, ny, x[2], y[2], mx, my; /* two pixels, and the middle that holds them */
    } row[] = {{20, 16, {10, 10}, {8, 8}, 1, 1},       {20, 16, {12, 9}, {8, 5}, 5, 7},
               {20, 16, {0, 10}, {8, 8}, 20, 1},       {20, 16, {19, 10}, {8, 15}, 19, 15},
               {21, 15, {20, 10}, {7, 0}, 21, 15},     {21, 15, {1, 10}, {7, 9}, 19, 5},
               {3000, 9, {1400, 1501}, {4, 4}, 201, 1}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int second = 0; second < 2; second++) {
            const struct pc_geom geom = {row[i].nx, row[i].ny, {-1e-6, 1e-6}};
            const int64_t npix = (int64_t)geom.nx * geom.ny;
            float *model = calloc(2 * (size_t)npix, sizeof *model);
            model[(int64_t)row[i].y[0] * geom.nx + row[i].x[0]] = -1;
            model[second * npix + (int64_t)row[i].y[1] * geom.nx + row[i].x[1]] = NAN;
            const struct pc_geom middle = pc_middle_find(&geom, 2, model);
            ok(middle.nx == row[i].mx && middle.ny == row[i].my, "%d x %d of %d x %d hold it", middle.nx,
               middle.ny, geom.nx, geom.ny);
            float *copy = pc_middle_copy(&geom, 2, model, &middle, &err);
            const int x = row[i].x[0] - geom.nx / 2 + middle.nx / 2,
                      y = row[i].y[0] - geom.ny / 2 + middle.ny / 2;
            ok(copy != NULL && (copy[y * middle.nx + x] == -1 || row[i].x[0] == row[i].x[1]),
               "at the same distance from its centre");
            pc_mem_free(copy);
            free(model);
        }
}

/* V of a sample at u, v, w. */
static void direct(const struct pc_geom *geom, const float *model, bool wterm, const double *uvw, double *re,
                   double *im)
{
    *re = *im = 0;
    for (int i = 0; i < geom->nx * geom->ny; i++) {
        if (model[i] == 0)
            continue;
        const double l = (i % geom->nx - geom->nx / 2) * geom->cell_rad[0],
                     m = (i / geom->nx - geom->ny / 2) * geom->cell_rad[1], r2 = l * l + m * m;
        const double n1 = wterm ? -r2 / (1 + sqrt(1 - r2)) : 0;
        const double phase = 2 * M_PI * (uvw[0] * l + uvw[1] * m + uvw[2] * n1);
        *re += (double)model[i] * cos(phase);
        *im += (double)model[i] * sin(phase);
    }
}

/* A block of flux in columns x[0] .. x[1] and rows y[0] .. y[1]. */
static void test_predict(int nx, int ny, const int x[2], const int y[2], bool wterm, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-1e-3, 1.2e-3}};
    struct pc_predict_conf conf = {
        .gridder = {.geom = geom, .accuracy = accuracy, .nsample = 1000000, .wterm = wterm}};
    struct pc_visblock b = vistest_block(NROW, 1, 2);
    float *model = calloc((size_t)(nx * ny), sizeof *model);
    struct pc_predictor *p = NULL;
    double uvw[NROW][3], diff = 0, norm = 0;
    for (int i = y[0]; i <= y[1]; i++)
        for (int k = x[0]; k <= x[1]; k++)
            model[i * nx + k] = (float)(uniform() + 0.3);
    memset(b.vis_jy, 0, NROW * 4 * sizeof *b.vis_jy);
    for (int r = 0; r < NROW; r++)
        for (int k = 0; k < 3; k++) {
            uvw[r][k] = (k == 0 ? 1000 : k == 1 ? 830 : 4000) * uniform();
            b.uvw_m[3 * r + k] = uvw[r][k] / pc_visblock_per_m(&b, r, 0);
            conf.gridder.max_w = k == 2 ? fmax(conf.gridder.max_w, fabs(uvw[r][k])) : conf.gridder.max_w;
        }
    conf.model = model;
    int bad = pc_stokes_planes("I", &conf.planes, &err) || pc_predictor_new(&p, &conf, &err);
    ok(!bad && (wterm || !pc_predictor_direct(p)), "not by a direct sum");
    const int npass = bad ? 0 : pc_predictor_npass(p);
    for (int pass = 0; !bad && pass < npass; pass++) {
        pc_predictor_begin(p, pass);
        bad = pc_predictor_add(p, &b, 1, b.vis_jy, &err);
    }
    for (int r = 0; r < NROW; r++) {
        double re, im;
        direct(&geom, model, wterm, uvw[r], &re, &im);
        diff += pow((double)b.vis_jy[4 * r] - re, 2) + pow((double)b.vis_jy[4 * r + 1] - im, 2);
        norm += re * re + im * im;
    }
    ok(!bad && sqrt(diff / norm) < accuracy,
       "%d x %d, [%d, %d] x [%d, %d]%s: relative L2 %.2g for %g, %d passes", nx, ny, x[0], x[1], y[0], y[1],
       wterm ? ", w-term" : "", sqrt(diff / norm), accuracy, npass);
    pc_predictor_free(p);
    free(model);
    pc_visblock_fini(&b);
}

int main(void)
{
    static const int size[][2] = {{300, 260}, {301, 261}}, block[][4] = {{120, 190, 100, 160},
                                                                         {150, 210, 135, 190},
                                                                         {0, 299, 120, 140},
                                                                         {140, 160, 0, 259},
                                                                         {0, 299, 0, 259}};
    test_find();
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (size_t k = 0; k < sizeof block / sizeof *block; k++)
            for (int wterm = 0; wterm < 2; wterm++)
                test_predict(size[i][0], size[i][1], block[k], block[k] + 2, wterm, k % 2 ? 1e-4 : 2e-6);
    return tap_done();
}
