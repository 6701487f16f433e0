/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/weight.h"

#include "base/mem.h"
#include "grid/stokes.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    bool density;
} schemes[] = {{"natural", false}, {"uniform", true},   {"briggs", true},       {"superuniform", true},
               {"radial", false},  {"briggsabs", true}, {"briggsbwtaper", true}};

const char *pc_weighting_name(enum pc_weighting scheme)
{
    return schemes[scheme].name;
}

bool pc_weighting_has_density(enum pc_weighting scheme)
{
    return schemes[scheme].density;
}

/* The density grid has the cells of the unpadded image, or of one of npixels; rows are cleared when first
 * used. */
struct pc_density {
    struct pc_geom geom;
    struct pc_weight_conf conf;
    int box;                 /* cells to each side that a sample counts in */
    double scale_u, scale_v; /* cells per wavelength, signed */
    double *cell;            /* [ny][nx]; NULL with weights that need none */
    bool *open;              /* [ny] */
    double deposited;        /* what went into the cells */
    bool ready;              /* f2 and d2 belong to the cells */
    double f2, d2;
};

int64_t pc_density_mem_byte(const struct pc_geom *geom, const struct pc_weight_conf *conf, double max_v)
{
    const int box = conf->npixels > 0 ? conf->npixels : 3;
    int64_t byte, ncell = (int64_t)geom->nx * geom->ny, other = (int64_t)conf->npixels * conf->npixels;
    if (!pc_weighting_has_density(conf->scheme))
        return 0;
    /* rows that no sample reaches are not touched */
    const double reached = 2 * (max_v * geom->ny * geom->cell_rad[1] + box + 1);
    if (max_v > 0 && reached < geom->ny)
        ncell = geom->nx * (int64_t)reached;
    ncell = ncell > other ? ncell : other;
    return __builtin_mul_overflow(ncell, (int64_t)sizeof(double), &byte) ? INT64_MAX : byte;
}

/* The cells of the density, and how many to each side a sample counts in. */
static int lay_out(const struct pc_weight_conf *conf, struct pc_geom *geom)
{
    if (conf->scheme == PC_WEIGHT_SUPERUNIFORM)
        return conf->npixels > 0 ? conf->npixels : 3;
    if (conf->cube)
        return conf->npixels;
    if (conf->npixels > 0)
        geom->nx = geom->ny = conf->npixels;
    return 0;
}

int pc_weight_check(const struct pc_geom *geom, const struct pc_weight_conf *c, struct pc_err *err)
{
    struct pc_geom cells = *geom;
    const int64_t box = pc_weighting_has_density(c->scheme) ? lay_out(c, &cells) : 0;
    const int n = cells.nx < cells.ny ? cells.nx : cells.ny;
    if (c->scheme == PC_WEIGHT_BRIGGSABS && c->robust == 0 && c->noise_jy == 0)
        return pc_err_set(err, PC_EX_USAGE,
                          "briggsabs weights with --robust 0 and --noise 0 are infinite: one must not be 0");
    if (c->scheme == PC_WEIGHT_BRIGGSBWTAPER && !c->cube)
        return pc_err_set(err, PC_EX_USAGE,
                          "briggsbwtaper weights are for the channels of a cube, each with its own density: "
                          "not for specmode mfs, not with --perchanweightdensity=false");
    if (box > 0 && 2 * box + 2 > n)
        return pc_err_set(err, PC_EX_USAGE,
                          "--npixels %d: a box of %lld cells is too large for a density of %d x %d",
                          c->npixels, 2 * (long long)box + 1, cells.nx, cells.ny);
    return 0;
}

int pc_density_new(struct pc_density **out, const struct pc_geom *geom, const struct pc_weight_conf *conf,
                   struct pc_err *err)
{
    struct pc_density *d = *out = pc_mem_new0(1, sizeof *d, "a density of samples", err);
    if (d == NULL)
        return -1;
    d->conf = *conf;
    d->conf.cube = conf->cube && conf->scheme != PC_WEIGHT_SUPERUNIFORM;
    d->geom = *geom;
    if (pc_weight_check(geom, &d->conf, err) != 0)
        goto fail;
    if (!pc_weighting_has_density(conf->scheme))
        return 0;
    d->box = lay_out(&d->conf, &d->geom);
    d->scale_u = d->geom.nx * geom->cell_rad[0];
    d->scale_v = d->geom.ny * geom->cell_rad[1];
    d->cell = pc_mem_new((int64_t)d->geom.nx * d->geom.ny, sizeof *d->cell, "the density of samples", err);
    d->open = pc_mem_new0(d->geom.ny, sizeof *d->open, "the density's rows", err);
    if (d->cell != NULL && d->open != NULL)
        return 0;
fail:
    pc_density_free(d);
    *out = NULL;
    return -1;
}

