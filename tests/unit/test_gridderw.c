/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/gridder.h"
#include "grid/wterm.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

/* The gridder with the w-term against direct Fourier sums with w in double precision, and its own adjoint; in
 * single and in double precision. */

enum { N = 500 };
static struct pc_err err;
static bool wide;
static uint64_t seed = 7;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static double u[N], v[N], w[N], re[N], im[N], weight[N];

static struct pc_batch random_samples(const struct pc_geom *geom, double max_w)
{
    for (int i = 0; i < N; i++) {
        u[i] = uniform() / fabs(geom->cell_rad[0]);
        v[i] = uniform() / geom->cell_rad[1];
        w[i] = i == 0 ? max_w : 2 * max_w * uniform();
        re[i] = uniform();
        im[i] = uniform();
        weight[i] = uniform() + 0.6;
    }
    return (struct pc_batch){
        .n = N, .nplane = 1, .u = u, .v = v, .w = w, .weight = weight, .re = {re}, .im = {im}};
}

/* l, m and n-1 of a pixel; 0 beyond the horizon. */
static int sky(const struct pc_geom *geom, int x, int y, double *l, double *m, double *n1)
{
    *l = (x - geom->nx / 2) * geom->cell_rad[0];
    *m = (y - geom->ny / 2) * geom->cell_rad[1];
    double r2 = *l * *l + *m * *m;
    *n1 = -r2 / (1 + sqrt(fmax(1 - r2, 0)));
    return r2 < 1;
}

static double direct_pixel(double l, double m, double n1)
{
    double sum = 0;
    for (int i = 0; i < N; i++) {
        double phase = -2 * M_PI * (u[i] * l + v[i] * m + w[i] * n1);
        sum += weight[i] * (re[i] * cos(phase) - im[i] * sin(phase));
    }
    return sum;
}

static void compare(const struct pc_geom *geom, const double *got, double limit, const char *what)
{
    double diff[2] = {0}, norm[2] = {0}, l, m, n1;
    int wrong = 0;
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double g = got[y * geom->nx + x];
            if (!sky(geom, x, y, &l, &m, &n1)) {
                wrong += !isnan(g);
                continue;
            }
            double want = direct_pixel(l, m, n1), d = g - want;
            int edge = abs(x - geom->nx / 2) > 0.475 * geom->nx || abs(y - geom->ny / 2) > 0.475 * geom->ny;
            for (int e = 0; e <= edge; e++) {
                diff[e] += d * d;
                norm[e] += want * want;
            }
        }
    double all = sqrt(diff[0] / norm[0]), edge = norm[1] > 0 ? sqrt(diff[1] / norm[1]) : 0;
    ok(all < limit && edge < limit && wrong == 0, "%s, %d x %d: relative L2 %.2g, outermost 5 %% %.2g", what,
       geom->nx, geom->ny, all, edge);
}

static struct pc_gridder *begin(const struct pc_geom *geom, double accuracy, double max_w)
{
    const struct pc_gridder_conf conf = {
        .geom = *geom, .accuracy = accuracy, .nsample = N, .wterm = true, .max_w = max_w, .wide = wide};
    return pc_gridder_new(&conf, &err);
}

/* The image of the samples, of all terms, as doubles. */
static double *image_of(struct pc_gridder *g, const struct pc_geom *geom, const struct pc_batch *s)
{
    const int npix = geom->nx * geom->ny;
    double *image = calloc((size_t)npix, sizeof *image);
    float *narrow = calloc((size_t)npix, sizeof *narrow);
    void *const at[1] = {wide ? (void *)image : (void *)narrow};
    int64_t outside = 0;
    for (int term = 0; term < pc_gridder_nterm(g); term++) {
        pc_gridder_begin(g, term);
        pc_gridder_add(g, s);
        outside += pc_gridder_noutside(g);
        pc_gridder_end(g, 1, at, NULL, NULL);
    }
    ok(outside == 0, "gridded, nothing outside");
    for (int i = 0; !wide && i < npix; i++)
        image[i] = (double)narrow[i];
    free(narrow);
    return image;
}

static void test_direct(int nx, int ny, double cell, double max_w, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-cell, 0.9 * cell}};
    struct pc_batch s = random_samples(&geom, max_w);
    struct pc_gridder *g = begin(&geom, accuracy, max_w);
    if (!ok(g != NULL, "begun"))
        return;
    char what[80];
    snprintf(what, sizeof what, "accuracy %g, phases to %.3g rad, %d terms", accuracy,
             pc_geom_wphase_rad(&geom, max_w), pc_gridder_nterm(g));
    for (int round = 0; round < 2; round++) { /* an image forgets what it was made of */
        double *image = image_of(g, &geom, &s);
        compare(&geom, image, accuracy, what);
        free(image);
    }
    pc_gridder_free(g);
}

/* Most samples have a small |w|: fewer terms keep the accuracy that all have together. */
static void test_spread(int nx, int ny, double cell, double max_w, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-cell, cell}};
    struct pc_batch s = random_samples(&geom, max_w);
    struct pc_wspread spread = {0};
    for (int i = 0; i < N; i++) {
        w[i] = max_w * pow(2 * fabs(uniform()), 24);
        pc_wspread_sample(&spread, i % 2 ? w[i] : -w[i], weight[i]);
    }
    const int most = pc_wterm_count(&geom, max_w, accuracy, NULL);
    const struct pc_gridder_conf conf = {.geom = geom,
                                         .accuracy = accuracy,
                                         .nsample = N,
                                         .wterm = true,
                                         .max_w = max_w,
                                         .wide = wide,
                                         .nterm = pc_wterm_count(&geom, max_w, accuracy, &spread)};
    struct pc_gridder *g = pc_gridder_new(&conf, &err);
    if (!ok(g != NULL && pc_gridder_nterm(g) < most, "%d terms instead of %d", conf.nterm, most))
        return;
    double *image = image_of(g, &geom, &s);
    compare(&geom, image, accuracy, "small |w| mostly");
    free(image);
    pc_gridder_free(g);
}

