/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_UVPLANE_H
#define PC_GRID_UVPLANE_H

#include "grid/bins.h"
#include "grid/kernel.h"
#include "grid/uvrow.h"

/* The uv planes of the real images of a channel: of each its half with u >= 0, padded, column by column (a
 * column has one u and all v), and the ways on and off: samples spread by the kernel's taps and collected
 * with the same taps, the transform to the image and its adjoint. Only columns that hold something are ever
 * cleared, transformed or paid for.
 *
 * The cells hold the conjugate of the uv plane: a transform to real numbers then wants them as they are. In
 * single and in double precision; the bytes do not depend on the number of threads. */

struct pc_uvplane_conf {
    int nx, ny;                     /* image */
    const struct pc_kernel *kernel; /* borrowed */
    int nplane, nthread;
    bool images, predicts; /* which of the transforms there will be: to_image(), from_image() */
    bool even; /* values and screens are real: images are the same at (-l,-m), half of their rows are made */
};

/* A factor per pixel, made row by row. */
struct pc_screen {
    /* fills factor[nx] of row y, with `beyond` where there is no sky; may be called by several threads */
    void (*row)(const void *of, int y, double beyond, double *factor);
    const void *of;
    bool add; /* to_image: to what the image holds */
};

struct pc_uvplane;
struct pc_uvplane_ops {
    /* Bytes of all planes when columns up to max_col are used, INT64_MAX for what no machine has. */
    int64_t (*mem_byte)(const struct pc_uvplane_conf *conf, int max_col);
    struct pc_uvplane *(*new)(const struct pc_uvplane_conf *conf, struct pc_err *err);
    void (*free)(struct pc_uvplane *g);
    void (*clear)(struct pc_uvplane *g);
    /* Adds the values of sorted bins ... */
    void (*spread)(struct pc_uvplane *g, const struct pc_bins *b);
    /* ... or fills them. */
    void (*collect)(const struct pc_uvplane *g, struct pc_bins *b);
    /* image[plane][y][x] = scale corr[x] corr[y] screen[y][x] Re sum over the half-plane; float, or double
     * with the double one; screen NULL: 1. The planes are empty afterwards. image NULL: the taker alone gets
     * its rows, and nothing is added to. taker NULL: nobody. tally NULL or [nplane]. */
    void (*to_image)(struct pc_uvplane *g, double scale, const struct pc_screen *screen, void *const *image,
                     const struct pc_row_taker *taker, struct pc_tally *tally);
    /* The adjoint. Columns beyond `max_col` are not wanted. */
    void (*from_image)(struct pc_uvplane *g, int max_col, const struct pc_screen *screen,
                       const float *const *image);
};
extern const struct pc_uvplane_ops pc_uvplane_f32, pc_uvplane_f64;

/* The cells of an axis of n pixels, even. */
int pc_uvplane_cells(int n, double oversampling);

#endif
