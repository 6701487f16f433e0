/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_BINS_H
#define PC_GRID_BINS_H

#include "grid/batch.h"
#include "grid/gridder.h"
#include "grid/kernel.h"

/* Samples in the order of the uv plane: gathered up to a fixed number, then visited tile by tile, so that the
 * cells they touch stay in cache. Stripes of tiles reach over at most one neighbour: every other one may be
 * worked on at the same time. What is where depends on the samples alone. */

enum { PC_STRIPE = 16 }; /* columns: as wide as the widest kernel */

struct pc_place {
    int32_t u0, v0; /* first cell of the taps; u0 may be negative, 0 <= v0 < nv */
    int32_t from;   /* which sample of the batch, of those added since the bins were empty */
    bool conj;      /* it is the conjugate sample, at -u,-v, that lies in our half */
    double su, sv;  /* arguments of the kernel's polynomials */
};

struct pc_bins {
    int nplane, nu, nv;
    int64_t n, cap;
    struct pc_place *place; /* [cap] in the order of the samples */
    double *value;          /* [cap][nplane][2] Jy */
    int32_t *order;         /* [n] after a sort: tile by tile, in a tile by the order of the samples */
    int32_t *key;           /* [cap] */
    int nstripe;
    int64_t *first; /* [nstripe + 1]: where stripes begin in `order`; stripe i begins with column
                       i * PC_STRIPE - PC_KERNEL_TAPS */
    int64_t *count; /* of the tiles */
    int64_t ntile;
};

/* For grids of nu x nv cells and nsample samples or more. */
int64_t pc_bins_mem_byte(int nplane, int nu, int nv, int64_t nsample);
int pc_bins_init(struct pc_bins *b, int nplane, int nu, int nv, int64_t nsample,
                 struct pc_err *err) PC_MUST_CHECK;
void pc_bins_fini(struct pc_bins *b);
static inline bool pc_bins_full(const struct pc_bins *b)
{
    return b->n == b->cap;
}
/* The next place, for u and v in cells; its values are the caller's to fill: [nplane][2]. */
double *pc_bins_add(struct pc_bins *b, const struct pc_kernel *k, double u_cell, double v_cell, int32_t from);
void pc_bins_sort(struct pc_bins *b);

#endif
