/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_GRIDDER_H
#define PC_GRID_GRIDDER_H

#include "base/err.h"

#include <stdint.h>

/* A gridder: sums visibilities into an image, and predicts visibilities from one. The two are exact adjoints.
 *
 *   image(l,m) = Re sum_k weight_k V_k exp(-2 pi i (u l + v m + w(n-1)))      not normalised
 *   V_k        = sum_lm image exp(+2 pi i (u l + v m + w(n-1)))
 * with u,v,w in wavelengths as stored in an MS, l,m of the pixel centres. Engines are chosen by name. "2d"
 * takes n-1 = 0, "w" is exact; pixels beyond the horizon (l^2+m^2 >= 1) are NaN in its images and not looked
 * at in its models. Relative L2 error over the whole image, edges and corners included, at most `accuracy`.
 */

struct pc_geom {
    int nx, ny;
    double cell_rad[2]; /* l and m per pixel; cell_rad[0] < 0; the phase centre is pixel (nx/2, ny/2) */
};

/* Samples of one plane, a batch at a time; arrays are borrowed. */
struct pc_samples {
    int64_t n;
    double *u, *v, *w; /* wavelengths */
    float *re, *im;    /* Jy */
    float *weight;     /* 0: passed over */
};

struct pc_gridder_conf {
    struct pc_geom geom;
    double accuracy;
    int64_t nsample; /* about how many there will be: what is cheapest depends on it */
    double max_w;    /* the largest |w|, wavelengths: for "w" samples above are beyond the grid */
};

struct pc_gridder;
struct pc_gridder_ops {
    const char *name;
    double best_accuracy; /* finer requests are refused */
    /* bytes an engine holds at its peak, for pc-memest: prediction included, and when model() is never
     * called. INT64_MAX for what no machine has */
    int64_t (*mem_byte)(const struct pc_gridder_conf *conf);
    int64_t (*image_mem_byte)(const struct pc_gridder_conf *conf);
    struct pc_gridder *(*new)(const struct pc_gridder_conf *conf, struct pc_err *err);
    int (*clear)(struct pc_gridder *g, struct pc_err *err);
    /* Adds samples to the grid. Those beyond it, where a pixel holds more than half a turn, are counted in
     * *outside (as are those without a position) and do not take part. */
    int (*add)(struct pc_gridder *g, const struct pc_samples *s, int64_t *outside, struct pc_err *err);
    /* Transforms what was added; overwrites image[ny][nx], times `scale`. The grid is used up. */
    int (*image)(struct pc_gridder *g, double scale, float *image, struct pc_err *err);
    /* Subtracts the model given before from the samples that were added and not yet made an image of. NULL:
     * the engine does not hold them, and predict() is cheap for every batch. */
    int (*subtract)(struct pc_gridder *g, struct pc_err *err);
    /* Takes a model image (borrowed until the engine is freed), then fills re/im of samples (weight is not
     * looked at); those beyond the grid get 0. */
    int (*model)(struct pc_gridder *g, const float *image, struct pc_err *err);
    int (*predict)(struct pc_gridder *g, struct pc_samples *s, struct pc_err *err);
    void (*free)(struct pc_gridder *g);
};

/* NULL when no engine has that name. */
const struct pc_gridder_ops *pc_gridder_find(const char *name);
/* Whether a sample lies on the grid of every engine: |u cell|, |v cell| <= 1/2 (false for NaN). */
int pc_geom_holds(const struct pc_geom *geom, double u, double v);
/* The largest phase that n-1 = 0 neglects: 2 pi max_w (1-n) in the farthest corner, radians. */
double pc_geom_wphase_rad(const struct pc_geom *geom, double max_w);

#endif
