/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/weight.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>

/* Imaging weights against the formulas of spec/casa-imaging.md section 2, written down naively: every sample
 * looks at every other. Samples keep away from the edges of cells, where rounding decides. */

enum { N = 300, CHAN = 2 };
static struct pc_err err;
static uint64_t seed = 7;
static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static struct pc_visblock random_block(const struct pc_geom *geom, bool cube)
{
    struct pc_visblock b = vistest_block(N, CHAN, 2);
    for (int r = 0; r < N; r++) {
        /* the middle of a cell, give or take 0.2 */
        double i =
            floor(uniform() * 0.6 * geom->nx - 0.3 * geom->nx) + (cube ? 0 : 0.5) + 0.4 * (uniform() - 0.5);
        double j =
            floor(uniform() * 0.6 * geom->ny - 0.3 * geom->ny) + (cube ? 0 : 0.5) + 0.4 * (uniform() - 0.5);
        b.uvw_m[3 * r] = i / (geom->nx * geom->cell_rad[0]);
        b.uvw_m[3 * r + 1] = j / (geom->ny * geom->cell_rad[1]);
    }
    for (int i = 0; i < N * CHAN * 2; i++)
        b.weight[i] = (float)(0.1 + uniform());
    b.weight[10] = 0;
    b.uvw_m[3 * 20] = 0.6 / fabs(geom->cell_rad[0]); /* outside */
    return b;
}

struct at {
    double w, u, v; /* cells */
};

static double cell_of(double x, int n, bool cube)
{
    return cube ? round(x + n / 2) : floor(x + n / 2);
}

static int same_cell(const struct pc_geom *g, bool cube, double u, double v, double u2, double v2)
{
    double i = cell_of(u, g->nx, cube), j = cell_of(v, g->ny, cube);
    return i > 0 && j > 0 && i < g->nx && j < g->ny && i == cell_of(u2, g->nx, cube) &&
           j == cell_of(v2, g->ny, cube);
}

/* Weights the naive way; returns the number of differences. */
static int differences(const struct pc_geom *g, const struct pc_weight_conf *conf,
                       const struct pc_visblock *b)
{
    struct at *a = calloc(N * CHAN, sizeof *a);
    double *rho = calloc(N * CHAN, sizeof *rho);
    double total = 0, sum2 = 0;
    int bad = 0;
    for (int i = 0; i < N * CHAN; i++) {
        int r = i / CHAN;
        double w0 = (double)b->weight[2 * i], w1 = (double)b->weight[2 * i + 1];
        a[i].w = w0 > 0 && w1 > 0 && r != 20 ? (w0 + w1) / 2 : 0;
        a[i].u = b->uvw_m[3 * r] * g->nx * g->cell_rad[0];
        a[i].v = b->uvw_m[3 * r + 1] * g->ny * g->cell_rad[1];
        total += 2 * a[i].w;
    }
    for (int i = 0; i < N * CHAN; i++)
        for (int j = 0; j < N * CHAN; j++)
            rho[i] += a[j].w * (same_cell(g, conf->cube, a[i].u, a[i].v, a[j].u, a[j].v) +
                                same_cell(g, conf->cube, a[i].u, a[i].v, -a[j].u, -a[j].v));
    /* the sum over cells of rho^2 is the sum over deposits of rho: by symmetry that over samples, twice */
    for (int i = 0; i < N * CHAN; i++)
        sum2 += 2 * a[i].w * rho[i];
    double f = 5 * pow(10, -conf->robust), f2 = f * f / (sum2 / total);
    for (int i = 0; i < N * CHAN; i++) {
        double want = a[i].w;
        if (conf->scheme == PC_WEIGHT_UNIFORM)
            want = a[i].w > 0 ? a[i].w / (rho[i] * (conf->cube ? conf->nhand : 1)) : 0;
        if (conf->scheme == PC_WEIGHT_BRIGGS)
            want = a[i].w / (rho[i] * f2 + 1);
        bad += !(fabs((double)b->imweight[i] - want) <= 1e-6 * want);
    }
    free(a);
    free(rho);
    return bad;
}