void pc_density_free(struct pc_density *d)
{
    if (d == NULL)
        return;
    pc_mem_free(d->cell);
    pc_mem_free(d->open);
    pc_mem_free(d);
}

/* Where a sample counts: its cell, and that of its conjugate. -1: none. */
struct spot {
    int64_t own, conj;
};

static int64_t cell_at(const struct pc_density *d, int64_t i, int64_t j)
{
    return i > 0 && i < d->geom.nx && j > 0 && j < d->geom.ny ? j * d->geom.nx + i : -1;
}

/* Section 2.3: (u,v) and (-u,-v) apart, decimals cut off. In single precision, because CASA's cells are: who
 * falls on which side of a cell's edge shows in the fifth digit of the sum of weights. */
static struct spot spot_mfs(const struct pc_density *d, double u, double v)
{
    float pu = (float)d->scale_u * (float)u, pv = (float)d->scale_v * (float)v;
    float u0 = (float)(d->geom.nx / 2), v0 = (float)(d->geom.ny / 2);
    return (struct spot){cell_at(d, (int64_t)(pu + u0), (int64_t)(pv + v0)),
                         cell_at(d, (int64_t)(u0 - pu), (int64_t)(v0 - pv))};
}

/* Section 2.5: (-u,-v) rounded to the nearest, its conjugate mirrored at the origin. */
static struct spot spot_cube(const struct pc_density *d, double u, double v)
{
    const int64_t u0 = d->geom.nx / 2, v0 = d->geom.ny / 2;
    int64_t i = llround((double)u0 - d->scale_u * u), j = llround((double)v0 - d->scale_v * v);
    return (struct spot){cell_at(d, i, j), cell_at(d, 2 * u0 - i, 2 * v0 - j)};
}

static struct spot find_spot(const struct pc_density *d, double u, double v)
{
    if (!pc_geom_holds(&d->geom, u, v))
        return (struct spot){-1, -1};
    return d->conf.cube ? spot_cube(d, u, v) : spot_mfs(d, u, v);
}

static void open_row(struct pc_density *d, int64_t row)
{
    if (!d->open[row])
        memset(d->cell + row * d->geom.nx, 0, (size_t)d->geom.nx * sizeof *d->cell);
    d->open[row] = true;
}

/* Into the box around a cell; returns how many cells, 0 when the box reaches over the edge. */
static int deposit(struct pc_density *d, int64_t at, double weight)
{
    const int nx = d->geom.nx, box = d->box;
    if (at < 0)
        return 0;
    int64_t i = at % nx, j = at / nx;
    if (i - box <= 0 || i + box >= nx || j - box <= 0 || j + box >= d->geom.ny)
        return 0;
    for (int64_t row = j - box; row <= j + box; row++) {
        open_row(d, row);
        for (int64_t k = i - box; k <= i + box; k++)
            d->cell[row * nx + k] += weight;
    }
    return (2 * box + 1) * (2 * box + 1);
}

/* Wavelengths per metre of a sample. */
static double per_m_of(const struct pc_visblock *b, int64_t row, int chan)
{
    return pc_visblock_per_m(b, row, chan);
}

int pc_density_add(struct pc_density *d, const struct pc_visblock *b, struct pc_err *err)
{
    const int all = (2 * d->box + 1) * (2 * d->box + 1);
    struct pc_natural rule;
    if (d->ready)
        return pc_err_set(err, PC_EX_BUG, "a density was added to after weights were made from it");
    if (pc_natural_find(&rule, d->conf.pseudo, &b->info, err) != 0)
        return -1;
    for (int64_t row = 0; d->cell != NULL && row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++) {
            double weight = (double)pc_natural_weight(&rule, b->weight + (row * b->nchan + chan) * b->ncorr);
            double per_m = per_m_of(b, row, chan);
            struct spot s = find_spot(d, b->uvw_m[3 * row] * per_m, b->uvw_m[3 * row + 1] * per_m);
            if (weight == 0)
                continue;
            int ncell = deposit(d, s.own, weight) + deposit(d, s.conj, weight);
            if (ncell > 0 && d->conf.cube)
                ncell = 2 * all; /* gridded one-sided, as CASA does it: both hands of it count */
            d->deposited += weight * ncell;
        }
    return 0;
}

