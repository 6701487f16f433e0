/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/gridtest.h"

/* The gridder without the w-term, in single and in double precision, against direct Fourier sums. */

static void test_direct(int nx, int ny, double cell_x, double cell_y, double fill, double accuracy,
                        double limit)
{
    struct pc_geom geom = {nx, ny, {-cell_x, cell_y}};
    struct pc_batch s = random_samples(&geom, 600, fill);
    double *want = calloc((size_t)nx * (size_t)ny, sizeof *want);
    int64_t outside = 0;
    direct_image(&geom, &s, want);
    double *got = grid_image(&geom, accuracy, &s, &outside);
    char what[80];
    snprintf(what, sizeof what, "accuracy %g, uv filled to %g of the grid", accuracy, fill);
    compare(&geom, got, want, limit, what);
    is_int(outside, 0, "no sample is outside");
    free(got);
    free(want);
    samples_free(&s);
}

static void test_adjoint(int nx, int ny, double accuracy, double limit)
{
    struct pc_geom geom = {nx, ny, {-2e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, 1000, 1), p = samples_new(1000);
    float *model = random_model(nx * ny);
    const float *const models[1] = {model};
    int64_t outside = 0;
    double *image = grid_image(&geom, accuracy, &s, &outside);
    struct pc_gridder *g = begin(&geom, accuracy, 1);
    memcpy(p.u, s.u, 1000 * sizeof *p.u);
    memcpy(p.v, s.v, 1000 * sizeof *p.v);
    pc_gridder_model(g, 0, models);
    pc_gridder_predict(g, &p);
    double left = 0, right = 0, size = 0, norm = 0;
    for (int i = 0; i < nx * ny; i++)
        left += image[i] * (double)model[i];
    for (int i = 0; i < 1000; i++) {
        right += s.weight[i] * (s.re[0][i] * p.re[0][i] + s.im[0][i] * p.im[0][i]);
        size += pow(s.weight[i] * s.re[0][i], 2) + pow(s.weight[i] * s.im[0][i], 2);
        norm += pow(p.re[0][i], 2) + pow(p.im[0][i], 2);
    }
    double rel = fabs(left - right) / sqrt(size * norm);
    ok(rel < limit, "%d x %d, accuracy %g: <grid V, model> = <V, predict model> within %.2g of their lengths",
       nx, ny, accuracy, rel);
    pc_gridder_free(g);
    free(image);
    free(model);
    samples_free(&s);
    samples_free(&p);
}

static void test_predict_direct(int nx, int ny, double accuracy)
{
    struct pc_geom geom = {nx, ny, {-1e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, 300, 1);
    float *model = random_model(nx * ny);
    const float *const models[1] = {model};
    struct pc_gridder *g = begin(&geom, accuracy, 1);
    memset(s.re[0], 0, 300 * sizeof *s.re[0]);
    memset(s.im[0], 0, 300 * sizeof *s.im[0]);
    pc_gridder_model(g, 0, models);
    pc_gridder_predict(g, &s);
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
        diff += pow(s.re[0][i] - re, 2) + pow(s.im[0][i] - im, 2);
        norm += re * re + im * im;
    }
    ok(sqrt(diff / norm) < accuracy, "%d x %d: prediction against the direct sum: relative L2 %.2g", nx, ny,
       sqrt(diff / norm));
    pc_gridder_free(g);
    free(model);
    samples_free(&s);
}

static void test_impulse(void)
{
    /* one sample of weight 2 and value 3 at the uv origin: 6 everywhere */
    struct pc_geom geom = {50, 40, {-1e-6, 1e-6}};
    struct pc_batch s = samples_new(1);
    s.weight[0] = 2;
    s.re[0][0] = 3;
    int64_t outside = 0;
    double *image = grid_image(&geom, 1e-4, &s, &outside);
    double worst = 0;
    for (int i = 0; i < 2000; i++)
        worst = fmax(worst, fabs(image[i] - 6));
    ok(worst < 6 * 1e-4, "a sample at the origin is flat: 6 within %.2g", worst);
    free(image);
    samples_free(&s);
}

static void test_orientation(void)
{
    /* a point 5 pixels east and 3 north: pixel (nx/2 - 5, ny/2 + 3) */
    struct pc_geom geom = {64, 64, {-1e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, 2000, 0.9);
    double l = 5e-6, m = 3e-6;
    for (int64_t i = 0; i < s.n; i++) {
        s.re[0][i] = cos(2 * M_PI * (s.u[i] * l + s.v[i] * m));
        s.im[0][i] = sin(2 * M_PI * (s.u[i] * l + s.v[i] * m));
    }
    int64_t outside = 0;
    double *image = grid_image(&geom, 1e-4, &s, &outside);
    int at = 0;
    for (int i = 0; i < 64 * 64; i++)
        if (image[i] > image[at])
            at = i;
    ok(at % 64 == 32 - 5 && at / 64 == 32 + 3, "east is left and north is up: peak at (%d, %d)", at % 64,
       at / 64);
    free(image);
    samples_free(&s);
}

/* The samples of s from the k-th on. */
static struct pc_batch tail_of(const struct pc_batch *s, int64_t k)
{
    struct pc_batch t = *s;
    t.n -= k;
    t.u += k, t.v += k, t.w += k, t.weight += k, t.re[0] += k, t.im[0] += k;
    return t;
}

static void test_linear(void)
{
    enum { NPIX = 48 * 48 };
    struct pc_geom geom = {48, 48, {-1e-6, 1e-6}};
    struct pc_batch s = random_samples(&geom, 400, 1), a = s, b = tail_of(&s, 150);
    double *both = column(NPIX), *one = column(NPIX);
    struct pc_tally tally;
    struct pc_gridder *g = begin(&geom, 1e-4, 1);
    a.n = 150;
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, &s);
    end(g, &geom, 1, one, &tally);
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, &a);
    pc_gridder_add(g, &b);
    end(g, &geom, 1, both, NULL);
    ok(memcmp(one, both, NPIX * sizeof *one) == 0,
       "two batches give the same bytes as one; the plane is empty after an image");
    pc_gridder_add(g, &s);
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, &s);
    end(g, &geom, 0.5, both, NULL);
    int same = 1;
    double squares = 0, min = INFINITY, max = -INFINITY;
    for (int i = 0; i < NPIX; i++) {
        same = same && fabs(both[i] * 2 - one[i]) <= 1e-6 * fabs(one[i]);
        squares += one[i] * one[i];
        min = fmin(min, one[i]);
        max = fmax(max, one[i]);
    }
    ok(same, "begin() forgets; half the scale gives half the image");
    ok(tally.n == NPIX && tally.min == min && tally.max == max &&
           fabs(tally.sum_squares / squares - 1) < 1e-12,
       "the tally is of the image");
    pc_gridder_free(g);
    free(both);
    free(one);
    samples_free(&s);
}

