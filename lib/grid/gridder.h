/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_GRIDDER_H
#define PC_GRID_GRIDDER_H

#include "base/err.h"
#include "grid/batch.h"
#include "grid/uvrow.h"

#include <stdbool.h>
#include <stdint.h>

/* A gridder: sums visibilities into the images of a channel's planes, and predicts visibilities from images.
 * The two are exact adjoints.
 *
 *   image(l,m) = Re sum_k weight_k V_k exp(-2 pi i (u l + v m + w(n-1)))      not normalised
 *   V_k        = sum_lm image exp(+2 pi i (u l + v m + w(n-1)))
 * with u,v,w in wavelengths as stored in an MS, l,m of the pixel centres. Without the w-term n-1 is taken as
 * 0; with it, it is exact, pixels beyond the horizon (l^2+m^2 >= 1) are NaN in images and not looked at in
 * models. Relative L2 error over the whole image, edges and corners included, at most `accuracy`.
 *
 * The w-term is a sum of terms (grid/wterm.h); all samples pass once for each, as they do once without:
 *
 *   for term in 0 .. nterm-1: begin(term), add() every batch, end()
 *   for term in 0 .. nterm-1: model(term), predict() every batch
 * The same bytes for any number of threads and any size of batches. Not thread-safe itself. */

struct pc_geom {
    int nx, ny;
    double cell_rad[2]; /* l and m per pixel; cell_rad[0] < 0; the phase centre is pixel (nx/2, ny/2) */
};

struct pc_gridder_conf {
    struct pc_geom geom;
    double accuracy;
    bool wide; /* in double precision: accuracies to 1e-12, else to 1e-6 */
    bool wterm;
    double max_u;              /* the largest |u| there will be, wavelengths; 0: it is not known */
    double max_w;              /* the largest |w|: with the w-term, samples above are beyond the grid */
    int nterm;                 /* terms of the w-term; 0: as many as a sample of the largest |w| needs */
    int64_t nsample;           /* about how many there will be: what is cheapest depends on it */
    int nplane, nthread;       /* 0: 1 */
    bool no_images, no_models; /* end(), or model(), will not be called */
    bool even; /* all values are real and there is no w-term: images are the same at (-l,-m), and half of them
                  is transformed */
};

struct pc_gridder;
/* PC_EX_USAGE for an accuracy there is none for, PC_EX_NOMEM. */
struct pc_gridder *pc_gridder_new(const struct pc_gridder_conf *conf, struct pc_err *err) PC_MUST_CHECK;
void pc_gridder_free(struct pc_gridder *g);
/* Bytes held at the peak, images aside; INT64_MAX for what no machine has. Of the uv plane only what max_u
 * says is reached: without it all. */
int64_t pc_gridder_mem_byte(const struct pc_gridder_conf *conf);
/* What prediction of all samples takes one core of about 2023, seconds. */
double pc_gridder_predict_s(const struct pc_gridder_conf *conf);
int pc_gridder_nterm(const struct pc_gridder *g);

/* An empty grid, for that term. */
void pc_gridder_begin(struct pc_gridder *g, int term);
/* Adds samples. Those beyond the grid, where a pixel holds more than half a turn, do not take part (nor those
 * without a position). */
void pc_gridder_add(struct pc_gridder *g, const struct pc_batch *b);
/* Samples beyond the grid since begin(). */
int64_t pc_gridder_noutside(const struct pc_gridder *g);
/* Transforms what was added, times `scale`, into image[plane][ny][nx]: float, or double when wide. Term 0
 * overwrites, the others add. The grid is used up. taker: NULL, or who gets the rows of the images as they
 * are; where there is but one term, images need not be held for it (image NULL). tally: NULL, or [nplane], of
 * the images as they are. */
void pc_gridder_end(struct pc_gridder *g, double scale, void *const *image, const struct pc_row_taker *taker,
                    struct pc_tally *tally);

/* Takes the models image[plane][ny][nx]; they are borrowed until it returns. */
void pc_gridder_model(struct pc_gridder *g, int term, const float *const *image);
/* Adds to re,im of samples what the term makes of the model (weight is not looked at): nothing to those
 * beyond the grid. */
void pc_gridder_predict(struct pc_gridder *g, struct pc_batch *b);

/* Whether a sample lies on the grid: |u cell|, |v cell| <= 1/2 (false for NaN). */
bool pc_geom_holds(const struct pc_geom *geom, double u, double v);
/* The largest phase that n-1 = 0 neglects: 2 pi max_w (1-n) in the farthest corner, radians. */
double pc_geom_wphase_rad(const struct pc_geom *geom, double max_w);

#endif
