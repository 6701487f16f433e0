/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGRID_AXIS_H
#define PC_IMAGE_REGRID_AXIS_H

#include "base/err.h"

/* One axis of a regridding in which columns fall on columns and rows on rows: what share of pixel i each
 * pixel of the other grid gets. A pixel reaches from one edge to the next, in pixels of the other grid; its
 * flux is even, and each point of it is dealt to the two pixel centres around it. Part of image/regrid.c. */

struct pc_regrid_axis {
    int n;         /* pixels */
    int *first;    /* [n]: the first pixel of the other grid that gets something */
    int *begin;    /* [n + 1]: the shares of pixel i are share[begin[i]] ... share[begin[i + 1] - 1] */
    double *share; /* of neighbours from first[i] on */
    double *sum;   /* [n]: of its shares; 1 but for what is beyond the other grid */
};

/* edge[n + 1], ascending or descending; the other grid has nto pixels. */
int pc_regrid_axis_new(struct pc_regrid_axis *a, const double *edge, int n, int nto,
                       struct pc_err *err) PC_MUST_CHECK;
void pc_regrid_axis_free(struct pc_regrid_axis *a);

#endif
