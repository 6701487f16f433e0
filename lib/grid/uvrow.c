/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/uvrow.h"

#include "base/clones.h"
#include "grid/real.h"

#include <math.h>
#include <stddef.h>

/* Only one of the loops is left where this is called with constants. */
PC_INLINE double factor_of(const struct pc_row *r, int x, bool screen)
{
    return screen ? r->corr[x] * r->f * r->screen[x] : r->corr[x] * r->f;
}

PC_CLONES void PC_REAL(pc_row_put)(const struct pc_row *r, const pc_real *in, bool add, pc_real *out)
{
    const int n = r->n;
    if (r->screen == NULL)
        for (int x = 0; x < n; x++)
            out[x] = in[x] * (pc_real)factor_of(r, x, false);
    else if (!add)
        for (int x = 0; x < n; x++)
            out[x] = in[x] * (pc_real)factor_of(r, x, true);
    else
        for (int x = 0; x < n; x++)
            out[x] += in[x] * (pc_real)factor_of(r, x, true);
}

PC_CLONES void PC_REAL(pc_row_take)(const struct pc_row *r, const float *in, pc_real *out)
{
    const int n = r->n;
    if (r->screen == NULL)
        for (int x = 0; x < n; x++)
            out[x] = (pc_real)in[x] * (pc_real)factor_of(r, x, false);
    else
        for (int x = 0; x < n; x++)
            out[x] = (pc_real)in[x] * (pc_real)factor_of(r, x, true);
}

PC_CLONES void PC_REAL(pc_row_mirror)(int n, const pc_real *restrict last, pc_real *restrict out)
{
    for (int i = 0; i < n; i++)
        out[i] = last[-i];
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
