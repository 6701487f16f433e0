/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/weight.h"
#include "base/mem.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>
#include <string.h>

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

/* Whether the sample at u2, v2 counts in the cell of the one at u, v. */
static int reaches(const struct pc_geom *g, bool cube, int box, double u, double v, double u2, double v2)
{
    double i = cell_of(u, g->nx, cube), j = cell_of(v, g->ny, cube);
    double i2 = cell_of(u2, g->nx, cube), j2 = cell_of(v2, g->ny, cube);
    bool held = i > 0 && j > 0 && i < g->nx && j < g->ny;
    bool counts = i2 - box > 0 && j2 - box > 0 && i2 + box < g->nx && j2 + box < g->ny;
    return held && counts && fabs(i - i2) <= box && fabs(j - j2) <= box;
}

/* The sum over cells of the density squared, and of the density, from the cells written down one by one. */
static void cell_sums(const struct pc_geom *g, bool cube, int box, const struct at *a, double *sum,
                      double *sum2)
{
    double *cell = calloc((size_t)g->nx * g->ny, sizeof *cell);
    *sum = *sum2 = 0;
    for (int k = 0; k < 2 * N * CHAN; k++) {
        double sign = k % 2 ? -1 : 1, w = a[k / 2].w;
        int i = (int)cell_of(sign * a[k / 2].u, g->nx, cube),
            j = (int)cell_of(sign * a[k / 2].v, g->ny, cube);
        for (int y = 0; w > 0 && y < g->ny; y++)
            for (int x = 0; x < g->nx; x++)
                if (abs(x - i) <= box && abs(y - j) <= box && i - box > 0 && j - box > 0 && i + box < g->nx &&
                    j + box < g->ny)
                    cell[y * g->nx + x] += w, *sum += w;
    }
    for (int k = 0; k < g->nx * g->ny; k++)
        *sum2 += cell[k] * cell[k];
    free(cell);
}

/* What sample i should weigh. */
static double expected(const struct pc_weight_conf *c, const struct pc_geom *grid, const struct at *a,
                       double rho, double f2)
{
    const double hands = c->cube ? c->nhand : 1;
    const double u = a->u / (grid->nx * grid->cell_rad[0]), v = a->v / (grid->ny * grid->cell_rad[1]);
    const double n = c->fracbw * sqrt(a->u * a->u + a->v * a->v);
    const double m = n >= 1 ? n + 0.5 : (4 - n) / (4 - 2 * n);
    const double taper = pc_taper_at(&c->taper, u, v);
    if (c->scheme == PC_WEIGHT_NATURAL)
        return a->w * taper;
    if (c->scheme == PC_WEIGHT_RADIAL)
        return a->w * sqrt(u * u + v * v) * taper;
    if (!(rho > 0))
        return 0;
    switch (c->scheme) {
    case PC_WEIGHT_BRIGGS:
        return a->w / (rho * f2 + 1) * taper;
    case PC_WEIGHT_BRIGGSBWTAPER:
        return a->w / (rho * f2 / m + 1) * taper;
    case PC_WEIGHT_BRIGGSABS:
        return a->w / (rho * hands * c->robust * c->robust + 2 * c->noise_jy * c->noise_jy) * taper;
    default:
        return a->w / (rho * hands) * taper;
    }
}

/* Weights the naive way; returns the number of differences. */
static int differences(const struct pc_geom *image, const struct pc_weight_conf *conf,
                       const struct pc_visblock *b)
{
    struct at *a = calloc(N * CHAN, sizeof *a);
    struct pc_geom grid = *image;
    const bool super = conf->scheme == PC_WEIGHT_SUPERUNIFORM;
    const int box = super ? (conf->npixels ? conf->npixels : 3) : conf->cube ? conf->npixels : 0;
    double sum, sum2;
    int bad = 0;
    if (!super && !conf->cube && conf->npixels > 0)
        grid.nx = grid.ny = conf->npixels;
    for (int i = 0; i < N * CHAN; i++) {
        int r = i / CHAN;
        double w0 = (double)b->weight[2 * i], w1 = (double)b->weight[2 * i + 1];
        bool good = conf->pseudo || (w0 > 0 && w1 > 0); /* a flagged hand has weight 0 */
        a[i].w = good && r != 20 ? (w0 + w1) / 2 : 0;
        a[i].u = b->uvw_m[3 * r] * grid.nx * grid.cell_rad[0];
        a[i].v = b->uvw_m[3 * r + 1] * grid.ny * grid.cell_rad[1];
    }
    cell_sums(&grid, conf->cube, box, a, &sum, &sum2);
    double f = 5 * pow(10, -conf->robust), f2 = f * f / (sum2 / sum);
    for (int i = 0; i < N * CHAN; i++) {
        double rho = 0;
        for (int j = 0; j < N * CHAN; j++)
            rho += a[j].w * (reaches(&grid, conf->cube, box, a[i].u, a[i].v, a[j].u, a[j].v) +
                             reaches(&grid, conf->cube, box, a[i].u, a[i].v, -a[j].u, -a[j].v));
        double want = expected(conf, &grid, &a[i], rho, f2);
        bad += !(fabs((double)b->imweight[i] - want) <= 1e-6 * want);
    }
    free(a);
    return bad;
}

