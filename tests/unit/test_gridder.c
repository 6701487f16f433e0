/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/gridder.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* The "2d" gridder against direct Fourier sums in double precision. */

static const struct pc_gridder_ops *ops;
static struct pc_err err;
static int64_t nsample; /* how many the engine is told of: 0 chooses the small grid */

static uint64_t seed = 42;
static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static struct pc_samples samples_new(int64_t n)
{
    struct pc_samples s = {.n = n};
    s.u = calloc((size_t)n, sizeof *s.u);
    s.v = calloc((size_t)n, sizeof *s.v);
    s.w = calloc((size_t)n, sizeof *s.w);
    s.re = calloc((size_t)n, sizeof *s.re);
    s.im = calloc((size_t)n, sizeof *s.im);
    s.weight = calloc((size_t)n, sizeof *s.weight);
    return s;
}

static void samples_free(struct pc_samples *s)
{
    free(s->u), free(s->v), free(s->w), free(s->re), free(s->im), free(s->weight);
}

/* Random samples that fill `fill` of the uv plane of the cell (1: out to where a pixel is half a turn). */
static struct pc_samples random_samples(const struct pc_geom *geom, int64_t n, double fill)
{
    struct pc_samples s = samples_new(n);
    for (int64_t i = 0; i < n; i++) {
        s.u[i] = fill * uniform() / fabs(geom->cell_rad[0]);
        s.v[i] = fill * uniform() / fabs(geom->cell_rad[1]);
        s.re[i] = (float)uniform();
        s.im[i] = (float)uniform();
        s.weight[i] = (float)(uniform() + 0.6);
    }
    return s;
}

static void direct_image(const struct pc_geom *geom, const struct pc_samples *s, double *image)
{
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double l = (x - geom->nx / 2) * geom->cell_rad[0], m = (y - geom->ny / 2) * geom->cell_rad[1];
            double sum = 0;
            for (int64_t i = 0; i < s->n; i++) {
                double phase = -2 * M_PI * (s->u[i] * l + s->v[i] * m);
                sum += (double)s->weight[i] * ((double)s->re[i] * cos(phase) - (double)s->im[i] * sin(phase));
            }
            image[(int64_t)y * geom->nx + x] = sum;
        }
}

static struct pc_gridder *begin(const struct pc_geom *geom, double accuracy)
{
    const struct pc_gridder_conf conf = {.geom = *geom, .accuracy = accuracy, .nsample = nsample};
    /* cppcheck-suppress returnDanglingLifetime ; an engine keeps a copy */
    return ops->new (&conf, &err);
}

static float *grid_image(const struct pc_geom *geom, double accuracy, const struct pc_samples *s,
                         int64_t *outside)
{
    float *image = calloc((size_t)geom->nx * (size_t)geom->ny, sizeof *image);
    struct pc_gridder *g = begin(geom, accuracy);
    if (g == NULL || ops->add(g, s, outside, &err) != 0 || ops->image(g, 1, image, &err) != 0)
        ok(0, "gridding: %s", err.msg);
    ops->free(g);
    return image;
}

/* Whether a pixel is of the outermost 5 % of the image. */
static int is_edge(const struct pc_geom *geom, int x, int y)
{
    double fx = abs(x - geom->nx / 2) / (0.5 * geom->nx), fy = abs(y - geom->ny / 2) / (0.5 * geom->ny);
    return fx > 0.95 || fy > 0.95;
}

static void compare(const struct pc_geom *geom, const float *got, const double *want, double limit,
                    const char *what)
{
    double diff = 0, norm = 0, edge_diff = 0, edge_norm = 0;
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double w = want[(int64_t)y * geom->nx + x], d = (double)got[(int64_t)y * geom->nx + x] - w;
            diff += d * d;
            norm += w * w;
            if (is_edge(geom, x, y)) {
                edge_diff += d * d;
                edge_norm += w * w;
            }
        }
    double all = sqrt(diff / norm), edge = edge_norm > 0 ? sqrt(edge_diff / edge_norm) : 0;
    ok(all < limit && edge < limit, "%s, %d x %d: relative L2 %.2g, outermost 5 %% %.2g", what, geom->nx,
       geom->ny, all, edge);
}

