/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/gridtest.h"

#include <stdatomic.h>

/* Images of real values, of which the gridder makes one half and mirrors the other, against direct sums; and
 * images handed out row by row. */

enum { MAX_ROWS = 100 };

/* What a taker sees. */
struct taken {
    struct pc_geom geom;
    char *image; /* of floats or doubles */
    _Atomic int times[MAX_ROWS];
    int ncall; /* of near_taken */
    int wrong; /* rows about the centre that had not come by then, and others that had */
};

static void take(void *of, int thread, int plane, int y0, int nrow, const void *rows)
{
    struct taken *t = of;
    const size_t row = (size_t)t->geom.nx * (wide ? 8 : 4);
    (void)thread;
    (void)plane;
    memcpy(t->image + (size_t)y0 * row, rows, (size_t)nrow * row);
    for (int y = y0; y < y0 + nrow; y++)
        t->times[y]++;
    t->wrong += nrow > PC_ROW_BAND;
}

enum { NEAR = 5 };

static void near_taken(void *of, int plane)
{
    struct taken *t = of;
    (void)plane;
    t->ncall++;
    for (int y = 0; y < t->geom.ny; y++) {
        const int away = abs(y - t->geom.ny / 2);
        t->wrong += away <= NEAR ? t->times[y] != 1 : away >= NEAR + PC_ROW_BAND && t->times[y] != 0;
    }
}

static struct pc_gridder *gridder(const struct pc_geom *geom, double accuracy, bool even,
                                  const struct pc_batch *s)
{
    const struct pc_gridder_conf conf = {
        .geom = *geom, .accuracy = accuracy, .wide = wide, .nthread = nthread, .even = even};
    struct pc_gridder *g = pc_gridder_new(&conf, &err);
    if (ok(g != NULL, "begun")) {
        pc_gridder_begin(g, 0);
        pc_gridder_add(g, s);
    }
    return g;
}

static double at(const void *image, int64_t i)
{
    return wide ? ((const double *)image)[i] : (double)((const float *)image)[i];
}

/* The image handed out, as doubles; `held` gets the one that the gridder fills, or is NULL. */
static double *taken_image(const struct pc_geom *geom, double accuracy, bool even, const struct pc_batch *s,
                           void *held, struct pc_tally *tally)
{
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    struct taken t = {.geom = *geom, .image = calloc((size_t)npix, 8)};
    const struct pc_row_taker taker = {take, &t, near_taken, NEAR};
    double *image = column(npix);
    void *const to[1] = {held};
    struct pc_gridder *g = gridder(geom, accuracy, even, s);
    if (g == NULL)
        return image;
    pc_gridder_end(g, 1, held != NULL ? to : NULL, &taker, tally);
    pc_gridder_free(g);
    int missing = 0;
    for (int y = 0; y < geom->ny; y++)
        missing += t.times[y] != 1;
    ok(missing == 0 && t.ncall == 1 && t.wrong == 0, "%d x %d: every row once, those about the centre first",
       geom->nx, geom->ny);
    if (held != NULL)
        ok(memcmp(held, t.image, (size_t)(npix * (wide ? 8 : 4))) == 0, "as the image that is held");
    for (int64_t i = 0; i < npix; i++)
        image[i] = at(t.image, i);
    free(t.image);
    return image;
}

static void check_tally(const double *image, int64_t npix, const struct pc_tally *tally)
{
    double max = -INFINITY, min = INFINITY, squares = 0;
    for (int64_t i = 0; i < npix; i++) {
        max = fmax(max, image[i]);
        min = fmin(min, image[i]);
        squares += image[i] * image[i];
    }
    ok(tally->n == npix && tally->min == min && tally->max == max &&
           fabs(tally->sum_squares / squares - 1) < 1e-12,
       "its statistics");
}

static void test_size(int nx, int ny, double accuracy)
{
    const struct pc_geom geom = {nx, ny, {-1e-6, 1.5e-6}};
    const int64_t npix = (int64_t)nx * ny;
    struct pc_batch s = random_samples(&geom, 400, 1);
    for (int64_t i = 0; i < s.n; i++)
        s.im[0][i] = 0;
    double *want = column(npix);
    void *held = calloc((size_t)npix, 8);
    struct pc_tally tally;
    direct_image(&geom, &s, want);
    double *even = taken_image(&geom, accuracy, true, &s, NULL, &tally);
    compare(&geom, even, want, accuracy, wide ? "real values, double" : "real values");
    check_tally(even, npix, &tally);
    double *whole = taken_image(&geom, accuracy, false, &s, held, NULL);
    compare(&geom, even, whole, wide ? 1e-13 : 3e-6, "half of it and all of it");
    nthread = 3;
    double *again = taken_image(&geom, accuracy, true, &s, held, NULL);
    nthread = 1;
    ok(memcmp(even, again, (size_t)npix * sizeof *even) == 0, "the same bytes with three threads");
    free(want), free(held), free(even), free(whole), free(again);
    samples_free(&s);
}

int main(void)
{
    static const int size[][2] = {{64, 48}, {63, 47}, {33, 64}, {80, 31}, {40, 97}, {16, 1}, {2, 2}, {1, 16}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        wide = false;
        test_size(size[i][0], size[i][1], 1e-4);
        wide = true;
        test_size(size[i][0], size[i][1], 1e-10);
    }
    return tap_done();
}
