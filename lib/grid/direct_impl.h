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
    double *height_high, *height_low; /* [n]: sqrt(1-l^2)-1, when the w-term is taken apart */
};

/* Components of one row; not too many, so that sums in single precision stay short. */
struct pc_direct_run {
    int64_t begin, end;
    int row;
};

/* The w-term, taken apart: with f(l) = sqrt(1-l^2) - 1 and n-1 = f(l) + f(m) + rest, the factors of f go with
 * columns and rows, and that of the small rest, |2 pi w rest| <= x, is a Taylor series of few terms:
 *
 *   exp(2 pi i w rest) = sum_j (2 pi i w most_rest)^j / j! (rest/most_rest)^j
 *
 * so that it takes sums of flux (rest/most_rest)^j as it takes sums of the flux of more planes. */
enum { PC_DIRECT_MAX_TERM = 4 };

struct pc_direct {
    struct pc_direct_conf conf;
    int64_t n, nrun;
    struct pc_direct_axis col, row;
    struct pc_direct_run *run;
    int *at_col;      /* [n]: which of the columns */
    int nterm;        /* 1, or of the series */
    double most_rest; /* 0: nothing is neglected with one term */
    double *value;    /* [nplane][nterm][n] */
    float *value32;   /* the same, in single precision; else NULL */
    bool apart;       /* the w-term is */
    double *nh,
        *nl;    /* [n]: n-1 as a sum, nh of at most 24 bits; NULL when there is no w-term or it is apart */
    char *work; /* per thread */
    int64_t work_byte; /* of one thread, a multiple of 64 */
};

/* Nanoseconds that one sample takes with the w-term taken apart into nterm (0: not apart), or without w-term.
 */
double pc_direct_sample_ns(const struct pc_direct *d, int nterm);
/* Whether the waves of n columns in a range of `length` pixels are cheaper by tables. */
bool pc_direct_table_pays(const struct pc_direct_conf *conf, int n, int length);
/* Heights of the components, and whether the w-term is taken apart; sets what of d depends on it. at[n]:
 * their pixels; value is [nplane][n] before and [nplane][nterm][n] after. */
int pc_direct_take_heights(struct pc_direct *d, const int64_t *at, struct pc_err *err) PC_MUST_CHECK;

/* Samples at .. at+n-1 of a batch, n <= 16, each in its lane; the other lanes hold a sample at 0, 0, 0. */
struct pc_direct_block {
    double u[16], v[16], w[16];
    double re[PC_MAX_POL][16], im[PC_MAX_POL][16];
} __attribute__((aligned(64)));

/* Bytes of working memory for a thread, and the sums for the samples of a block; `full`: each component takes
 * its own phase in w. */
int64_t pc_direct_work64_byte(const struct pc_direct *d);
int64_t pc_direct_work32_byte(const struct pc_direct *d);
void pc_direct_sum64(const struct pc_direct *d, struct pc_direct_block *b, bool full, void *work);
void pc_direct_sum32(const struct pc_direct *d, struct pc_direct_block *b, bool full, void *work);

#endif
