/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/gridtest.h"

/* Gridding of several planes, by several threads, of more samples than are held at a time. */

/* Several planes together are what each is alone, and so it is with threads. */
static void test_planes(void)
{
    enum { N = 3000, NX = 90, NY = 75, NPIX = NX * NY };
    struct pc_geom geom = {NX, NY, {-1e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, N, 0.7), other = random_samples(&geom, N, 1), p = s;
    float *alone[2], *both[2], *model[2];
    double *re[2][2];
    for (int i = 0; i < 2; i++) {
        alone[i] = calloc(NPIX, sizeof **alone);
        both[i] = calloc(NPIX, sizeof **both);
        model[i] = random_model(NPIX);
        nthread = 1;
        struct pc_gridder *g = begin(&geom, 1e-4, 1);
        void *const at[1] = {alone[i]};
        const float *const models[1] = {model[i]};
        p.re[0] = i == 0 ? s.re[0] : other.re[0];
        p.im[0] = i == 0 ? s.im[0] : other.im[0];
        pc_gridder_begin(g, 0);
        pc_gridder_add(g, &p);
        pc_gridder_end(g, 1, at, NULL, NULL);
        pc_gridder_model(g, 0, models);
        p.re[0] = re[i][0] = column(N);
        p.im[0] = re[i][1] = column(N);
        pc_gridder_predict(g, &p);
        pc_gridder_free(g);
    }
    p.nplane = 2;
    for (nthread = 1; nthread <= 3; nthread++) {
        struct pc_gridder *g = begin(&geom, 1e-4, 2);
        void *const at[2] = {both[0], both[1]};
        const float *const models[2] = {model[0], model[1]};
        p.re[0] = s.re[0], p.im[0] = s.im[0], p.re[1] = other.re[0], p.im[1] = other.im[0];
        pc_gridder_begin(g, 0);
        pc_gridder_add(g, &p);
        pc_gridder_end(g, 1, at, NULL, NULL);
        ok(memcmp(alone[0], both[0], NPIX * sizeof **both) == 0 &&
               memcmp(alone[1], both[1], NPIX * sizeof **both) == 0,
           "two planes together, %d threads: the bytes of each alone", nthread);
        pc_gridder_model(g, 0, models);
        for (int k = 0; k < 2; k++) {
            p.re[k] = column(N);
            p.im[k] = column(N);
        }
        pc_gridder_predict(g, &p);
        int same = 1;
        for (int k = 0; k < 2; k++)
            same = same && memcmp(p.re[k], re[k][0], N * sizeof(double)) == 0 &&
                   memcmp(p.im[k], re[k][1], N * sizeof(double)) == 0;
        ok(same, "and predicted together");
        for (int k = 0; k < 2; k++)
            free(p.re[k]), free(p.im[k]);
        pc_gridder_free(g);
    }
    nthread = 1;
    for (int i = 0; i < 2; i++)
        free(alone[i]), free(both[i]), free(model[i]), free(re[i][0]), free(re[i][1]);
    samples_free(&s);
    samples_free(&other);
}

/* More samples than are held at a time, and a model of which only the columns in use are made. */
static void test_many(void)
{
    enum { N = 300000, NX = 64, NY = 48 };
    struct pc_geom geom = {NX, NY, {-1e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, N, 0.4);
    double *want = column(NX * NY), *got = column(NX * NY);
    struct pc_gridder_conf conf = {.geom = geom, .accuracy = 1e-5, .nsample = N, .max_u = 0.2 / 1e-6};
    struct pc_gridder *g = pc_gridder_new(&conf, &err);
    direct_image(&geom, &s, want);
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, &s);
    end(g, &geom, 1, got, NULL);
    compare(&geom, got, want, 1e-5, "300 000 samples");
    float *model = random_model(NX * NY);
    const float *const models[1] = {model};
    double *re = column(N), *im = column(N);
    memset(s.re[0], 0, N * sizeof(double));
    memset(s.im[0], 0, N * sizeof(double));
    pc_gridder_model(g, 0, models);
    pc_gridder_predict(g, &s);
    pc_gridder_free(g);
    conf.max_u = 0;
    g = pc_gridder_new(&conf, &err);
    struct pc_batch p = s;
    p.re[0] = re;
    p.im[0] = im;
    pc_gridder_model(g, 0, models);
    pc_gridder_predict(g, &p);
    ok(memcmp(re, s.re[0], N * sizeof *re) == 0 && memcmp(im, s.im[0], N * sizeof *im) == 0,
       "prediction up to the largest u: the same bytes as of the whole plane");
    pc_gridder_free(g);
    free(want), free(got), free(model), free(re), free(im);
    samples_free(&s);
}

int main(void)
{
    test_planes();
    test_many();
    return tap_done();
}