static void test_direct(int nx, int ny, double cell_x, double cell_y, double fill, double accuracy,
                        double limit)
{
    struct pc_geom geom = {nx, ny, {-cell_x, cell_y}};
    struct pc_samples s = random_samples(&geom, 600, fill);
    double *want = calloc((size_t)nx * (size_t)ny, sizeof *want);
    int64_t outside = 0;
    direct_image(&geom, &s, want);
    float *got = grid_image(&geom, accuracy, &s, &outside);
    char what[80];
    snprintf(what, sizeof what, "accuracy %g, uv filled to %g of the grid", accuracy, fill);
    compare(&geom, got, want, limit, what);
    is_int(outside, 0, "no sample is outside");
    free(got);
    free(want);
    samples_free(&s);
}

static void test_adjoint(int nx, int ny, double accuracy)
{
    struct pc_geom geom = {nx, ny, {-2e-6, 1e-6}};
    struct pc_samples s = random_samples(&geom, 1000, 1), p = samples_new(1000);
    float *model = calloc((size_t)nx * (size_t)ny, sizeof *model);
    for (int i = 0; i < nx * ny; i++)
        model[i] = (float)uniform();
    int64_t outside = 0;
    float *image = grid_image(&geom, accuracy, &s, &outside);
    struct pc_gridder *g = begin(&geom, accuracy);
    for (int i = 0; i < 1000; i++) {
        p.u[i] = s.u[i];
        p.v[i] = s.v[i];
    }
    ok(ops->model(g, model, &err) == 0 && ops->predict(g, &p, &err) == 0, "predicted");
    double left = 0, right = 0, size = 0;
    for (int i = 0; i < nx * ny; i++)
        left += (double)image[i] * (double)model[i];
    for (int i = 0; i < 1000; i++) {
        double w = (double)s.weight[i];
        right += w * ((double)s.re[i] * (double)p.re[i] + (double)s.im[i] * (double)p.im[i]);
        size += pow(w * (double)s.re[i], 2) + pow(w * (double)s.im[i], 2);
    }
    double norm = 0;
    for (int i = 0; i < 1000; i++)
        norm += pow((double)p.re[i], 2) + pow((double)p.im[i], 2);
    double rel = fabs(left - right) / sqrt(size * norm);
    ok(rel < 1e-6, "%d x %d: <grid V, model> = <V, predict model> within %.2g of their lengths", nx, ny, rel);
    ops->free(g);
    free(image);
    free(model);
    samples_free(&s);
    samples_free(&p);
}

static void test_predict_direct(int nx, int ny)
{
    struct pc_geom geom = {nx, ny, {-1e-6, 1e-6}};
    struct pc_samples s = random_samples(&geom, 300, 1);
    float *model = calloc((size_t)nx * (size_t)ny, sizeof *model);
    for (int i = 0; i < nx * ny; i++)
        model[i] = (float)uniform();
    struct pc_gridder *g = begin(&geom, 1e-4);
    ok(ops->model(g, model, &err) == 0 && ops->predict(g, &s, &err) == 0, "predicted");
    double diff = 0, norm = 0;
    for (int64_t i = 0; i < s.n; i++) {
        double re = 0, im = 0;
        for (int y = 0; y < ny; y++)
            for (int x = 0; x < nx; x++) {
                double phase =
                    2 * M_PI *
                    (s.u[i] * (x - nx / 2) * geom.cell_rad[0] + s.v[i] * (y - ny / 2) * geom.cell_rad[1]);
                re += (double)model[y * nx + x] * cos(phase);
                im += (double)model[y * nx + x] * sin(phase);
            }
        diff += pow((double)s.re[i] - re, 2) + pow((double)s.im[i] - im, 2);
        norm += re * re + im * im;
    }
    ok(sqrt(diff / norm) < 2e-5, "%d x %d: prediction against the direct sum: relative L2 %.2g", nx, ny,
       sqrt(diff / norm));
    ops->free(g);
    free(model);
    samples_free(&s);
}

