/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/regrid.h"

#include "base/mem.h"
#include "image/regrid_axis.h"
#include "image/skymap.h"

#include <math.h>
#include <string.h>

/* Shares below this are the rounding of edges that coincide. */
#define NOTHING 1e-7

/* A convex polygon: a square cut by the four sides of another has at most eight corners. */
struct polygon {
    double x[10][2];
    int n;
};

struct regrid {
    const struct pc_imhead *from, *to;
    struct pc_skymap map;
    double *corner[2]; /* of a row's pixels in pixels of `to`, [nx + 1][2]: southern, northern */
    float *sum;
};

/* What lies at or beyond `at` along the axis (side 1), or before it (-1). */
static void cut(const struct polygon *in, int axis, double at, int side, struct polygon *out)
{
    out->n = 0;
    for (int i = 0; i < in->n; i++) {
        const double *a = in->x[i], *b = in->x[i + 1 < in->n ? i + 1 : 0];
        const double da = side * (a[axis] - at), db = side * (b[axis] - at);
        if (da >= 0) {
            out->x[out->n][0] = a[0];
            out->x[out->n++][1] = a[1];
        }
        if ((da < 0) != (db < 0) && da != 0 && db != 0) {
            const double t = da / (da - db);
            out->x[out->n][axis] = at;
            out->x[out->n++][1 - axis] = a[1 - axis] + t * (b[1 - axis] - a[1 - axis]);
        }
    }
}

/* Over a polygon: 1, x, y and xy. */
struct moments {
    double one, x, y, xy;
};

/* Triangle by triangle; the integral of xy is area/12 (sum x sum y + sum xy) over the corners. */
static struct moments integrate(const struct polygon *p, double x0, double y0)
{
    struct moments m = {0};
    for (int i = 2; i < p->n; i++) {
        const double x[3] = {p->x[0][0] - x0, p->x[i - 1][0] - x0, p->x[i][0] - x0};
        const double y[3] = {p->x[0][1] - y0, p->x[i - 1][1] - y0, p->x[i][1] - y0};
        const double area = 0.5 * ((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]));
        const double sx = x[0] + x[1] + x[2], sy = y[0] + y[1] + y[2];
        m.one += area;
        m.x += area * sx / 3;
        m.y += area * sy / 3;
        m.xy += area * (sx * sy + x[0] * y[0] + x[1] * y[1] + x[2] * y[2]) / 12;
    }
    return m;
}

/* The squares between pixel centres that the polygon touches: *first has pixels -1 and 0 at its sides if it
 * is -1. */
static void range(const struct polygon *p, int axis, int n, int *first, int *last)
{
    double lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < p->n; i++) {
        lo = fmin(lo, p->x[i][axis]);
        hi = fmax(hi, p->x[i][axis]);
    }
    *first = (int)fmax(floor(lo), -1);
    *last = (int)fmin(floor(hi), n - 1);
}

/* What lies between four pixel centres goes to these four; returns the share that found a pixel. */
static double deal(struct regrid *g, const struct polygon *piece, int x, int y, double value, double whole)
{
    const struct moments m = integrate(piece, x, y);
    const double weight[2][2] = {{m.one - m.x - m.y + m.xy, m.x - m.xy}, {m.y - m.xy, m.xy}};
    double placed = 0;
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2; i++) {
            const double share = weight[j][i] / whole;
            if (share <= NOTHING || x + i < 0 || x + i >= g->to->nx || y + j < 0 || y + j >= g->to->ny)
                continue;
            g->sum[(int64_t)(y + j) * g->to->nx + x + i] += (float)(value * share);
            placed += share;
        }
    return placed;
}

