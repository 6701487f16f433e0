/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/lm.h"

#include <math.h>
#include <stdbool.h>

/* The steps are those of spec/casa-imaging.md section 4.2, with two details that CASA's own beams show and
 * the section leaves open: the 3001 points are shared by all pixels of the window, not by those above the
 * cutoff; and the bounding box is made square in pixel coordinates, from the smaller of its two lower bounds
 * to the larger of its two upper ones. In an image that is not square the window is then far larger than the
 * lobe, and nothing is resampled. */

enum {
    HALF_ROWS = 20,
    MARGIN = PC_BEAM_NEAR - HALF_ROWS,
    TARGET_POINTS = 3001,
    MAX_ROUNDS = 50,
    MAX_ANGLES = 10
};

struct grid {
    const float *v; /* rows from y0 on */
    int nx, ny, y0;
    float scale; /* values are v * scale */
    int px, py;  /* the peak */
};

struct box {
    int x0, y0, x1, y1; /* inclusive */
};

static int imin(int a, int b)
{
    return a < b ? a : b;
}

static int imax(int a, int b)
{
    return a > b ? a : b;
}

static float value(const struct grid *g, int x, int y)
{
    return g->v[(int64_t)(y - g->y0) * g->nx + x] * g->scale;
}

/* The largest of n values, -inf when nothing is finite; in lanes, which make it as fast as memory. */
PC_CLONES static float largest(const float *v, int n)
{
    enum { LANES = 64 };
    float lane[LANES], max = -INFINITY;
    int i = 0;
    for (int k = 0; k < LANES; k++)
        lane[k] = -INFINITY;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] = v[i + k] > lane[k] ? v[i + k] : lane[k];
    for (; i < n; i++)
        max = v[i] > max ? v[i] : max;
    for (int k = 0; k < LANES; k++)
        max = lane[k] > max ? lane[k] : max;
    return max;
}

/* First maximum in scan order; false when nothing is finite. */
static bool find_peak(struct grid *g, float *peak)
{
    float max = -INFINITY;
    for (int y = 0; y < g->ny; y++) {
        const float *row = g->v + (int64_t)y * g->nx, most = largest(row, g->nx);
        if (!(most > max))
            continue;
        max = most;
        g->py = y;
        for (g->px = 0; row[g->px] != max; g->px++)
            ;
    }
    *peak = max;
    return max > -INFINITY;
}

/* Walks one row from the peak's column in steps of `dir`; a pixel of the lobe is above the cutoff, and the
 * walk ends where the lobe does. */
static int walk(const struct grid *g, int y, int dir, int reach, double cutoff, struct pc_lm_point *p,
                struct box *b)
{
    bool inside = value(g, g->px, y) > cutoff;
    int n = 0;
    for (int i = dir > 0 ? 0 : 1; i <= reach; i++) {
        int x = g->px + dir * i;
        if (x < 0 || x >= g->nx)
            break;
        float v = value(g, x, y);
        if (!(v > cutoff)) {
            if (inside)
                break;
            continue;
        }
        inside = true;
        if (p)
            p[n] = (struct pc_lm_point){x - g->px, y - g->py, v};
        n++;
        *b = (struct box){imin(b->x0, x), imin(b->y0, y), imax(b->x1, x), imax(b->y1, y)};
    }
    return n;
}

/* The main lobe: rows and columns within `reach` of the peak. Counts when points is NULL. */
static int collect(const struct grid *g, int reach, double cutoff, struct pc_lm_point *points, struct box *b)
{
    int n = 0;
    *b = (struct box){g->nx - 1, g->ny - 1, 0, 0};
    for (int y = imax(0, g->py - reach); y <= imin(g->ny - 1, g->py + reach); y++) {
        n += walk(g, y, -1, reach, cutoff, points ? points + n : NULL, b);
        n += walk(g, y, +1, reach, cutoff, points ? points + n : NULL, b);
    }
    return n;
}

