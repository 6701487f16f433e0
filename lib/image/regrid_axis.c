/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/regrid_axis.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The integral of the hat of width 2 around 0, from -1 to x. */
static double hat_integral(double x)
{
    x = fmin(fmax(x, -1), 1);
    return x < 0 ? 0.5 * (1 + x) * (1 + x) : 1 - 0.5 * (1 - x) * (1 - x);
}

/* The pixels of the other grid whose hats the pixel from lo to hi touches. */
static void reach(double lo, double hi, int nto, int *first, int *last)
{
    *first = (int)fmin(fmax(floor(lo), 0), nto);
    *last = (int)fmax(fmin(ceil(hi), nto - 1), -1);
}

static void fill(struct pc_regrid_axis *a, const double *edge, int nto)
{
    int at = 0;
    for (int i = 0; i < a->n; i++) {
        const double lo = fmin(edge[i], edge[i + 1]), hi = fmax(edge[i], edge[i + 1]);
        int last;
        reach(lo, hi, nto, &a->first[i], &last);
        a->begin[i] = at;
        a->sum[i] = 0;
        for (int k = a->first[i]; k <= last; k++) {
            a->share[at] = (hat_integral(hi - k) - hat_integral(lo - k)) / (hi - lo);
            a->sum[i] += a->share[at++];
        }
    }
    a->begin[a->n] = at;
}

int pc_regrid_axis_new(struct pc_regrid_axis *a, const double *edge, int n, int nto, struct pc_err *err)
{
    int64_t total = 0;
    for (int i = 0; i < n; i++) {
        int first, last;
        reach(fmin(edge[i], edge[i + 1]), fmax(edge[i], edge[i + 1]), nto, &first, &last);
        total += last >= first ? last - first + 1 : 0;
    }
    *a = (struct pc_regrid_axis){.n = n};
    a->first = pc_mem_new(n, sizeof *a->first, "an axis", err);
    a->begin = a->first ? pc_mem_new((int64_t)n + 1, sizeof *a->begin, "an axis", err) : NULL;
    a->sum = a->begin ? pc_mem_new(n, sizeof *a->sum, "an axis", err) : NULL;
    a->share = a->sum ? pc_mem_new(total + 1, sizeof *a->share, "an axis", err) : NULL;
    if (a->share == NULL) {
        pc_regrid_axis_free(a);
        return -1;
    }
    fill(a, edge, nto);
    return 0;
}

void pc_regrid_axis_free(struct pc_regrid_axis *a)
{
    pc_mem_free(a->first);
    pc_mem_free(a->begin);
    pc_mem_free(a->sum);
    pc_mem_free(a->share);
    memset(a, 0, sizeof *a);
}
