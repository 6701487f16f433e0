/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/direct.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* The direct sum against a plain double loop with phases in long double. */

static const double tau = 6.283185307179586476925;

static uint64_t seed = 1;
static double uniform(double low, double high)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(seed >> 11) / 9007199254740992.0;
}

static struct pc_batch batch_new(int64_t n, int nplane, double max_u, double max_v, double max_w)
{
    struct pc_batch b = {.n = n, .nplane = nplane};
    b.u = malloc((size_t)n * 8), b.v = malloc((size_t)n * 8), b.w = malloc((size_t)n * 8);
    for (int64_t i = 0; i < n; i++) {
        b.u[i] = uniform(-max_u, max_u);
        b.v[i] = uniform(-max_v, max_v);
        b.w[i] = uniform(-max_w, max_w);
    }
    for (int p = 0; p < nplane; p++) {
        b.re[p] = malloc((size_t)n * 8), b.im[p] = malloc((size_t)n * 8);
        for (int64_t i = 0; i < n; i++)
            b.re[p][i] = b.im[p][i] = 1e300; /* what must be overwritten */
    }
    return b;
}

static void batch_free(struct pc_batch *b)
{
    free(b->u), free(b->v), free(b->w);
    for (int p = 0; p < b->nplane; p++)
        free(b->re[p]), free(b->im[p]);
}

static int64_t npix_of(const struct pc_direct_conf *c)
{
    return (int64_t)c->geom.nx * c->geom.ny;
}

/* The largest |difference| over the samples of a plane, relative to sum |model|. */
static double error_of(const struct pc_direct_conf *c, const float *model, const struct pc_batch *b, int p)
{
    const struct pc_geom *g = &c->geom;
    double worst = 0, flux = 0;
    model += p * npix_of(c);
    for (int64_t i = 0; i < b->n; i++) {
        double re = 0, im = 0;
        flux = 0;
        for (int64_t at = 0; at < npix_of(c); at++) {
            if (model[at] == 0)
                continue;
            long double l = (long double)(at % g->nx - g->nx / 2) * (long double)g->cell_rad[0];
            long double m = (long double)(at / g->nx - g->ny / 2) * (long double)g->cell_rad[1];
            long double r2 = l * l + m * m;
            if (r2 >= 1)
                continue;
            long double turn = b->u[i] * l + b->v[i] * m;
            if (c->wfull)
                turn += b->w[i] * (-r2 / (1 + sqrtl(1 - r2)));
            double rad = tau * (double)(turn - roundl(turn));
            re += (double)model[at] * cos(rad);
            im += (double)model[at] * sin(rad);
            flux += fabs((double)model[at]);
        }
        double off = hypot(re - b->re[p][i], im - b->im[p][i]);
        worst = off > worst || isnan(off) ? off : worst;
    }
    return flux > 0 ? worst / flux : worst;
}

/* n components at random, and one in each corner of plane 0; every plane has others. */
static float *model_new(const struct pc_direct_conf *c, int n)
{
    const int nx = c->geom.nx, ny = c->geom.ny;
    float *model = calloc((size_t)npix_of(c) * (size_t)c->nplane, sizeof *model);
    for (int p = 0; p < c->nplane; p++)
        for (int i = 0; i < n; i++)
            model[p * npix_of(c) + (int64_t)uniform(0, (double)npix_of(c))] = (float)uniform(-1, 2);
    model[0] = 1, model[nx - 1] = 2, model[npix_of(c) - nx] = 3, model[npix_of(c) - 1] = 4;
    model[(int64_t)(ny / 2) * nx] = 5, model[nx / 2] = 6;
    return model;
}

struct at_sea {
    const char *name;
    int nx, ny, nplane, ncomponent;
    double cell, max_cell, max_w; /* largest |u cell| and |w| */
    bool wfull;
    double accuracy;
};