static void test_scheme(struct pc_geom geom, struct pc_weight_conf conf, const char *what)
{
    /* where cells are those of another image, samples keep away from the edges of these */
    struct pc_geom cells = geom;
    if (!conf.cube && conf.npixels > 0 && conf.scheme != PC_WEIGHT_SUPERUNIFORM)
        cells.nx = cells.ny = conf.npixels;
    struct pc_visblock b = random_block(&cells, conf.cube);
    struct pc_density *d;
    struct pc_weight_count count = {0};
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_add(d, &b, &err) ||
              pc_density_weigh(d, &b, &count, &err);
    ok(!bad, "%s: weighed", what);
    is_int(differences(&geom, &conf, &b), 0, "every weight is that of the formula");
    ok(count.nsample == N * CHAN && count.nflagged == (conf.pseudo ? 0 : 1) && count.noutside == CHAN,
       "flagged and outside are counted");
    double sum = 0;
    for (int i = 0; i < N * CHAN; i++)
        sum += (double)b.imweight[i];
    is_near(count.sumweight, sum, 1e-9 * sum, "and the weights summed");
    ok(sum > 0, "which are not all 0");
    pc_density_free(d);
    pc_visblock_fini(&b);
}

/* A density that was made elsewhere weighs as one's own. */
static void test_shared(void)
{
    struct pc_geom geom = {64, 48, {-1e-6, 1e-6}};
    struct pc_weight_conf conf = {.scheme = PC_WEIGHT_BRIGGS, .robust = 0.5, .nhand = 2};
    struct pc_visblock b = random_block(&geom, false), c = random_block(&geom, false);
    struct pc_density *d, *other;
    struct pc_uvdensity from, to;
    struct pc_weight_count count = {0};
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_new(&other, &geom, &conf, &err) ||
              pc_density_add(d, &b, &err) || pc_density_add(d, &c, &err);
    pc_density_cells(d, &from);
    pc_density_cells(other, &to);
    memcpy(to.cell, from.cell, (size_t)from.nx * from.ny * sizeof *from.cell);
    pc_density_filled(other, from.deposited);
    bad = bad || pc_density_weigh(d, &b, &count, &err);
    float *own = b.imweight;
    b.imweight = NULL;
    bad = bad || pc_density_weigh(other, &b, &count, &err);
    ok(!bad && memcmp(own, b.imweight, N * CHAN * sizeof *own) == 0, "a shared density weighs as its maker");
    pc_mem_free(own);
    pc_density_free(d);
    pc_density_free(other);
    pc_visblock_fini(&b);
    pc_visblock_fini(&c);
}

/* A density of other data may have nothing where a sample lies: it gets no weight, and no infinite one. */
static void test_empty_cells(enum pc_weighting scheme, const char *what)
{
    struct pc_geom geom = {64, 48, {-1e-6, 1e-6}};
    struct pc_weight_conf conf = {.scheme = scheme, .robust = 0.5, .noise_jy = 1, .nhand = 2};
    struct pc_visblock b = random_block(&geom, false);
    struct pc_density *d;
    struct pc_uvdensity cells;
    struct pc_weight_count count = {0};
    int bad = pc_density_new(&d, &geom, &conf, &err) || pc_density_add(d, &b, &err), wrong = 0;
    pc_density_cells(d, &cells);
    memset(cells.cell + (int64_t)cells.nx * (cells.ny / 2), 0,
           (size_t)cells.nx * (size_t)(cells.ny - cells.ny / 2) * sizeof *cells.cell);
    bad = bad || pc_density_weigh(d, &b, &count, &err);
    for (int64_t i = 0; !bad && i < N * CHAN; i++) {
        const bool above = b.uvw_m[3 * (i / CHAN) + 1] > 0;
        wrong += !isfinite(b.imweight[i]) || (above && b.imweight[i] != 0);
    }
    ok(!bad && wrong == 0 && count.sumweight > 0, "%s: samples in empty cells weigh nothing", what);
    memset(cells.cell, 0, (size_t)cells.nx * cells.ny * sizeof *cells.cell);
    count = (struct pc_weight_count){0};
    bad = bad || pc_density_weigh(d, &b, &count, &err);
    ok(!bad && count.sumweight == 0, "%s: a density of nothing: all weights 0", what);
    pc_density_free(d);
    pc_visblock_fini(&b);
}

static void refused(struct pc_geom geom, struct pc_weight_conf conf, const char *word)
{
    struct pc_density *d;
    int rc = pc_density_new(&d, &geom, &conf, &err);
    ok(rc == -1 && d == NULL && err.code == PC_EX_USAGE && strstr(err.msg, word), "refused: %s",
       rc ? err.msg : "not");
}

