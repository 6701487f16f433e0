/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_IMPL_H
#define PC_GRID_DIRECT_IMPL_H

#include "grid/direct.h"

/* Private to lib/grid/direct*.c: the components in the order of their pixels, and two engines that sum over
 * them. */

enum { PC_DIRECT_LANES64 = 8, PC_DIRECT_LANES32 = 16 };

/* Columns (or rows) that hold components, as pixels from the phase centre, increasing. Their waves come from
 * two tables: number k is wave low[(k - first) & (nlow-1)] times high[(k - first) >> nlow_bit]. Where there
 * are few, each takes its own sine and cosine: nhigh is 0. */
struct pc_direct_axis {
    int n;
    int *k;
    int first, low_bit, nlow, nhigh;
};

struct pc_direct {
    struct pc_direct_conf conf;
    int64_t n;
    struct pc_direct_axis col, row;
    int64_t *row_begin; /* [row.n + 1]: components of a row */
    int *at_col;        /* [n]: which of the columns */
    int *at_row;        /* [n] */
    float *value;       /* [nplane][n] */
    double *nh, *nl;    /* [n]: n-1 as a sum, nh of at most 24 bits; NULL without the w-term */
    char *work;         /* per thread */
    int64_t work_byte;  /* of one thread */
};

/* Bytes of working memory of a thread. */
int64_t pc_direct_work64_byte(const struct pc_direct *d);
int64_t pc_direct_work32_byte(const struct pc_direct *d);
/* Samples begin .. end-1 of a batch. */
void pc_direct_sum64(const struct pc_direct *d, struct pc_batch *b, int64_t begin, int64_t end, void *work);
void pc_direct_sum32(const struct pc_direct *d, struct pc_batch *b, int64_t begin, int64_t end, void *work);

#endif