static void test_scheme(struct pc_geom geom, struct pc_weight_conf conf, const char *what)
{
    struct pc_visblock b = random_block(&geom, conf.cube);
    struct pc_density *d;
    struct pc_weight_count count = {0};
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_add(d, &b, &err) ||
              pc_density_weigh(d, &b, &count, &err);
    ok(!bad, "%s: weighed", what);
    is_int(differences(&geom, &conf, &b), 0, "every weight is that of the formula");
    ok(count.nsample == N * CHAN && count.nflagged == 1 && count.noutside == CHAN,
       "flagged and outside are counted");
    double sum = 0;
    for (int i = 0; i < N * CHAN; i++)
        sum += (double)b.imweight[i];
    is_near(count.sumweight, sum, 1e-9 * sum, "and the weights summed");
    pc_density_free(d);
    pc_visblock_fini(&b);
}

/* What a block weighs must not depend on how rows are split into blocks. */
static void test_blocks(void)
{
    struct pc_geom geom = {64, 48, {-1e-6, 1e-6}};
    struct pc_weight_conf conf = {PC_WEIGHT_BRIGGS, 0, true, 2};
    struct pc_visblock one = random_block(&geom, true), part[2];
    struct pc_density *d, *d2;
    struct pc_weight_count count = {0};
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_new(&d2, &geom, &conf, &err) ||
              pc_density_add(d, &one, &err) || pc_density_weigh(d, &one, &count, &err);
    for (int p = 0; p < 2; p++) {
        int first = p * 100, n = p == 0 ? 100 : N - 100;
        part[p] = vistest_block(n, CHAN, 2);
        memcpy(part[p].uvw_m, one.uvw_m + 3 * first, (size_t)n * 3 * sizeof(double));
        memcpy(part[p].weight, one.weight + first * CHAN * 2, (size_t)n * CHAN * 2 * sizeof(float));
        bad = bad || pc_density_add(d2, &part[p], &err);
    }
    for (int p = 0; p < 2; p++)
        bad = bad || pc_density_weigh(d2, &part[p], &count, &err);
    ok(!bad && memcmp(one.imweight, part[0].imweight, 100 * CHAN * sizeof(float)) == 0 &&
           memcmp(one.imweight + 100 * CHAN, part[1].imweight, (N - 100) * CHAN * sizeof(float)) == 0,
       "two blocks weigh as one, bit by bit");
    ok(pc_density_add(d, &one, &err) != 0 && err.code == PC_EX_BUG,
       "no more samples after weights were made");
    pc_density_free(d);
    pc_density_free(d2);
    pc_visblock_fini(&one);
    pc_visblock_fini(&part[0]);
    pc_visblock_fini(&part[1]);
}

static void test_nothing(void)
{
    struct pc_geom geom = {16, 16, {-1e-6, 1e-6}};
    struct pc_weight_conf conf = {PC_WEIGHT_BRIGGS, 0, false, 1};
    struct pc_visblock b = vistest_block(3, 1, 1);
    struct pc_density *d;
    struct pc_weight_count count = {0};
    memset(b.weight, 0, 3 * sizeof(float));
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_add(d, &b, &err) ||
              pc_density_weigh(d, &b, &count, &err);
    ok(!bad && count.sumweight == 0 && count.nflagged == 3, "all flagged: all weights 0, no NaN");
    pc_density_free(d);
    pc_visblock_fini(&b);
}

int main(void)
{
    const struct pc_geom even = {64, 48, {-1e-6, 2e-6}}, odd = {65, 47, {-1e-6, 1e-6}};
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_NATURAL, 0, false, 2}, "natural");
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_UNIFORM, 0, false, 2}, "uniform, mfs");
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_UNIFORM, 0, true, 2}, "uniform, cube, two hands");
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_UNIFORM, 0, true, 1}, "uniform, cube, one hand");
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_BRIGGS, 0.5, false, 2}, "briggs 0.5, mfs");
    test_scheme(even, (struct pc_weight_conf){PC_WEIGHT_BRIGGS, -1, true, 2}, "briggs -1, cube");
    test_scheme(odd, (struct pc_weight_conf){PC_WEIGHT_BRIGGS, 2, true, 2}, "briggs 2, cube, odd size");
    test_scheme(odd, (struct pc_weight_conf){PC_WEIGHT_UNIFORM, 0, false, 2}, "uniform, mfs, odd size");
    test_blocks();
    test_nothing();
    return tap_done();
}