static void test_once(const struct at_sea *t, bool single, double max_w)
{
    struct pc_direct_conf c = {.geom = {t->nx, t->ny, {-t->cell, 1.25 * t->cell}},
                               .nplane = t->nplane,
                               .wfull = t->wfull,
                               .max_w = max_w,
                               .single = single,
                               .nthread = 1};
    struct pc_err err = {0};
    struct pc_direct *d;
    float *model = model_new(&c, t->ncomponent);
    double max_u = t->max_cell / t->cell, most = !single ? t->accuracy : t->ncomponent < 60 ? 1e-6 : 2e-7;
    struct pc_batch b = batch_new(101, t->nplane, max_u, max_u / 1.25, t->max_w);
    if (ok(pc_direct_new(&d, &c, model, &err) == 0, "%s%s: %s", t->name, max_w > 0 ? ", most w known" : "",
           err.msg)) {
        pc_direct_predict(d, &b);
        for (int p = 0; p < t->nplane; p++) {
            double off = error_of(&c, model, &b, p);
            if (!ok(off < most, "%s, %s precision, plane %d", t->name, single ? "single" : "double", p) ||
                getenv("PC_TEST_FIGURES"))
                diag("off by %.3g of the flux", off);
        }
    }
    pc_direct_free(d);
    batch_free(&b);
    free(model);
}

static void test_case(const struct at_sea *t)
{
    for (int single = 0; single < 2; single++) {
        test_once(t, single, 0);
        if (t->wfull)
            test_once(t, single, t->max_w);
    }
}

static const struct at_sea CASES[] = {
    {"a small image, on the grid", 40, 33, 1, 60, 1e-5, 0.5, 0, false, 1e-13},
    {"odd and even, three planes", 33, 40, 3, 60, 1e-5, 0.5, 0, false, 1e-13},
    {"far beyond the grid", 40, 33, 2, 60, 1e-5, 1e4, 0, false, 1e-13},
    {"w that is not asked for", 40, 33, 1, 60, 1e-2, 0.5, 1e5, false, 1e-13},
    {"many columns", 8000, 30, 1, 700, 2.23e-8, 0.3, 0, false, 1e-13},
    {"many rows", 30, 8000, 2, 700, 2.23e-8, 0.3, 0, false, 1e-13},
    {"few of many columns", 8000, 8, 1, 5, 2.23e-8, 0.3, 0, false, 1e-13},
    {"a column", 1, 50, 1, 20, 1e-5, 0.5, 0, false, 1e-13},
    {"a long row", 8000, 1, 1, 30000, 2.23e-8, 1e-4, 0, false, 1e-13},
    {"a pixel", 1, 1, 4, 1, 1e-5, 0.5, 1e4, true, 1e-13},
    {"w, small", 8000, 30, 1, 400, 2.23e-8, 0.3, 7e6, true, 1e-13},
    {"w, small, crowded", 40, 41, 2, 500, 2.23e-8, 0.3, 7e6, true, 1e-13},
    {"w, two terms", 40, 41, 1, 900, 3e-5, 0.5, 1e5, true, 1e-13},
    {"w, three terms", 40, 41, 3, 900, 3e-5, 0.5, 1e8, true, 1e-13},
    {"w, four terms", 40, 41, 1, 900, 3e-5, 0.5, 1e9, true, 1e-13},
    {"w, a degree", 64, 65, 2, 200, 3e-4, 0.5, 1e5, true, 1e-13},
    {"w, to the horizon and beyond", 64, 64, 4, 300, 0.03, 0.5, 1e6, true, 1e-13},
    {"no w, to the horizon and beyond", 64, 64, 1, 300, 0.03, 0.5, 1e6, false, 1e-13},
};

/* The same bytes from any number of threads, and from batches cut anywhere. */
static void test_bytes(bool wfull, bool single)
{
    struct pc_direct_conf c = {
        .geom = {50, 60, {-1e-3, 1e-3}}, .nplane = 2, .wfull = wfull, .single = single, .nthread = 1};
    struct pc_err err = {0};
    struct pc_direct *d = NULL;
    float *model = model_new(&c, 100);
    struct pc_batch b = batch_new(5000, 2, 400, 400, 3000), other = b;
    double *got = malloc(5000 * sizeof *got);
    ok(!pc_direct_new(&d, &c, model, &err), "one thread %s", err.msg);
    pc_direct_predict(d, &b);
    pc_direct_free(d);
    other.re[1] = got;
    for (int cut = 0; cut < 2; cut++) {
        for (int nthread = 1; nthread <= 5; nthread += 2) {
            int64_t first = cut ? 1237 : 5000;
            struct pc_batch part = other;
            c.nthread = nthread;
            memset(got, 0, 5000 * sizeof *got);
            if (pc_direct_new(&d, &c, model, &err))
                break;
            part.n = first;
            pc_direct_predict(d, &part);
            part.n = 5000 - first;
            part.u += first, part.v += first, part.w += first;
            for (int p = 0; p < 2; p++)
                part.re[p] += first, part.im[p] += first;
            pc_direct_predict(d, &part);
            pc_direct_free(d);
            ok(!memcmp(got, b.re[1], 5000 * sizeof *got), "%d threads, %s, the same bytes%s%s", nthread,
               cut ? "two batches" : "one batch", wfull ? ", w" : "", single ? ", single" : "");
        }
    }
    free(got);
    batch_free(&b);
    free(model);
}