/* The model on all pixels of the sky. */
static void test_model(int nx, int ny, double cell, double max_w, double accuracy, double limit)
{
    const struct pc_geom geom = {nx, ny, {-cell, cell}};
    struct pc_batch s = random_samples(&geom, max_w), p = s;
    static double pre[N], pim[N];
    float *model = calloc((size_t)(nx * ny), sizeof *model);
    const float *const models[1] = {model};
    double left = 0, right = 0, diff = 0, norm = 0, size = 0, l, m, n1;
    for (int i = 0; i < nx * ny; i++)
        model[i] = sky(&geom, i % nx, i / nx, &l, &m, &n1) ? (float)uniform() : 0;
    struct pc_gridder *g = begin(&geom, accuracy, max_w);
    if (!ok(g != NULL, "begun"))
        return;
    memset(pre, 0, sizeof pre);
    memset(pim, 0, sizeof pim);
    p.re[0] = pre;
    p.im[0] = pim;
    for (int term = 0; term < pc_gridder_nterm(g); term++) {
        pc_gridder_model(g, term, models);
        pc_gridder_predict(g, &p);
    }
    double *image = image_of(g, &geom, &s);
    for (int i = 0; i < N; i++) {
        double want_re = 0, want_im = 0;
        for (int at = 0; at < nx * ny; at++)
            if (sky(&geom, at % nx, at / nx, &l, &m, &n1)) {
                double phase = 2 * M_PI * (u[i] * l + v[i] * m + w[i] * n1);
                want_re += (double)model[at] * cos(phase);
                want_im += (double)model[at] * sin(phase);
            }
        diff += pow(pre[i] - want_re, 2) + pow(pim[i] - want_im, 2);
        norm += want_re * want_re + want_im * want_im;
        right += weight[i] * (re[i] * pre[i] + im[i] * pim[i]);
        size += weight[i] * weight[i] * (re[i] * re[i] + im[i] * im[i]);
    }
    ok(sqrt(diff / norm) < accuracy, "%d x %d, phases to %.3g rad: prediction against direct sums: %.2g", nx,
       ny, pc_geom_wphase_rad(&geom, max_w), sqrt(diff / norm));
    for (int i = 0; i < nx * ny; i++)
        left += model[i] != 0 ? image[i] * (double)model[i] : 0;
    ok(fabs(left - right) / sqrt(size * norm) < limit, "adjoint within %.2g",
       fabs(left - right) / sqrt(size * norm));
    pc_gridder_free(g);
    free(model);
    free(image);
}

static void test_limits(void)
{
    const struct pc_geom geom = {64, 64, {-1e-3, 1e-3}};
    struct pc_batch s = random_samples(&geom, 100);
    struct pc_gridder *g = begin(&geom, 1e-5, 100);
    w[1] = 101;
    w[2] = NAN;
    u[3] = 501;
    weight[4] = 0;
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, &s);
    is_int(pc_gridder_noutside(g), 3, "w above the largest, NaN, and u beyond the grid are outside");
    pc_gridder_free(g);
    ok(begin(&geom, 1e-5, 1e9) == NULL && err.code == PC_EX_DATA, "too many turns: %s", err.msg);
    ok(pc_wterm_needed(&geom, 100, 1e-5) && !pc_wterm_needed(&geom, 1e-4, 1e-5) &&
           !pc_wterm_needed(&geom, 0, 1e-5),
       "needed when the phase is above the accuracy");
}

static void test_all(double accuracy)
{
    test_direct(64, 64, 1e-3, 0, accuracy);
    test_direct(63, 50, 1e-3, 1, accuracy);
    test_direct(64, 50, 1e-4, 300, accuracy); /* a narrow field */
    test_direct(64, 75, 5e-3, 10, accuracy);
    test_direct(75, 64, 8e-3, 100, accuracy);
    test_direct(50, 64, 4e-2, 20, accuracy); /* the corners are beyond the horizon */
}

int main(void)
{
    test_all(1e-3);
    test_all(1e-5);
    test_all(1e-6);
    test_spread(64, 64, 1e-3, 20, 1e-4);
    test_spread(64, 50, 1e-3, 200, 1e-4);
    test_spread(50, 64, 5e-3, 100, 1e-6);
    test_spread(50, 64, 3e-2, 30, 1e-3);
    test_model(40, 36, 1e-3, 20, 1e-5, 1e-6);
    test_model(33, 40, 1e-2, 50, 1e-5, 1e-6);
    test_model(40, 40, 4e-2, 20, 1e-5, 1e-6);
    wide = true;
    test_all(1e-9);
    test_all(1e-12);
    test_model(33, 40, 1e-2, 50, 1e-12, 1e-13);
    test_model(40, 40, 4e-2, 20, 1e-12, 1e-13);
    wide = false;
    test_limits();
    return tap_done();
}
