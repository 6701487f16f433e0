/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_GRIDTEST_H
#define PC_TESTS_GRIDTEST_H

#include "base/mem.h"
#include "grid/gridder.h"
#include "grid/kernel.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

/* What the tests of gridders share: random samples, direct Fourier sums in double precision, images as
 * doubles. */

static struct pc_err err;
static int64_t nsample; /* how many the gridder is told of: 0 chooses the small grid */
static bool wide;
static int nthread = 1;

static uint64_t seed = 42;
static inline double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0 - 0.5;
}

static inline double *column(int64_t n)
{
    return calloc((size_t)n, sizeof(double));
}

static inline struct pc_batch samples_new(int64_t n)
{
    struct pc_batch s = {.n = n, .nplane = 1};
    s.u = column(n);
    s.v = column(n);
    s.w = column(n);
    s.weight = column(n);
    s.re[0] = column(n);
    s.im[0] = column(n);
    return s;
}

static inline void samples_free(struct pc_batch *s)
{
    free(s->u), free(s->v), free(s->w), free(s->weight), free(s->re[0]), free(s->im[0]);
}

/* Random samples that fill `fill` of the uv plane of the cell (1: out to where a pixel is half a turn). */
static inline struct pc_batch random_samples(const struct pc_geom *geom, int64_t n, double fill)
{
    struct pc_batch s = samples_new(n);
    for (int64_t i = 0; i < n; i++) {
        s.u[i] = fill * uniform() / fabs(geom->cell_rad[0]);
        s.v[i] = fill * uniform() / fabs(geom->cell_rad[1]);
        s.re[0][i] = uniform();
        s.im[0][i] = uniform();
        s.weight[i] = uniform() + 0.6;
    }
    return s;
}

static inline void direct_image(const struct pc_geom *geom, const struct pc_batch *s, double *image)
{
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double l = (x - geom->nx / 2) * geom->cell_rad[0], m = (y - geom->ny / 2) * geom->cell_rad[1];
            double sum = 0;
            for (int64_t i = 0; i < s->n; i++) {
                double phase = -2 * M_PI * (s->u[i] * l + s->v[i] * m);
                sum += s->weight[i] * (s->re[0][i] * cos(phase) - s->im[0][i] * sin(phase));
            }
            image[(int64_t)y * geom->nx + x] = sum;
        }
}

static inline struct pc_gridder *begin(const struct pc_geom *geom, double accuracy, int nplane)
{
    const struct pc_gridder_conf conf = {.geom = *geom,
                                         .accuracy = accuracy,
                                         .nsample = nsample,
                                         .wide = wide,
                                         .nplane = nplane,
                                         .nthread = nthread};
    return pc_gridder_new(&conf, &err);
}

/* An image in the gridder's precision, as doubles. */
static inline void end(struct pc_gridder *g, const struct pc_geom *geom, double scale, double *image,
                       struct pc_tally *tally)
{
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    float *narrow = calloc((size_t)npix, sizeof *narrow);
    void *const at[1] = {wide ? (void *)image : (void *)narrow};
    pc_gridder_end(g, scale, at, NULL, tally);
    for (int64_t i = 0; !wide && i < npix; i++)
        image[i] = (double)narrow[i];
    free(narrow);
}

static inline double *grid_image(const struct pc_geom *geom, double accuracy, const struct pc_batch *s,
                                 int64_t *outside)
{
    double *image = column((int64_t)geom->nx * geom->ny);
    struct pc_gridder *g = begin(geom, accuracy, 1);
    if (!ok(g != NULL, "begun"))
        return image;
    pc_gridder_begin(g, 0);
    pc_gridder_add(g, s);
    *outside = pc_gridder_noutside(g);
    end(g, geom, 1, image, NULL);
    pc_gridder_free(g);
    return image;
}

/* Whether a pixel is of the outermost 5 % of the image. */
static inline int is_edge(const struct pc_geom *geom, int x, int y)
{
    double fx = abs(x - geom->nx / 2) / (0.5 * geom->nx), fy = abs(y - geom->ny / 2) / (0.5 * geom->ny);
    return fx > 0.95 || fy > 0.95;
}

static inline void compare(const struct pc_geom *geom, const double *got, const double *want, double limit,
                           const char *what)
{
    double diff = 0, norm = 0, edge_diff = 0, edge_norm = 0;
    for (int y = 0; y < geom->ny; y++)
        for (int x = 0; x < geom->nx; x++) {
            double w = want[(int64_t)y * geom->nx + x], d = got[(int64_t)y * geom->nx + x] - w;
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

static inline float *random_model(int64_t npix)
{
    float *model = calloc((size_t)npix, sizeof *model);
    for (int64_t i = 0; i < npix; i++)
        model[i] = (float)uniform();
    return model;
}

#endif
