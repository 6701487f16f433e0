/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/gridder.h"

#include "base/mem.h"
#include "grid/bins.h"
#include "grid/uvplane.h"
#include "grid/wterm.h"

#include <math.h>
#include <stddef.h>

struct pc_gridder {
    struct pc_gridder_conf conf;
    const struct pc_uvplane_ops *ops;
    struct pc_kernel kernel;
    struct pc_wterm wterm; /* nterm 1, and a range of 0, without */
    int term;              /* the one that is being worked on */
    double cells[2];       /* per wavelength */
    struct pc_uvplane *grid;
    struct pc_bins bins;
    int64_t noutside;
};

static struct pc_gridder_conf completed(const struct pc_gridder_conf *conf)
{
    struct pc_gridder_conf c = *conf;
    c.nplane = c.nplane > 0 ? c.nplane : 1;
    c.nthread = c.nthread > 0 ? c.nthread : 1;
    return c;
}

static int64_t npix_of(const struct pc_geom *geom)
{
    return (int64_t)geom->nx * geom->ny;
}

static const struct pc_uvplane_ops *ops_of(bool wide)
{
    return wide ? &pc_uvplane_f64 : &pc_uvplane_f32;
}

/* The last column that samples reach, kernel included; cells of u per wavelength. */
static int last_column(const struct pc_gridder_conf *c, double cells)
{
    const double col = fabs(c->max_u * cells) + PC_KERNEL_TAPS;
    return c->max_u > 0 && col < 1e9 ? (int)col : INT32_MAX;
}

int64_t pc_gridder_mem_byte(const struct pc_gridder_conf *conf)
{
    const struct pc_gridder_conf c = completed(conf);
    const struct pc_geom *g = &c.geom;
    if (g->nx > 1 << 28 || g->ny > 1 << 28)
        return INT64_MAX;
    const struct pc_kernel kernel = {.oversampling =
                                         pc_kernel_oversampling(c.accuracy, c.wide, npix_of(g), c.nsample)};
    const struct pc_uvplane_conf grid = {.nx = g->nx,
                                         .ny = g->ny,
                                         .kernel = &kernel,
                                         .nplane = c.nplane,
                                         .nthread = c.nthread,
                                         .even = c.even};
    const int nu = pc_uvplane_cells(g->nx, kernel.oversampling),
              nv = pc_uvplane_cells(g->ny, kernel.oversampling);
    int64_t byte = ops_of(c.wide)->mem_byte(&grid, last_column(&c, g->cell_rad[0] * nu));
    return __builtin_add_overflow(byte, pc_bins_mem_byte(c.nplane, nu, nv, c.nsample), &byte) ? INT64_MAX
                                                                                              : byte;
}

void pc_gridder_free(struct pc_gridder *g)
{
    if (g == NULL)
        return;
    g->ops->free(g->grid);
    pc_bins_fini(&g->bins);
    pc_wterm_fini(&g->wterm);
    pc_mem_free(g);
}

static int make(struct pc_gridder *g, struct pc_err *err)
{
    const struct pc_gridder_conf *c = &g->conf;
    const struct pc_geom *geom = &c->geom;
    const double max_w = c->wterm ? c->max_w : 0;
    if (pc_kernel_init(&g->kernel, c->accuracy, c->wide, npix_of(geom), c->nsample, err) != 0 ||
        pc_wterm_init(&g->wterm, geom, max_w, c->accuracy, c->nterm, err) != 0)
        return -1;
    const struct pc_uvplane_conf grid = {.nx = geom->nx,
                                         .ny = geom->ny,
                                         .kernel = &g->kernel,
                                         .nplane = c->nplane,
                                         .nthread = c->nthread,
                                         .images = !c->no_images,
                                         .predicts = !c->no_models,
                                         .even = c->even};
    const int nu = pc_uvplane_cells(geom->nx, g->kernel.oversampling);
    const int nv = pc_uvplane_cells(geom->ny, g->kernel.oversampling);
    g->cells[0] = geom->cell_rad[0] * nu;
    g->cells[1] = geom->cell_rad[1] * nv;
    g->grid = g->ops->new (&grid, err);
    if (g->grid == NULL)
        return -1;
    return pc_bins_init(&g->bins, c->nplane, nu, nv, c->nsample, err);
}

struct pc_gridder *pc_gridder_new(const struct pc_gridder_conf *conf, struct pc_err *err)
{
    struct pc_gridder *g = pc_mem_new0(1, sizeof *g, "a gridder", err);
    if (g == NULL)
        return NULL;
    g->conf = completed(conf);
    g->ops = ops_of(conf->wide);
    if (make(g, err) == 0)
        return g;
    pc_gridder_free(g);
    return NULL;
}

double pc_gridder_predict_s(const struct pc_gridder_conf *conf)
{
    const struct pc_gridder_conf c = completed(conf);
    const double max_w = c.wterm ? c.max_w : 0;
    const int nterm = c.nterm > 0 ? c.nterm : pc_wterm_count(&c.geom, max_w, c.accuracy, NULL);
    struct pc_kernel kernel;
    struct pc_err err = {0};
    if (pc_kernel_init(&kernel, c.accuracy, c.wide, npix_of(&c.geom), c.nsample, &err) != 0)
        return INFINITY;
    const double cells = (double)pc_uvplane_cells(c.geom.nx, kernel.oversampling) *
                         pc_uvplane_cells(c.geom.ny, kernel.oversampling);
    const double taps = pow(kernel.ntap, 2);
    const double transforms = 2.2e-9 * cells, samples = (double)c.nsample * (6e-8 + 9e-10 * taps);
    return nterm * c.nplane * (transforms + samples);
}