/* Hands the value out; returns the share that found a place. */
static double spread(struct regrid *g, const struct polygon *patch, double value)
{
    const double whole = integrate(patch, patch->x[0][0], patch->x[0][1]).one;
    double placed = 0;
    int y0, y1, x0, x1;
    if (whole == 0)
        return 0;
    range(patch, 1, g->to->ny, &y0, &y1);
    for (int y = y0; y <= y1; y++) {
        struct polygon above, strip, right, piece;
        cut(patch, 1, y, 1, &above);
        cut(&above, 1, y + 1, -1, &strip);
        if (strip.n < 3)
            continue;
        range(&strip, 0, g->to->nx, &x0, &x1);
        for (int x = x0; x <= x1; x++) {
            cut(&strip, 0, x, 1, &right);
            cut(&right, 0, x + 1, -1, &piece);
            placed += deal(g, &piece, x, y, value, whole);
        }
    }
    return placed;
}

static bool is_nothing(float v, struct pc_regrid_tally *t)
{
    if (!isfinite(v))
        t->nblank++;
    return !isfinite(v) || v == 0;
}

/* One row: the corners of what is not 0 in it, then their patches. */
static void add_row(struct regrid *g, const float *row, int y, struct pc_regrid_tally *t)
{
    int first = g->from->nx, last = -1;
    for (int x = 0; x < g->from->nx; x++)
        if (!is_nothing(row[x], t)) {
            first = x < first ? x : first;
            last = x;
        }
    for (int north = 0; north < 2; north++)
        for (int x = first; last >= 0 && x <= last + 1; x++)
            pc_skymap_at(&g->map, x - 0.5, y - 0.5 + north, &g->corner[north][2 * (size_t)x],
                         &g->corner[north][2 * (size_t)x + 1]);
    for (int x = first; x <= last; x++) {
        if (!isfinite(row[x]) || row[x] == 0)
            continue;
        const double *s = g->corner[0] + 2 * (size_t)x, *n = g->corner[1] + 2 * (size_t)x;
        const struct polygon patch = {{{s[0], s[1]}, {s[2], s[3]}, {n[2], n[3]}, {n[0], n[1]}}, 4};
        const double value = (double)row[x];
        bool seen = true;
        for (int i = 0; i < 4; i++)
            seen = seen && isfinite(patch.x[i][0]) && isfinite(patch.x[i][1]);
        t->flux += value;
        t->outside += value * (seen ? 1 - fmin(spread(g, &patch, value), 1) : 1);
    }
}

/* Pixels fall on pixels: the models of tclean and of our own runs. */
static void add_shifted(const struct regrid *g, const float *pix, const int64_t shift_px[2],
                        struct pc_regrid_tally *t)
{
    const int64_t nx = g->from->nx, ny = g->from->ny;
    for (int64_t i = 0; i < nx * ny; i++) {
        if (is_nothing(pix[i], t))
            continue;
        const int64_t x = i % nx + shift_px[0], y = i / nx + shift_px[1];
        t->flux += (double)pix[i];
        if (x >= 0 && x < g->to->nx && y >= 0 && y < g->to->ny)
            g->sum[y * g->to->nx + x] += pix[i];
        else
            t->outside += (double)pix[i];
    }
}

/* Whether columns fall on columns and rows on rows, to 1e-4 of a pixel: then the edges of both, edge[0][nx +
 * 1] and edge[1][ny + 1]. Between images about one centre that is so, and nearly so for all that are small.
 */
static bool find_edges(const struct regrid *g, double *edge[2])
{
    const int n[2] = {g->from->nx, g->from->ny};
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i <= n[axis]; i++)
            for (int k = 0; k < 3; k++) {
                double at[2], to[2];
                at[axis] = i - 0.5;
                at[1 - axis] = 0.5 * k * n[1 - axis] - 0.5;
                pc_skymap_at(&g->map, at[0], at[1], &to[0], &to[1]);
                if (k == 0)
                    edge[axis][i] = to[axis];
                if (!(fabs(to[axis] - edge[axis][i]) < 1e-4))
                    return false;
            }
    return true;
}

