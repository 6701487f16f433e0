/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_HALFPLANE_H
#define PC_GRID_HALFPLANE_H

#include "base/err.h"
#include "grid/kernel.h"

#include <stdbool.h>
#include <stdint.h>

/* The uv plane of a real image: the half with u >= 0, padded, column by column (a column has one u and all
 * v), and the transforms between it and the image. Only columns that hold something are ever cleared,
 * transformed or paid for.
 *
 * Columns u = -GUARD .. -1 and beyond nu/2, and the rows beyond nv of each column, catch the taps that reach
 * over the edges; they are folded to where they belong (u,v periodic, conjugate at -u,-v) before a transform.
 */

enum { PC_GUARD = PC_KERNEL_TAPS };

struct pc_halfplane {
    int nx, ny;     /* image */
    int nu, nv;     /* cells of the padded plane, even */
    int ncol;       /* nu/2 + 1 + 2 PC_GUARD */
    int64_t stride; /* complex cells from one column to the next, >= nv + PC_GUARD */
    float *cell;    /* [ncol][stride][2] */
    bool *open;     /* [ncol]: this column holds something */
    void *plan;     /* four FFTW plans and their buffers */
};

/* The padded size of an axis of n pixels. */
int pc_halfplane_padded(int n, double oversampling);
/* Bytes; INT64_MAX for what no machine has. */
int64_t pc_halfplane_byte(int nx, int ny, double oversampling);
int pc_halfplane_init(struct pc_halfplane *h, int nx, int ny, double oversampling,
                      struct pc_err *err) PC_MUST_CHECK;
void pc_halfplane_fini(struct pc_halfplane *h);

/* An empty plane. */
void pc_halfplane_clear(struct pc_halfplane *h);
/* Column u (-PC_GUARD <= u <= nu/2 + PC_GUARD), cleared when it was not open. */
void pc_halfplane_open(struct pc_halfplane *h, int64_t u);

/* A factor per pixel, made row by row. */
struct pc_screen {
    /* fills factor[nx] of row y, with `beyond` where there is no sky */
    void (*row)(const void *of, int y, float beyond, float *factor);
    const void *of;
    float *factor; /* [nx], room for a row */
    bool add;      /* to_image: to what the image holds */
};

/* image[y][x] = scale corr_x[x] corr_y[y] screen[y][x] Re sum over the half-plane cell exp(-2 pi i (u x/nu +
 * v y/nv)), x and y from the centre (nx/2, ny/2); screen NULL: 1. The plane is empty afterwards. */
void pc_halfplane_to_image(struct pc_halfplane *h, const float *corr_x, const float *corr_y, double scale,
                           const struct pc_screen *screen, float *image);
/* The adjoint: cell = sum image corr_x corr_y exp(+2 pi i ...), the guards filled as the plane continues. */
void pc_halfplane_from_image(struct pc_halfplane *h, const float *corr_x, const float *corr_y,
                             const struct pc_screen *screen, const float *image);

#endif