/* Where the w-term can be taken apart that is cheaper, and right even where w is larger than was said. */
static void test_apart(bool single)
{
    struct pc_direct_conf c = {
        .geom = {40, 41, {-3e-5, 3e-5}}, .nplane = 1, .wfull = true, .single = single, .nthread = 1};
    struct pc_err err = {0};
    struct pc_direct *d = NULL;
    float *model = model_new(&c, 900);
    struct pc_batch b = batch_new(101, 1, 1e4, 1e4, 1e9);
    ok(!pc_direct_new(&d, &c, model, &err), "largest w not known %s", err.msg);
    double full_s = pc_direct_predict_s(d, 1000000);
    pc_direct_free(d);
    c.max_w = 1e4;
    ok(!pc_direct_new(&d, &c, model, &err), "largest w known %s", err.msg);
    ok(pc_direct_predict_s(d, 1000000) < full_s / 2, "is worth a factor of more than two");
    double any_s =
        pc_direct_cost_s(&c, pc_direct_ncomponent(d), pc_direct_nrow(d), pc_direct_ncol(d), 1000000);
    is_near(any_s, full_s, 1e-9 * full_s, "which is not reckoned with as long as there is no model");
    pc_direct_predict(d, &b);
    ok(error_of(&c, model, &b, 0) < (single ? 2e-7 : 1e-13), "w beyond the largest is right");
    pc_direct_free(d);
    batch_free(&b);
    free(model);
}

static void test_edges(bool single)
{
    struct pc_direct_conf c = {
        .geom = {100, 90, {-1e-5, 1e-5}}, .nplane = 2, .wfull = true, .single = single, .max_component = 3};
    struct pc_err err = {0};
    struct pc_direct *d = NULL;
    float *model = calloc(2 * 9000, sizeof *model);
    struct pc_batch b = batch_new(20, 2, 1e4, 1e4, 1e4);
    int wrong = 0;
    for (int i = 0; i < 9000; i++)
        model[i] = -0.0f;
    is_int(pc_direct_new(&d, &c, model, &err), 0, "an empty model");
    is_int(pc_direct_ncomponent(d), 0, "zeros of either sign are no components");
    pc_direct_predict(d, &b);
    for (int i = 0; i < 20; i++)
        wrong += b.re[0][i] != 0 || b.im[1][i] != 0;
    is_int(wrong, 0, "whose visibilities are 0");
    pc_direct_free(d);

    model[5] = 1, model[9000 + 5] = 2, model[8999] = 3, model[9000 + 4500] = 4;
    b.u[3] = NAN, b.v[5] = INFINITY, b.w[7] = -INFINITY;
    is_int(pc_direct_new(&d, &c, model, &err), 0, "as many components as are allowed are not dense");
    is_int(pc_direct_ncomponent(d), 3, "a pixel of two planes is one component");
    is_int(pc_direct_nrow(d), 3, "rows");
    is_int(pc_direct_ncol(d), 3, "columns");
    pc_direct_predict(d, &b);
    for (int i = 0; i < 20; i++)
        wrong += (b.re[0][i] == 0) != (i == 3 || i == 5 || i == 7) || isnan(b.im[1][i]);
    is_int(wrong, 0, "samples without a position get 0, the others what is due to them");
    pc_direct_free(d);

    model[17] = 1;
    is_int(pc_direct_new(&d, &c, model, &err), 1, "one more is dense");
    ok(d == NULL, "and there is nothing to free");
    pc_direct_free(NULL);
    c.max_component = 0, c.nplane = 5;
    is_int(pc_direct_new(&d, &c, model, &err), -1, "five planes are refused");
    batch_free(&b);
    free(model);
}

int main(void)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        test_case(&CASES[i]);
    for (int i = 0; i < 4; i++)
        test_bytes(i & 1, i & 2);
    test_apart(false);
    test_apart(true);
    test_edges(false);
    test_edges(true);
    return tap_done();
}