static void test_impulse(void)
{
    /* one sample of weight 2 and value 3 at the uv origin: 6 everywhere */
    struct pc_geom geom = {50, 40, {-1e-6, 1e-6}};
    struct pc_samples s = samples_new(1);
    s.weight[0] = 2;
    s.re[0] = 3;
    int64_t outside = 0;
    float *image = grid_image(&geom, 1e-4, &s, &outside);
    double worst = 0;
    for (int i = 0; i < 2000; i++)
        worst = fmax(worst, fabs((double)image[i] - 6));
    ok(worst < 6 * 2e-5, "a sample at the origin is flat: 6 within %.2g", worst);
    free(image);
    samples_free(&s);
}

static void test_orientation(void)
{
    /* a point 5 pixels east and 3 north: pixel (nx/2 - 5, ny/2 + 3) */
    struct pc_geom geom = {64, 64, {-1e-6, 1e-6}};
    struct pc_samples s = random_samples(&geom, 2000, 0.9);
    double l = 5e-6, m = 3e-6;
    for (int64_t i = 0; i < s.n; i++) {
        s.re[i] = (float)cos(2 * M_PI * (s.u[i] * l + s.v[i] * m));
        s.im[i] = (float)sin(2 * M_PI * (s.u[i] * l + s.v[i] * m));
    }
    int64_t outside = 0;
    float *image = grid_image(&geom, 1e-4, &s, &outside);
    int at = 0;
    for (int i = 0; i < 64 * 64; i++)
        if (image[i] > image[at])
            at = i;
    ok(at % 64 == 32 - 5 && at / 64 == 32 + 3, "east is left and north is up: peak at (%d, %d)", at % 64,
       at / 64);
    free(image);
    samples_free(&s);
}

static void test_linear(void)
{
    struct pc_geom geom = {48, 48, {-1e-6, 1e-6}};
    struct pc_samples s = random_samples(&geom, 400, 1);
    float *both = calloc(48 * 48, sizeof *both), *one = calloc(48 * 48, sizeof *one);
    struct pc_samples a = s, b = s;
    a.n = 150;
    b.n = 250;
    b.u += 150, b.v += 150, b.w += 150, b.re += 150, b.im += 150, b.weight += 150;
    struct pc_gridder *g = begin(&geom, 1e-4);
    int64_t outside = 0;
    int bad = ops->add(g, &s, &outside, &err) || ops->image(g, 1, one, &err);
    bad = bad || ops->add(g, &a, &outside, &err) || ops->add(g, &b, &outside, &err) ||
          ops->image(g, 1, both, &err);
    ok(!bad && memcmp(one, both, 48 * 48 * sizeof *one) == 0,
       "two batches give the same bytes as one; the plane is empty after an image");
    bad = ops->add(g, &s, &outside, &err) || ops->clear(g, &err) || ops->add(g, &s, &outside, &err) ||
          ops->image(g, 0.5, both, &err);
    int same = 1;
    for (int i = 0; i < 48 * 48; i++)
        same = same && fabs((double)both[i] * 2 - (double)one[i]) <= 1e-6 * fabs((double)one[i]);
    ok(!bad && same, "clear() forgets; half the scale gives half the image");
    ops->free(g);
    free(both);
    free(one);
    samples_free(&s);
}

