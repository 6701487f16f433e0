/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/gridder.h"
#include "grid/wterm.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* The "w" gridder against direct Fourier sums with w in double precision, and its own adjoint. */

enum { N = 500 };
static const struct pc_gridder_ops *ops;
static struct pc_err err;
static uint64_t seed = 7;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static double u[N], v[N], w[N];
static float re[N], im[N], weight[N];

static struct pc_samples random_samples(const struct pc_geom *geom, double max_w)
{
    for (int i = 0; i < N; i++) {
        u[i] = uniform() / fabs(geom->cell_rad[0]);
        v[i] = uniform() / geom->cell_rad[1];
        w[i] = i == 0 ? max_w : 2 * max_w * uniform();
        re[i] = (float)uniform();
        im[i] = (float)uniform();
        weight[i] = (float)(uniform() + 0.6);
    }
    return (struct pc_samples){N, u, v, w, re, im, weight};
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
        sum += (double)weight[i] * ((double)re[i] * cos(phase) - (double)im[i] * sin(phase));
    }
    return sum;
}

static void compare(const struct pc_geom *geom, const float *got, double limit, const char *what)
{
    double diff[2] = {0}, norm[2] = {0}, l, m, n1;
    int wrong = 0;
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double g = (double)got[y * geom->nx + x];
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
    const struct pc_gridder_conf conf = {*geom, accuracy, N, max_w};
    /* cppcheck-suppress returnDanglingLifetime ; an engine keeps a copy */
    return ops->new (&conf, &err);
}

static void test_direct(int nx, int ny, double cell, double max_w, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-cell, 0.9 * cell}};
    struct pc_samples s = random_samples(&geom, max_w);
    float *image = calloc((size_t)(nx * ny), sizeof *image);
    struct pc_wterm t;
    int64_t outside = 0;
    char what[80];
    int bad = pc_wterm_init(&t, &geom, max_w, accuracy, &err);
    snprintf(what, sizeof what, "accuracy %g, phases to %.3g rad, %d terms", accuracy, 2 * t.turn_rad,
             t.nterm);
    struct pc_gridder *g = begin(&geom, accuracy, max_w);
    for (int round = 0; round < 2 && !bad; round++) /* an image forgets what it was made of */
        bad = ops->add(g, &s, &outside, &err) || ops->image(g, 1, image, &err);
    ok(!bad && outside == 0, "gridded: %s", bad ? err.msg : "");
    compare(&geom, image, accuracy, what);
    ops->free(g);
    pc_wterm_fini(&t);
    free(image);
}

/* The model on all pixels of the sky, through predict() and through subtract(). */
static void test_model(int nx, int ny, double cell, double max_w, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-cell, cell}};
    struct pc_samples s = random_samples(&geom, max_w);
    static float pre[N], pim[N];
    struct pc_samples p = {N, u, v, w, pre, pim, NULL};
    float *model = calloc((size_t)(nx * ny), sizeof *model),
          *image = calloc((size_t)(nx * ny), sizeof *image);
    double left = 0, right = 0, diff = 0, norm = 0, size = 0, l, m, n1;
    int64_t outside = 0;
    for (int i = 0; i < nx * ny; i++)
        model[i] = sky(&geom, i % nx, i / nx, &l, &m, &n1) ? (float)uniform() : 0;
    struct pc_gridder *g = begin(&geom, accuracy, max_w);
    ok(ops->model(g, model, &err) == 0 && ops->predict(g, &p, &err) == 0 &&
           ops->add(g, &s, &outside, &err) == 0 && ops->image(g, 1, image, &err) == 0,
       "predicted and gridded");
    for (int i = 0; i < N; i++) {
        double want_re = 0, want_im = 0, wt = (double)weight[i];
        for (int at = 0; at < nx * ny; at++)
            if (sky(&geom, at % nx, at / nx, &l, &m, &n1)) {
                double phase = 2 * M_PI * (u[i] * l + v[i] * m + w[i] * n1);
                want_re += (double)model[at] * cos(phase);
                want_im += (double)model[at] * sin(phase);
            }
        diff += pow((double)pre[i] - want_re, 2) + pow((double)pim[i] - want_im, 2);
        norm += want_re * want_re + want_im * want_im;
        right += wt * ((double)re[i] * (double)pre[i] + (double)im[i] * (double)pim[i]);
        size += wt * wt * ((double)re[i] * (double)re[i] + (double)im[i] * (double)im[i]);
    }
    ok(sqrt(diff / norm) < accuracy, "%d x %d, phases to %.3g rad: prediction against direct sums: %.2g", nx,
       ny, pc_geom_wphase_rad(&geom, max_w), sqrt(diff / norm));
    for (int i = 0; i < nx * ny; i++)
        left += model[i] != 0 ? (double)image[i] * (double)model[i] : 0;
    ok(fabs(left - right) / sqrt(size * norm) < 1e-6, "adjoint within %.2g",
       fabs(left - right) / sqrt(size * norm));
    p.weight = weight;
    ok(ops->add(g, &p, &outside, &err) == 0 && ops->subtract(g, &err) == 0 &&
           ops->image(g, 1, image, &err) == 0,
       "subtracted");
    double rest = 0;
    for (int i = 0; i < nx * ny; i++)
        rest = isnan(image[i]) ? rest : fmax(rest, fabs((double)image[i]));
    ok(rest < 1e-5 * sqrt(norm), "the model's own visibilities leave %.2g of their length",
       rest / sqrt(norm));
    ops->free(g);
    free(model);
    free(image);
}

static void test_limits(void)
{
    const struct pc_geom geom = {64, 64, {-1e-3, 1e-3}};
    struct pc_samples s = random_samples(&geom, 100);
    int64_t outside = 0;
    struct pc_gridder *g = begin(&geom, 1e-5, 100);
    w[1] = 101;
    w[2] = NAN;
    u[3] = 501;
    weight[4] = 0;
    ok(ops->add(g, &s, &outside, &err) == 0, "added");
    is_int(outside, 3, "w above the largest, NaN, and u beyond the grid are outside");
    ops->free(g);
    ok(begin(&geom, 1e-5, 1e9) == NULL && err.code == PC_EX_DATA, "too many turns: %s", err.msg);
    ok(pc_wterm_needed(&geom, 100, 1e-5) && !pc_wterm_needed(&geom, 1e-4, 1e-5) &&
           !pc_wterm_needed(&geom, 0, 1e-5),
       "needed when the phase is above the accuracy");
}

int main(void)
{
    ops = pc_gridder_find("w");
    if (!ok(ops != NULL, "there is a w gridder"))
        return tap_done();
    static const double accuracy[] = {1e-3, 1e-5, 1e-6};
    for (int i = 0; i < 3; i++) {
        test_direct(64, 64, 1e-3, 0, accuracy[i]);
        test_direct(63, 50, 1e-3, 1, accuracy[i]);
        test_direct(64, 75, 5e-3, 10, accuracy[i]);
        test_direct(75, 64, 8e-3, 100, accuracy[i]);
        test_direct(50, 64, 4e-2, 20, accuracy[i]); /* the corners are beyond the horizon */
    }
    test_model(40, 36, 1e-3, 20, 1e-5);
    test_model(33, 40, 1e-2, 50, 1e-5);
    test_model(40, 40, 4e-2, 20, 1e-5);
    test_limits();
    return tap_done();
}