int pc_gridder_nterm(const struct pc_gridder *g)
{
    return g->wterm.nterm;
}

int64_t pc_gridder_noutside(const struct pc_gridder *g)
{
    return g->noutside;
}

/* Whether a sample is on the grid, and its w in the range the terms are for; a last digit's difference is not
 * looked at. */
static bool holds(const struct pc_gridder *g, const struct pc_batch *b, int64_t i)
{
    return pc_geom_holds(&g->conf.geom, b->u[i], b->v[i]) &&
           (!g->conf.wterm || fabs(b->w[i]) <= g->wterm.max_w * (1 + 1e-9));
}

static void choose(struct pc_gridder *g, int term)
{
    g->term = term;
    pc_wterm_choose(&g->wterm, term);
    g->bins.n = 0;
}

void pc_gridder_begin(struct pc_gridder *g, int term)
{
    choose(g, term);
    g->noutside = 0;
    g->ops->clear(g->grid);
}

static void spread(struct pc_gridder *g)
{
    pc_bins_sort(&g->bins);
    g->ops->spread(g->grid, &g->bins);
    g->bins.n = 0;
}

void pc_gridder_add(struct pc_gridder *g, const struct pc_batch *b)
{
    for (int64_t i = 0; i < b->n; i++) {
        if (b->weight[i] == 0)
            continue;
        if (!holds(g, b, i)) {
            g->noutside++;
            continue;
        }
        double *value = pc_bins_add(&g->bins, &g->kernel, b->u[i] * g->cells[0], b->v[i] * g->cells[1], 0);
        double re = b->weight[i], im = 0;
        if (g->conf.wterm)
            pc_wterm_sample(&g->wterm, b->w[i], b->weight[i], &re, &im);
        for (int p = 0; p < g->conf.nplane; p++) {
            value[2 * p] = re * b->re[p][i] - im * b->im[p][i];
            value[2 * p + 1] = re * b->im[p][i] + im * b->re[p][i];
        }
        if (pc_bins_full(&g->bins))
            spread(g);
    }
}

static void factor_row(const void *of, int y, double beyond, double *factor)
{
    const struct pc_gridder *g = of;
    pc_wterm_row(&g->wterm, g->term, y, beyond, factor);
}

static const struct pc_screen *screen_of(const struct pc_gridder *g, struct pc_screen *screen)
{
    *screen = (struct pc_screen){factor_row, g, g->term > 0};
    return g->conf.wterm ? screen : NULL;
}

void pc_gridder_end(struct pc_gridder *g, double scale, void *const *image, const struct pc_row_taker *taker,
                    struct pc_tally *tally)
{
    struct pc_screen screen;
    spread(g);
    g->ops->to_image(g->grid, scale, screen_of(g, &screen), image, taker, tally);
}

void pc_gridder_model(struct pc_gridder *g, int term, const float *const *image)
{
    struct pc_screen screen;
    choose(g, term);
    g->ops->from_image(g->grid, last_column(&g->conf, g->cells[0]), screen_of(g, &screen), image);
}

/* The bins' values back to the samples they are from. */
static void collect(struct pc_gridder *g, struct pc_batch *b)
{
    pc_bins_sort(&g->bins);
    g->ops->collect(g->grid, &g->bins);
    for (int64_t k = 0; k < g->bins.n; k++) {
        const double *value = g->bins.value + 2 * g->conf.nplane * k;
        const int32_t i = g->bins.place[k].from;
        double re = 1, im = 0;
        if (g->conf.wterm)
            pc_wterm_sample(&g->wterm, b->w[i], 1, &re, &im);
        for (int p = 0; p < g->conf.nplane; p++) { /* times the conjugate: it is the adjoint */
            b->re[p][i] += re * value[2 * p] + im * value[2 * p + 1];
            b->im[p][i] += re * value[2 * p + 1] - im * value[2 * p];
        }
    }
    g->bins.n = 0;
}

void pc_gridder_predict(struct pc_gridder *g, struct pc_batch *b)
{
    for (int64_t i = 0; i < b->n; i++) {
        if (!holds(g, b, i))
            continue;
        pc_bins_add(&g->bins, &g->kernel, b->u[i] * g->cells[0], b->v[i] * g->cells[1], (int32_t)i);
        if (pc_bins_full(&g->bins))
            collect(g, b);
    }
    collect(g, b);
}

bool pc_geom_holds(const struct pc_geom *geom, double u, double v)
{
    return fabs(u * geom->cell_rad[0]) <= 0.5 && fabs(v * geom->cell_rad[1]) <= 0.5;
}

double pc_geom_wphase_rad(const struct pc_geom *geom, double max_w)
{
    double l = (double)(geom->nx / 2) * geom->cell_rad[0], m = (double)(geom->ny / 2) * geom->cell_rad[1];
    double r2 = fmin(l * l + m * m, 1);
    return 2 * M_PI * max_w * (r2 / (1 + sqrt(1 - r2))); /* 1-n without cancellation */
}