static void test_outside(void)
{
    struct pc_geom geom = {32, 32, {-1e-6, 1e-6}};
    struct pc_batch s = samples_new(9);
    double at[9][2] = {{0.5, 0.5}, {-0.5, 0.5}, {0.5, -0.5}, {-0.5, -0.5}, {0.500001, 0},
                       {0, -0.6},  {1e30, 0},   {NAN, 0},    {0, INFINITY}};
    for (int i = 0; i < 9; i++) {
        s.u[i] = at[i][0] / 1e-6;
        s.v[i] = at[i][1] / 1e-6;
        s.re[0][i] = s.weight[i] = 1;
    }
    int64_t outside = 0;
    double *image = grid_image(&geom, 1e-4, &s, &outside);
    is_int(outside, 5, "beyond half a turn a pixel, infinite and NaN positions are counted");
    is_near(image[16 * 32 + 16], 4, 4e-4, "those on the rim take part");
    is_near(image[16 * 32 + 17], -4, 4e-4, "and turn the sign from pixel to pixel");
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
    struct pc_gridder *g = begin(&geom, 1e-7, 1);
    ok(g == NULL && err.code == PC_EX_USAGE, "an accuracy of 1e-7 is refused: %s", err.msg);
    wide = true;
    g = begin(&geom, 9e-13, 1);
    ok(g == NULL && err.code == PC_EX_USAGE, "and so is 9e-13 in double precision: %s", err.msg);
    wide = false;
    struct pc_geom huge = {1000000000, 1000000000, {-1e-9, 1e-9}};
    struct pc_gridder_conf conf = {.geom = huge, .accuracy = 1e-4};
    ok(pc_gridder_mem_byte(&conf) == INT64_MAX, "a monstrous image needs more than there is");
    conf.geom = geom;
    const int64_t one = pc_gridder_mem_byte(&conf);
    conf.wide = true;
    ok(pc_gridder_mem_byte(&conf) > one, "double precision takes more memory");
    conf = (struct pc_gridder_conf){.geom = {3000, 3000, {-1e-6, 1e-6}}, .accuracy = 1e-4};
    const int64_t full = pc_gridder_mem_byte(&conf);
    conf.max_u = 0.25 / 1e-6;
    const int64_t half = pc_gridder_mem_byte(&conf);
    ok(half > 0.48 * (double)full && half < 0.56 * (double)full, "half of the columns take %.3f",
       (double)half / (double)full);
    conf.max_u = 0.6 / 1e-6;
    ok(pc_gridder_mem_byte(&conf) == full, "samples beyond the plane do not make it larger");
}

