/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_IMPL_H
#define PC_GRID_DIRECT_IMPL_H

#include "grid/direct.h"

/* Private to lib/grid/direct*.c: the components in the order of their pixels, and two engines that sum over
 * them. */

/* Columns (or rows) that hold components, as pixels from the phase centre, increasing. Their waves come from
 * two tables: that of k is low[(k - first) % nlow] times high[(k - first) / nlow]. Where there are few, each
 * takes its own sine and cosine: nhigh is 0. */
struct pc_direct_axis {
    int n;
    int *k;
    int *low, *high; /* [n]: entries of the tables */
    int first, nlow, nhigh;
};

/* Components of one row; not too many, so that sums in single precision stay short. */
struct pc_direct_run {
    int64_t begin, end;
    int row;
};

struct pc_direct {
    struct pc_direct_conf conf;
    int64_t n, nrun;
    struct pc_direct_axis col, row;
    struct pc_direct_run *run;
    int *at_col;       /* [n]: which of the columns */
    float *value;      /* [nplane][n] */
    double *nh, *nl;   /* [n]: n-1 as a sum, nh of at most 24 bits; NULL without the w-term */
    char *work;        /* per thread */
    int64_t work_byte; /* of one thread, a multiple of 64 */
};

/* Samples at .. at+n-1 of a batch, n <= 16, each in its lane; the other lanes hold a sample at 0, 0, 0. */
struct pc_direct_block {
    double u[16], v[16], w[16];
    double re[PC_MAX_POL][16], im[PC_MAX_POL][16];
} __attribute__((aligned(64)));

/* Bytes of working memory for a thread, and the sums for the samples of a block. */
int64_t pc_direct_work64_byte(const struct pc_direct *d);
int64_t pc_direct_work32_byte(const struct pc_direct *d);
void pc_direct_sum64(const struct pc_direct *d, struct pc_direct_block *b, void *work);
void pc_direct_sum32(const struct pc_direct *d, struct pc_direct_block *b, void *work);

#endif