static struct box grow(const struct box *b, const struct grid *g)
{
    return (struct box){imax(0, b->x0 - MARGIN), imax(0, b->y0 - MARGIN), imin(g->nx - 1, b->x1 + MARGIN),
                        imin(g->ny - 1, b->y1 + MARGIN)};
}

/* Weights of the four neighbours of a point a fraction t behind the second one: the cubic through the middle
 * two with slopes by centred differences; where the outer ones are missing, the straight line. */
static void cubic_weights(double t, bool edge, double w[4])
{
    if (edge) {
        w[0] = w[3] = 0;
        w[1] = 1 - t;
        w[2] = t;
        return;
    }
    w[0] = 0.5 * t * (-1 + t * (2 - t));
    w[1] = 1 + 0.5 * t * t * (3 * t - 5);
    w[2] = 0.5 * t * (1 + t * (4 - 3 * t));
    w[3] = 0.5 * t * t * (t - 1);
}

static float interpolate(const struct grid *g, const struct box *w, int over, int i, int j)
{
    int x = w->x0 + i / over, y = w->y0 + j / over;
    double wx[4], wy[4], sum = 0;
    bool edge = x <= w->x0 || x >= w->x1 - 1 || y <= w->y0 || y >= w->y1 - 1;
    cubic_weights((double)(i % over) / over, edge, wx);
    cubic_weights((double)(j % over) / over, edge, wy);
    for (int b = 0; b < 4; b++)
        for (int a = 0; a < 4; a++)
            if (wx[a] * wy[b] != 0)
                sum += wx[a] * wy[b] * (double)value(g, x + a - 1, y + b - 1);
    return (float)sum;
}

/* The window w of g with `over` samples a pixel. The caller frees what is returned: the values of *fine. */
static float *resample(const struct grid *g, const struct box *w, int over, struct grid *fine,
                       struct pc_err *err)
{
    int nx = (w->x1 - w->x0) * over + 1, ny = (w->y1 - w->y0) * over + 1;
    float peak = 0;
    float *v = pc_mem_new((int64_t)nx * ny, sizeof *v, "resampled PSF", err);
    if (v == NULL)
        return NULL;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++)
            v[(int64_t)j * nx + i] = interpolate(g, w, over, i, j);
    *fine = (struct grid){.v = v, .nx = nx, .ny = ny};
    if (!find_peak(fine, &peak) || !(peak > 0)) {
        pc_mem_free(v);
        pc_err_set(err, PC_EX_DATA, "the PSF has no peak once it is resampled");
        return NULL;
    }
    fine->scale = 1 / peak;
    return v;
}

/* How CASA's window sets the oversampling, and how far it lets the second selection reach. */
static void plan_sampling(const struct grid *g, const struct box *lobe, int *over, int *reach)
{
    struct box square = {imin(lobe->x0, lobe->y0), imin(lobe->x0, lobe->y0), imax(lobe->x1, lobe->y1),
                         imax(lobe->x1, lobe->y1)};
    struct box w = grow(&square, g);
    int64_t wx = w.x1 - w.x0 + 1, wy = w.y1 - w.y0 + 1;
    *over = imax(1, (int)sqrt((double)TARGET_POINTS / (double)(wx * wy)));
    *reach = (*over * (int)(wx < wy ? wx : wy) - 1) / 2;
}

/* The points to fit, offsets in cells of the image. The caller frees *points. */
static int select_points(const struct grid *g, const double cell_rad[2], double cutoff,
                         struct pc_lm_point **points, int *npoint, struct pc_err *err)
{
    struct grid fine;
    struct box lobe, any;
    int over, reach;
    if (collect(g, HALF_ROWS, cutoff, NULL, &lobe) == 0)
        return pc_err_set(err, PC_EX_DATA, "no pixel of the PSF is above %g of its peak", cutoff);
    plan_sampling(g, &lobe, &over, &reach);
    struct box w = grow(&lobe, g);
    float *fine_v = resample(g, &w, over, &fine, err);
    if (fine_v == NULL)
        return -1;
    *npoint = collect(&fine, reach, cutoff, NULL, &any);
    *points = pc_mem_new(*npoint, sizeof **points, "points of the PSF's main lobe", err);
    if (*points) {
        collect(&fine, reach, cutoff, *points, &any);
        double aspect = fabs(cell_rad[1] / cell_rad[0]);
        for (int i = 0; i < *npoint; i++) {
            (*points)[i].x /= over;
            (*points)[i].y *= aspect / over;
        }
    }
    pc_mem_free(fine_v);
    return *points ? 0 : -1;
}

