/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/region_fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a pixel: what rounding may do to a centre that lies on a border. */
static const double SLACK = 1e-6;

/* Pixels first..last have their centres in lo..hi. */
static void span(double lo, double hi, int n, int *first, int *last)
{
    *first = (int)fmin(fmax(ceil(lo - SLACK), 0), n);
    *last = (int)fmax(fmin(floor(hi + SLACK), n - 1), -1);
}

static void fill_row(const struct pc_fill *f, int y, double lo, double hi)
{
    int first, last;
    span(lo, hi, f->nx, &first, &last);
    if (first <= last)
        memset(f->mask + (int64_t)y * f->nx + first, f->value, (size_t)(last - first) + 1);
}

void pc_fill_corners(const struct pc_fill *f, const double a[2], const double b[2])
{
    int first, last;
    span(fmin(a[1], b[1]), fmax(a[1], b[1]), f->ny, &first, &last);
    for (int y = first; y <= last; y++)
        fill_row(f, y, fmin(a[0], b[0]), fmax(a[0], b[0]));
}

static bool inside(const struct pc_region *r, double along, double across, double slack)
{
    double a = r->a + slack, b = r->b + slack;
    if (r->shape == PC_REGION_BOX)
        return fabs(along) <= a && fabs(across) <= b;
    double p = along / a, q = across / b;
    return p * p + q * q <= 1 && (r->inner <= 0 || hypot(along, across) > r->inner + slack);
}

void pc_fill_round(const struct pc_fill *f, const struct pc_region *r, const double centre[2],
                   const double unit[2])
{
    double c = cos(r->angle_rad), s = sin(r->angle_rad), slack = SLACK * fmin(unit[0], unit[1]);
    double reach = r->shape == PC_REGION_BOX ? hypot(r->a, r->b) : fmax(r->a, r->b);
    int x0, x1, y0, y1;
    span(centre[0] - reach / unit[0], centre[0] + reach / unit[0], f->nx, &x0, &x1);
    span(centre[1] - reach / unit[1], centre[1] + reach / unit[1], f->ny, &y0, &y1);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double u = (x - centre[0]) * unit[0], v = (y - centre[1]) * unit[1];
            if (inside(r, u * c + v * s, v * c - u * s, slack))
                f->mask[(int64_t)y * f->nx + x] = f->value;
        }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What of an edge lies on the row itself: the crossing, or all of a level edge. */
static void fill_edge(const struct pc_fill *f, int y, const double a[2], const double b[2])
{
    if (fmin(a[1], b[1]) > y + SLACK || fmax(a[1], b[1]) < y - SLACK)
        return;
    if (fabs(a[1] - b[1]) <= 2 * SLACK) {
        fill_row(f, y, fmin(a[0], b[0]), fmax(a[0], b[0]));
        return;
    }
    double t = fmin(fmax((y - a[1]) / (b[1] - a[1]), 0), 1), x = a[0] + t * (b[0] - a[0]);
    fill_row(f, y, x, x);
}

int pc_fill_polygon(const struct pc_fill *f, double (*xy)[2], int n, struct pc_err *err)
{
    double lo = INFINITY, hi = -INFINITY, *cross = malloc((size_t)(n > 0 ? n : 1) * sizeof *cross);
    int y0, y1;
    if (!cross)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a polygon of %d points", n);
    for (int i = 0; i < n; i++) {
        lo = fmin(lo, xy[i][1]);
        hi = fmax(hi, xy[i][1]);
    }
    span(lo, hi, f->ny, &y0, &y1);
    for (int y = y0; y <= y1; y++) {
        int m = 0;
        for (int i = 0; i < n; i++) {
            const double *a = xy[i], *b = xy[(i + 1) % n];
            fill_edge(f, y, a, b);
            if ((a[1] <= y) != (b[1] <= y))
                cross[m++] = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        }
        qsort(cross, (size_t)m, sizeof *cross, by_value);
        for (int i = 0; i + 1 < m; i += 2)
            fill_row(f, y, cross[i], cross[i + 1]);
    }
    free(cross);
    return 0;
}