void pc_density_cells(struct pc_density *d, struct pc_uvdensity *cells)
{
    for (int64_t row = 0; d->cell != NULL && row < d->geom.ny; row++)
        open_row(d, row);
    *cells = (struct pc_uvdensity){.nx = d->geom.nx,
                                   .ny = d->geom.ny,
                                   .box = d->box,
                                   .cell_rad = {d->geom.cell_rad[0], d->geom.cell_rad[1]},
                                   .deposited = d->deposited,
                                   .cell = d->cell};
}

void pc_density_filled(struct pc_density *d, double deposited)
{
    d->deposited = deposited;
}

/* Briggs' f squared, "norm". */
static double briggs_f2(const struct pc_density *d)
{
    double sum2 = 0, f = 5 * pow(10, -d->conf.robust);
    for (int64_t row = 0; row < d->geom.ny; row++)
        for (int64_t i = 0; d->open[row] && i < d->geom.nx; i++)
            sum2 += d->cell[row * d->geom.nx + i] * d->cell[row * d->geom.nx + i];
    return sum2 > 0 ? f * f / (sum2 / d->deposited) : 1;
}

/* Weights are w / (density f2 + d2), section 2.4. */
static void make_ready(struct pc_density *d)
{
    const struct pc_weight_conf *c = &d->conf;
    const double hands = c->cube ? c->nhand : 1;
    d->ready = true;
    switch (c->scheme) {
    case PC_WEIGHT_BRIGGS:
    case PC_WEIGHT_BRIGGSBWTAPER:
        d->f2 = briggs_f2(d);
        d->d2 = 1;
        break;
    case PC_WEIGHT_BRIGGSABS:
        d->f2 = hands * c->robust * c->robust;
        d->d2 = 2 * c->noise_jy * c->noise_jy;
        break;
    default:
        d->f2 = hands;
        d->d2 = 0;
    }
}

/* What briggsbwtaper divides the density by, for a sample so many cells away from the origin (section 2.5).
 */
static double bwtaper(double fracbw, double cells)
{
    double n = fracbw * cells;
    return n >= 1 ? n + 0.5 : (4 - n) / (4 - 2 * n);
}

static double imaging_weight(const struct pc_density *d, double u, double v, double natural)
{
    if (d->conf.scheme == PC_WEIGHT_RADIAL)
        return natural * hypot(u, v);
    if (d->cell == NULL)
        return natural;
    struct spot s = find_spot(d, u, v);
    double density = s.own >= 0 && d->open[s.own / d->geom.nx] ? d->cell[s.own] : 0, f2 = d->f2;
    if (d->conf.scheme == PC_WEIGHT_BRIGGSBWTAPER)
        f2 /= bwtaper(d->conf.fracbw, hypot(d->scale_u * u, d->scale_v * v));
    return density > 0 ? natural / (density * f2 + d->d2) : 0;
}

int pc_density_weigh(struct pc_density *d, struct pc_visblock *b, struct pc_weight_count *count,
                     struct pc_err *err)
{
    struct pc_natural rule;
    if (pc_natural_find(&rule, d->conf.pseudo, &b->info, err) != 0)
        return -1;
    if (!d->ready && d->cell != NULL)
        make_ready(d);
    if (b->imweight == NULL)
        b->imweight = pc_mem_new(b->nrow * b->nchan, sizeof *b->imweight, "imaging weights", err);
    if (b->imweight == NULL)
        return -1;
    for (int64_t row = 0; row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++) {
            int64_t at = row * b->nchan + chan;
            float natural = pc_natural_weight(&rule, b->weight + at * b->ncorr);
            double per_m = per_m_of(b, row, chan);
            double u = b->uvw_m[3 * row] * per_m, v = b->uvw_m[3 * row + 1] * per_m;
            bool holds = pc_geom_holds(&d->geom, u, v);
            float w = 0;
            if (natural > 0 && holds)
                w = (float)(imaging_weight(d, u, v, (double)natural) * pc_taper_at(&d->conf.taper, u, v));
            b->imweight[at] = w;
            count->nsample++;
            count->nflagged += natural == 0;
            count->noutside += natural > 0 && !holds;
            count->sumweight += (double)w;
        }
    return 0;
}
