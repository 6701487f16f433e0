/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/uvrow.h"

#include "base/clones.h"
#include "grid/real.h"

#include <math.h>

PC_CLONES void PC_REAL(pc_row_scale)(const pc_real *in, const double *factor, double f, int n, pc_real *out)
{
    for (int x = 0; x < n; x++)
        out[x] = in[x] * (pc_real)(factor[x] * f);
}

PC_CLONES void PC_REAL(pc_row_add)(const pc_real *in, const double *factor, double f, int n, pc_real *out)
{
    for (int x = 0; x < n; x++)
        out[x] += in[x] * (pc_real)(factor[x] * f);
}

PC_CLONES void PC_REAL(pc_row_take)(const float *in, const double *factor, double f, int n, pc_real *out)
{
    for (int x = 0; x < n; x++)
        out[x] = (pc_real)in[x] * (pc_real)(factor[x] * f);
}

PC_INLINE void lane(struct pc_lanes *l, int k, double v)
{
    const double is = v == v ? 1 : 0, square = v == v ? v * v : 0;
    l->n[k] += is;
    l->sum_squares[k] += square;
    l->min[k] = v < l->min[k] ? v : l->min[k];
    l->max[k] = v > l->max[k] ? v : l->max[k];
}

PC_CLONES void PC_REAL(pc_lanes_row)(struct pc_lanes *l, const pc_real *row, int n)
{
    struct pc_lanes sum = *l;
    int x = 0;
    for (; x + PC_NLANE <= n; x += PC_NLANE)
        for (int k = 0; k < PC_NLANE; k++)
            lane(&sum, k, (double)row[x + k]);
    for (int k = 0; x + k < n; k++)
        lane(&sum, k, (double)row[x + k]);
    *l = sum;
}

#ifndef PC_WIDE
PC_CLONES void pc_row_times(double *factor, const double *by, int n)
{
    for (int x = 0; x < n; x++)
        factor[x] *= by[x];
}

void pc_lanes_clear(struct pc_lanes *l)
{
    for (int k = 0; k < PC_NLANE; k++) {
        l->n[k] = l->sum_squares[k] = 0;
        l->min[k] = INFINITY;
        l->max[k] = -INFINITY;
    }
}

void pc_lanes_sum(const struct pc_lanes *l, int64_t m, struct pc_tally *out)
{
    *out = (struct pc_tally){.min = INFINITY, .max = -INFINITY};
    for (int64_t i = 0; i < m; i++)
        for (int k = 0; k < PC_NLANE; k++) {
            out->n += (int64_t)l[i].n[k];
            out->sum_squares += l[i].sum_squares[k];
            out->min = fmin(out->min, l[i].min[k]);
            out->max = fmax(out->max, l[i].max[k]);
        }
}
#endif