static void test_double(void)
{
    wide = true;
    for (nsample = 0; nsample <= 1000000; nsample += 1000000) {
        test_direct(101, 74, 1e-6, 1e-6, 1.0, 1e-12, 1e-12);
        test_direct(74, 101, 1e-6, 2.5e-6, 0.5, 1e-12, 1e-12);
        test_direct(150, 90, 1e-6, 1e-6, 0.05, 1e-12, 1e-12);
        for (double accuracy = 1e-11; accuracy < 2e-2; accuracy *= 10)
            test_direct(101, 74, 1e-6, 1e-6, 1.0, accuracy, accuracy);
        test_adjoint(33, 50, 1e-12, 1e-14);
        test_adjoint(64, 64, 1e-6, 1e-14);
        test_predict_direct(48, 35, 1e-12);
    }
    nsample = 0;
    wide = false;
}

int main(void)
{
    test_direct(64, 64, 1e-6, 1e-6, 1.0, 1e-4, 1e-4);
    test_direct(101, 75, 1e-6, 1e-6, 1.0, 1e-4, 1e-4);
    test_direct(75, 128, 1e-6, 2.5e-6, 0.5, 1e-4, 1e-4); /* a beam of about 2 pixels */
    test_direct(120, 90, 1e-6, 1e-6, 0.05, 1e-4, 1e-4);  /* of about 20 */
    test_direct(1, 1, 1e-6, 1e-6, 1.0, 1e-4, 1e-4);
    test_direct(3, 8, 1e-6, 1e-6, 1.0, 1e-4, 1e-4);
    for (nsample = 0; nsample <= 1000000; nsample += 1000000) {
        test_direct(101, 74, 1e-6, 1e-6, 1.0, 1e-5, 1e-5);
        test_direct(74, 101, 1e-6, 2.5e-6, 0.5, 1e-5, 1e-5);
        test_direct(150, 90, 1e-6, 1e-6, 0.05, 1e-5, 1e-5);
        test_direct(101, 74, 1e-6, 1e-6, 1.0, 1e-6, 1e-6);
        test_direct(150, 90, 1e-6, 1e-6, 0.05, 1e-6, 1e-6);
        test_adjoint(33, 50, 1e-5, 1e-6);
        test_adjoint(33, 50, 1e-6, 1e-6);
    }
    nsample = 0;
    test_direct(90, 64, 1e-6, 1e-6, 1.0, 1e-3, 1e-3);
    test_direct(64, 90, 1e-6, 1e-6, 1.0, 1e-2, 1e-2);
    test_adjoint(64, 64, 1e-4, 1e-6);
    test_adjoint(33, 50, 1e-4, 1e-6);
    test_adjoint(40, 27, 1e-2, 1e-6);
    test_predict_direct(48, 48, 1e-4);
    test_predict_direct(35, 54, 1e-4);
    test_double();
    test_impulse();
    test_orientation();
    test_linear();
    test_outside();
    test_refusals();
    return tap_done();
}