static void test_outside(void)
{
    struct pc_geom geom = {32, 32, {-1e-6, 1e-6}};
    struct pc_samples s = samples_new(9);
    double at[9][2] = {{0.5, 0.5}, {-0.5, 0.5}, {0.5, -0.5}, {-0.5, -0.5}, {0.500001, 0},
                       {0, -0.6},  {1e30, 0},   {NAN, 0},    {0, INFINITY}};
    for (int i = 0; i < 9; i++) {
        s.u[i] = at[i][0] / 1e-6;
        s.v[i] = at[i][1] / 1e-6;
        s.re[i] = s.weight[i] = 1;
    }
    int64_t outside = 0;
    float *image = grid_image(&geom, 1e-4, &s, &outside);
    is_int(outside, 5, "beyond half a turn a pixel, infinite and NaN positions are counted");
    is_near((double)image[16 * 32 + 16], 4, 1e-4, "those on the rim take part");
    is_near((double)image[16 * 32 + 17], -4, 1e-4, "and turn the sign from pixel to pixel");
    s.weight[5] = 0;
    outside = 0;
    free(image);
    image = grid_image(&geom, 1e-4, &s, &outside);
    is_int(outside, 4, "weight 0 is passed over");
    free(image);
    samples_free(&s);
}

static void test_refusals(void)
{
    struct pc_geom geom = {32, 32, {-1e-6, 1e-6}};
    struct pc_gridder *g = begin(&geom, 1e-7);
    ok(g == NULL && err.code == PC_EX_USAGE, "an accuracy of 1e-7 is refused: %s", err.msg);
    ops->free(g);
    ok(pc_gridder_find("3d") == NULL, "an unknown engine is none");
    struct pc_geom huge = {1000000000, 1000000000, {-1e-9, 1e-9}};
    struct pc_gridder_conf conf = {.geom = huge, .accuracy = 1e-4};
    ok(ops->mem_byte(&conf) == INT64_MAX, "a monstrous image needs more than there is");
    conf.geom = geom;
    ok(ops->mem_byte(&conf) > ops->image_mem_byte(&conf), "prediction takes more memory");
}

int main(void)
{
    ops = pc_gridder_find("2d");
    if (!ok(ops != NULL, "there is a 2d gridder"))
        return tap_done();
    test_direct(64, 64, 1e-6, 1e-6, 1.0, 1e-4, 2e-5);
    test_direct(101, 75, 1e-6, 1e-6, 1.0, 1e-4, 2e-5);
    test_direct(75, 128, 1e-6, 2.5e-6, 0.5, 1e-4, 2e-5); /* a beam of about 2 pixels */
    test_direct(120, 90, 1e-6, 1e-6, 0.05, 1e-4, 2e-5);  /* of about 20 */
    test_direct(1, 1, 1e-6, 1e-6, 1.0, 1e-4, 2e-5);
    test_direct(3, 8, 1e-6, 1e-6, 1.0, 1e-4, 2e-5);
    for (nsample = 0; nsample <= 1000000; nsample += 1000000) {
        test_direct(101, 74, 1e-6, 1e-6, 1.0, 1e-5, 1e-5);
        test_direct(74, 101, 1e-6, 2.5e-6, 0.5, 1e-5, 1e-5);
        test_direct(150, 90, 1e-6, 1e-6, 0.05, 1e-5, 1e-5);
        test_direct(101, 74, 1e-6, 1e-6, 1.0, 1e-6, 1e-6);
        test_direct(150, 90, 1e-6, 1e-6, 0.05, 1e-6, 1e-6);
        test_adjoint(33, 50, 1e-5);
        test_adjoint(33, 50, 1e-6);
    }
    nsample = 0;
    test_direct(90, 64, 1e-6, 1e-6, 1.0, 1e-3, 1e-3);
    test_direct(64, 90, 1e-6, 1e-6, 1.0, 1e-2, 1e-2);
    test_adjoint(64, 64, 1e-4);
    test_adjoint(33, 50, 1e-4);
    test_adjoint(40, 27, 1e-2);
    test_predict_direct(48, 48);
    test_predict_direct(35, 54);
    test_impulse();
    test_orientation();
    test_linear();
    test_outside();
    test_refusals();
    return tap_done();
}