/* Offsets are in |cell_rad[0]|, x to the west; the fit's angle runs from north through east. */
static void beam_from_fit(const double p[3], double cell_rad, struct pc_beam *beam)
{
    double a = fabs(p[0]), b = fabs(p[0] * p[1]), pa = p[2];
    if (b > a) {
        double swap = a;
        a = b;
        b = swap;
        pa -= M_PI / 2;
    }
    pa = remainder(pa, M_PI); /* within +-90 degrees */
    *beam = (struct pc_beam){a * fabs(cell_rad), b * fabs(cell_rad), pa};
}

/* One round at one cutoff: 1 converged, 0 not, -1 error. */
static int fit_round(const struct grid *g, const double cell_rad[2], double cutoff, double param[3],
                     struct pc_err *err)
{
    struct pc_lm_point *points = NULL;
    int npoint = 0, status = PC_LM_SINGULAR;
    if (select_points(g, cell_rad, cutoff, &points, &npoint, err) != 0)
        return -1;
    for (int k = 0; k < MAX_ANGLES && status == PC_LM_SINGULAR; k++) {
        param[0] = 2.5;
        param[1] = 0.5;
        param[2] = 1 + k * M_PI / MAX_ANGLES;
        status = pc_lm_gaussian(points, npoint, param);
    }
    pc_mem_free(points);
    return status == PC_LM_CONVERGED;
}

static int check_peak(const struct grid *g, bool found, float peak, struct pc_err *err)
{
    if (!found || !(peak >= 1e-7f))
        return pc_err_set(err, PC_EX_DATA, "the PSF's peak is %g: no beam can be fitted",
                          found ? (double)peak : (double)NAN);
    if (g->px < g->nx / 4.0 || g->px > 3.0 * g->nx / 4.0 || g->py < g->ny / 4.0 || g->py > 3.0 * g->ny / 4.0)
        return pc_err_set(err, PC_EX_DATA,
                          "the PSF's peak is at pixel (%d, %d), outside the inner half of %d x %d", g->px,
                          g->py, g->nx, g->ny);
    return 0;
}

/* About the peak that has been found. */
static int fit(struct grid *g, bool found, float peak, const double cell_rad[2], double cutoff,
               struct pc_beam *beam, struct pc_err *err)
{
    double param[3];
    if (check_peak(g, found, peak, err) != 0)
        return -1;
    g->scale = 1 / peak;
    for (int k = 0; k < MAX_ROUNDS && cutoff > 0.009; k++, cutoff /= 1.5) {
        int done = fit_round(g, cell_rad, cutoff, param, err);
        if (done < 0)
            return -1;
        if (done) {
            beam_from_fit(param, cell_rad[0], beam);
            return 0;
        }
    }
    return pc_err_set(err, PC_EX_DATA, "no Gaussian could be fitted to the PSF's main lobe");
}

int pc_beam_fit(const float *psf, int nx, int ny, const double cell_rad[2], double cutoff,
                struct pc_beam *beam, struct pc_err *err)
{
    struct grid g = {.v = psf, .nx = nx, .ny = ny};
    float peak = 0;
    const bool found = find_peak(&g, &peak);
    return fit(&g, found, peak, cell_rad, cutoff, beam, err);
}

int pc_beam_fit_centre(const float *rows, int y0, int nx, int ny, const double cell_rad[2], double cutoff,
                       struct pc_beam *beam, struct pc_err *err)
{
    struct grid g = {.v = rows, .nx = nx, .ny = ny, .y0 = y0, .px = nx / 2, .py = ny / 2, .scale = 1};
    return fit(&g, true, value(&g, g.px, g.py), cell_rad, cutoff, beam, err);
}
