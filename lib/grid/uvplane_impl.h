/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_UVPLANE_IMPL_H
#define PC_GRID_UVPLANE_IMPL_H

#include "grid/real.h"
#include "grid/uvplane.h"

#include <fftw3.h>

/* What the sources of the uv planes share: uvplane.c holds the cells, uvimage.c and uvmodel.c transform
 * them. */

/* Rows are transformed BAND at a time: a column then gives or takes whole cache lines. */
enum { BAND = PC_ROW_BAND, GUARD = PC_KERNEL_TAPS };

/* A thread's own rows. */
struct room {
    pc_real *half;  /* [BAND][half_stride][2]: rows of the half-plane */
    pc_real *full;  /* [nu]: one row of the padded image */
    pc_real *image; /* [BAND][nx]: rows of the image */
    pc_real *twin;  /* [BAND][nx]: those like them on the other side of the centre; only where it is even */
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

/* Cell (or padded pixel) of image pixel i of n: the centre n/2 is at 0. */
static inline int64_t wrapped(int64_t i, int64_t n, int64_t npad)
{
    int64_t k = i - n / 2;
    return k < 0 ? k + npad : k;
}

/* Where rows y0 .. y0+nrow-1 of the image are in a column. */
static inline void rows_of(const struct pc_uvplane *g, int y0, int nrow, int64_t *v)
{
    for (int r = 0; r < nrow; r++)
        v[r] = wrapped(y0 + r, g->conf.ny, g->nv);
}

static inline int rows_in_band(int ny, int y0)
{
    return ny - y0 < BAND ? ny - y0 : BAND;
}

static inline int64_t nband(int nrow)
{
    return (nrow + BAND - 1) / BAND;
}

/* The factors of row y of the image: of its western half, and of the rest. */
static inline void factors_of(const struct pc_uvplane *g, const struct pc_screen *s, const struct room *room,
                              int y, double beyond, double f, struct pc_row half[2])
{
    const int mid = g->conf.nx / 2;
    const double *screen = NULL;
    if (s != NULL) {
        s->row(s->of, y, beyond, room->factor);
        screen = room->factor;
    }
    half[0] = (struct pc_row){g->corr_x, screen, f * g->corr_y[y], mid};
    half[1] =
        (struct pc_row){g->corr_x + mid, screen == NULL ? NULL : screen + mid, half[0].f, g->conf.nx - mid};
}

/* Column u of all planes, cleared when it was not open. */
void PC_REAL(pc_uvplane_open)(struct pc_uvplane *g, int64_t u);
void PC_REAL(pc_uvplane_clear)(struct pc_uvplane *g);
/* Adds the conjugate of column `from` at -v to column `to`. */
void PC_REAL(pc_uvplane_fold_column)(struct pc_uvplane *g, int64_t from, int64_t to);
void PC_REAL(pc_uvplane_to_image)(struct pc_uvplane *g, double scale, const struct pc_screen *screen,
                                  void *const *image, const struct pc_row_taker *taker,
                                  struct pc_tally *tally);
void PC_REAL(pc_uvplane_from_image)(struct pc_uvplane *g, int max_col, const struct pc_screen *screen,
                                    const float *const *image);

#endif
