/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/contour.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The corners of a cell, clockwise from its upper left, and where on its edges (from corner k to k+1) the
 * level is crossed. */
struct cell {
    double v[4], level, x, y;
};

static void crossing(const struct cell *c, int edge, double *x, double *y)
{
    static const double dx[4] = {0, 1, 1, 0}, dy[4] = {0, 0, 1, 1};
    int to = (edge + 1) % 4;
    double t = (c->level - c->v[edge]) / (c->v[to] - c->v[edge]);
    *x = c->x + dx[edge] + t * (dx[to] - dx[edge]);
    *y = c->y + dy[edge] + t * (dy[to] - dy[edge]);
}

static bool crossed(const struct cell *c, int edge)
{
    return (c->v[edge] >= c->level) != (c->v[(edge + 1) % 4] >= c->level);
}

static void trace_cell(const struct cell *c, void (*line)(void *, double, double, double, double), void *ctx)
{
    int n = 0;
    double x[4], y[4];
    for (int k = 0; k < 4; k++)
        if (crossed(c, k)) {
            crossing(c, k, &x[n], &y[n]);
            n++;
        }
    /* A saddle: of the two ways to join four points, the one that keeps corner 0 apart when the middle is not
     * on its side. */
    bool middle = c->v[0] + c->v[1] + c->v[2] + c->v[3] >= 4 * c->level;
    int first = n == 4 && middle != (c->v[0] >= c->level) ? 1 : 0;
    for (int k = 0; k + 1 < n; k += 2) {
        int a = (k + n - first) % n, b = (a + 1) % n;
        line(ctx, x[a], y[a], x[b], y[b]);
    }
}

void pc_contour_trace(const float *value, int width, int height, double level,
                      void (*line)(void *ctx, double x0, double y0, double x1, double y1), void *ctx)
{
    for (int j = 0; j + 1 < height; j++)
        for (int i = 0; i + 1 < width; i++) {
            const float *v = value + (int64_t)j * width + i;
            struct cell c = {{(double)v[0], (double)v[1], (double)v[width + 1], (double)v[width]},
                             level,
                             i + 0.5,
                             j + 0.5};
            if (isfinite(c.v[0] + c.v[1] + c.v[2] + c.v[3]))
                trace_cell(&c, line, ctx);
        }
}

int pc_contour_levels(const char *s, double peak, double level[PC_MAX_CONTOUR], struct pc_err *err)
{
    int n = 0;
    if (!strcmp(s, "auto")) {
        level[n++] = -3;
        for (double v = 3; n < PC_MAX_CONTOUR && v < peak; v *= 2)
            level[n++] = v;
        return n;
    }
    for (const char *p = s; *p;) {
        char *end;
        double v = strtod(p, &end);
        if (end == p || !isfinite(v) || (*end && *end != ',') || (*end == ',' && !end[1]))
            return pc_err_set(err, PC_EX_USAGE,
                              "--contours %s: a list of levels in units of the noise is wanted, like 3,6,12, "
                              "or auto",
                              s);
        if (n == PC_MAX_CONTOUR)
            return pc_err_set(err, PC_EX_USAGE, "--contours %s: at most %d levels", s, PC_MAX_CONTOUR);
        level[n++] = v;
        p = *end ? end + 1 : end;
    }
    return n;
}