static void test_refusals(void)
{
    const struct pc_geom geom = {16, 64, {-1e-6, 1e-6}};
    refused(geom, (struct pc_weight_conf){.scheme = PC_WEIGHT_BRIGGSABS, .nhand = 1}, "--noise 0");
    refused(geom, (struct pc_weight_conf){.scheme = PC_WEIGHT_BRIGGSBWTAPER, .nhand = 1}, "cube");
    refused(geom, (struct pc_weight_conf){.scheme = PC_WEIGHT_SUPERUNIFORM, .npixels = 8}, "box of 17 cells");
    refused(geom, (struct pc_weight_conf){.scheme = PC_WEIGHT_UNIFORM, .cube = true, .npixels = 1000000},
            "--npixels 1000000");
}

/* What a block weighs must not depend on how rows are split into blocks. */
static void test_blocks(void)
{
    struct pc_geom geom = {64, 48, {-1e-6, 1e-6}};
    struct pc_weight_conf conf = {.scheme = PC_WEIGHT_BRIGGS, .cube = true, .nhand = 2};
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
    struct pc_weight_conf conf = {.scheme = PC_WEIGHT_BRIGGS, .nhand = 1};
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
    const struct pc_taper round = {true, 3e-11, 3e-11, 0, 1},
                          elliptic = {true, 1e-11, 8e-11, 0.5, sqrt(0.75)};
#define W(...) (struct pc_weight_conf){.nhand = 2, __VA_ARGS__}
    test_scheme(even, W(.scheme = PC_WEIGHT_NATURAL), "natural");
    test_scheme(even, W(.scheme = PC_WEIGHT_UNIFORM), "uniform, mfs");
    test_scheme(even, W(.scheme = PC_WEIGHT_UNIFORM, .cube = true), "uniform, cube, two hands");
    test_scheme(even, (struct pc_weight_conf){.scheme = PC_WEIGHT_UNIFORM, .cube = true, .nhand = 1},
                "uniform, cube, one hand");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGS, .robust = 0.5), "briggs 0.5, mfs");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGS, .robust = -1, .cube = true), "briggs -1, cube");
    test_scheme(odd, W(.scheme = PC_WEIGHT_BRIGGS, .robust = 2, .cube = true), "briggs 2, cube, odd size");
    test_scheme(odd, W(.scheme = PC_WEIGHT_UNIFORM), "uniform, mfs, odd size");
    test_scheme(even, W(.scheme = PC_WEIGHT_RADIAL), "radial");
    test_scheme(even, W(.scheme = PC_WEIGHT_SUPERUNIFORM), "superuniform, 7 x 7");
    test_scheme(odd, W(.scheme = PC_WEIGHT_SUPERUNIFORM, .npixels = 5), "superuniform, 11 x 11, odd size");
    test_scheme(even, W(.scheme = PC_WEIGHT_SUPERUNIFORM, .npixels = 13),
                "superuniform, boxes over the edge");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGSABS, .robust = 0.7, .noise_jy = 1.3), "briggsabs, mfs");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGSABS, .robust = -1, .cube = true),
                "briggsabs without noise, cube");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGSABS, .noise_jy = 0.2), "briggsabs, robust 0");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGSBWTAPER, .cube = true, .fracbw = 0.2, .robust = -0.5),
                "briggsbwtaper, wide band");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGSBWTAPER, .cube = true, .fracbw = 1e-3),
                "briggsbwtaper, narrow");
    test_scheme(even, W(.scheme = PC_WEIGHT_UNIFORM, .npixels = 30), "uniform, npixels 30, mfs");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGS, .npixels = 80, .robust = 0.3), "briggs, npixels 80, mfs");
    test_scheme(odd, W(.scheme = PC_WEIGHT_BRIGGS, .npixels = 2, .cube = true), "briggs, npixels 2, cube");
    test_scheme(even, W(.scheme = PC_WEIGHT_NATURAL, .taper = round), "natural, tapered");
    test_scheme(odd, W(.scheme = PC_WEIGHT_BRIGGS, .cube = true, .taper = elliptic),
                "briggs, elliptic taper");
    test_scheme(even, W(.scheme = PC_WEIGHT_NATURAL, .pseudo = true), "natural, pseudoI");
    test_scheme(even, W(.scheme = PC_WEIGHT_BRIGGS, .cube = true, .pseudo = true), "briggs, cube, pseudoI");
    test_blocks();
    test_shared();
    test_empty_cells(PC_WEIGHT_UNIFORM, "uniform");
    test_empty_cells(PC_WEIGHT_BRIGGS, "briggs");
    test_empty_cells(PC_WEIGHT_SUPERUNIFORM, "superuniform");
    test_empty_cells(PC_WEIGHT_BRIGGSABS, "briggsabs");
    test_refusals();
    test_nothing();
    return tap_done();
}