/* One row by the shares of both axes; `wide` is room for a row of the other grid. */
static void add_row_by_axes(struct regrid *g, const struct pc_regrid_axis *ax,
                            const struct pc_regrid_axis *ay, const float *row, int y, double *wide,
                            struct pc_regrid_tally *t)
{
    double flux = 0, placed = 0;
    bool any = false;
    for (int x = 0; x < ax->n; x++) {
        if (is_nothing(row[x], t))
            continue;
        const double v = (double)row[x];
        if (!any)
            memset(wide, 0, (size_t)g->to->nx * sizeof *wide);
        any = true;
        flux += v;
        placed += v * ax->sum[x];
        for (int k = ax->begin[x], at = ax->first[x]; k < ax->begin[x + 1]; k++)
            wide[at++] += v * ax->share[k];
    }
    t->flux += flux;
    t->outside += flux - placed * ay->sum[y];
    for (int k = ay->begin[y], at = ay->first[y]; any && k < ay->begin[y + 1]; k++, at++) {
        float *sum = g->sum + (int64_t)at * g->to->nx;
        for (int x = 0; x < g->to->nx; x++)
            sum[x] += (float)(wide[x] * ay->share[k]);
    }
}

static int add_by_axes(struct regrid *g, const float *pix, double *const edge[2], struct pc_regrid_tally *t,
                       struct pc_err *err)
{
    struct pc_regrid_axis ax = {0}, ay = {0};
    double *wide = pc_mem_new(g->to->nx, sizeof *wide, "a row of pixels", err);
    int bad = wide == NULL || pc_regrid_axis_new(&ax, edge[0], g->from->nx, g->to->nx, err) ||
              pc_regrid_axis_new(&ay, edge[1], g->from->ny, g->to->ny, err);
    for (int y = 0; !bad && y < g->from->ny; y++)
        add_row_by_axes(g, &ax, &ay, pix + (int64_t)y * g->from->nx, y, wide, t);
    pc_regrid_axis_free(&ax);
    pc_regrid_axis_free(&ay);
    pc_mem_free(wide);
    return bad ? -1 : 0;
}

static int add_spread(struct regrid *g, const float *pix, struct pc_regrid_tally *t, struct pc_err *err)
{
    double *corners = pc_mem_new(4 * ((int64_t)g->from->nx + 1), sizeof *corners, "a row of pixels", err);
    if (corners == NULL)
        return -1;
    g->corner[0] = corners;
    g->corner[1] = corners + 2 * ((size_t)g->from->nx + 1);
    for (int y = 0; y < g->from->ny; y++)
        add_row(g, pix + (int64_t)y * g->from->nx, y, t);
    pc_mem_free(corners);
    return 0;
}

/* Pixels fall between pixels. */
static int add_moved(struct regrid *g, const float *pix, struct pc_regrid_tally *t, struct pc_err *err)
{
    const int64_t nedge = (int64_t)g->from->nx + g->from->ny + 2;
    double *edges = pc_mem_new(nedge, sizeof *edges, "the edges of pixels", err);
    if (edges == NULL)
        return -1;
    double *edge[2] = {edges, edges + g->from->nx + 1};
    int bad = find_edges(g, edge) ? add_by_axes(g, pix, edge, t, err) : add_spread(g, pix, t, err);
    pc_mem_free(edges);
    return bad;
}

int pc_regrid_add(const struct pc_imhead *from, const float *pix, const char *name,
                  const struct pc_imhead *to, float *sum, struct pc_regrid_tally *tally, struct pc_err *err)
{
    struct regrid g = {.from = from, .to = to, .sum = sum};
    int64_t shift_px[2] = {0, 0};
    if (!pc_imhead_has_wcs(from)) {
        if (from->nx != to->nx || from->ny != to->ny)
            return pc_err_set(
                err, PC_EX_DATA,
                "%s: has no position on the sky, and %d x %d pixels where the image has %d x %d", name,
                from->nx, from->ny, to->nx, to->ny);
        add_shifted(&g, pix, shift_px, tally);
        return 0;
    }
    if (pc_skymap_check(from, name, "model", err) != 0)
        return -1;
    pc_skymap_init(&g.map, from, to);
    if (!pc_skymap_shift(&g.map, from, shift_px))
        return add_moved(&g, pix, tally, err);
    add_shifted(&g, pix, shift_px, tally);
    return 0;
}
