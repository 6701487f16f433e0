/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_UVPLANE_IMPL_H
#define PC_GRID_UVPLANE_IMPL_H

#include "grid/real.h"
#include "grid/uvplane.h"

#include <fftw3.h>

/* What the sources of the uv planes share: uvplane.c holds the cells, uvimage.c transforms them. */

/* Rows are transformed BAND at a time: a column then gives or takes whole cache lines. */
enum { BAND = 16, GUARD = PC_KERNEL_TAPS };

/* A thread's own rows. */
struct room {
    pc_real *half;  /* [BAND][half_stride][2]: rows of the half-plane */
    pc_real *full;  /* [nu]: one row of the padded image */
    pc_real *image; /* [BAND][nx]: rows of the image */
    double *factor; /* [nx]: a row of the screen */
};

/* Columns u = -GUARD .. -1 and beyond nu/2, and the rows beyond nv of each column, catch the taps that reach
 * over the edges; they are folded to where they belong (u,v periodic, conjugate at -u,-v) before a
 * transform. */
struct pc_uvplane {
    struct pc_uvplane_conf conf;
    int nu, nv, ncol;
    int64_t stride; /* complex cells from one column to the next, >= nv + GUARD */
    int64_t half_stride;
    pc_real *cell[PC_MAX_POL]; /* [ncol][stride][2] */
    bool *open;                /* [ncol]: this column holds something, in all planes */
    int *used, nused;          /* columns 0 .. nu/2 that are open, when a transform begins */
    double *corr_x, *corr_y;
    struct room *room;      /* [nthread] */
    struct pc_lanes *tally; /* [bands] */
    PC_FFTW(plan) col_to_image, col_from_image, row_to_image, row_from_image;
};

static inline pc_real *column(const struct pc_uvplane *g, int plane, int64_t u)
{
    return g->cell[plane] + 2 * (u + GUARD) * g->stride;
}

static inline bool is_open(const struct pc_uvplane *g, int64_t u)
{
    return g->open[u + GUARD];
}

/* Column u of all planes, cleared when it was not open. */
void PC_REAL(pc_uvplane_open)(struct pc_uvplane *g, int64_t u);
void PC_REAL(pc_uvplane_clear)(struct pc_uvplane *g);
void PC_REAL(pc_uvplane_to_image)(struct pc_uvplane *g, double scale, const struct pc_screen *screen,
                                  void *const *image, const struct pc_row_taker *taker,
                                  struct pc_tally *tally);
void PC_REAL(pc_uvplane_from_image)(struct pc_uvplane *g, int max_col, const struct pc_screen *screen,
                                    const float *const *image);

#endif
