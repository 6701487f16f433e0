/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/weight.h"

#include "base/mem.h"
#include "grid/samples.h"

#include <math.h>
#include <string.h>

static const double light_m_s = 299792458.0;

/* The density grid has the cells of the unpadded image; rows are cleared when first used. */
struct pc_density {
    struct pc_geom geom;
    struct pc_weight_conf conf;
    double scale_u, scale_v; /* cells per wavelength, signed */
    double *cell;            /* [ny][nx]; NULL with natural weights */
    bool *open;              /* [ny] */
    double deposited;        /* what went into the cells */
    bool ready;              /* f2 and d2 belong to the cells */
    double f2, d2;
};

int64_t pc_density_mem_byte(const struct pc_geom *geom, const struct pc_weight_conf *conf)
{
    int64_t byte;
    if (conf->scheme == PC_WEIGHT_NATURAL)
        return 0;
    return __builtin_mul_overflow((int64_t)geom->nx * geom->ny, (int64_t)sizeof(double), &byte) ? INT64_MAX
                                                                                                : byte;
}

int pc_density_new(struct pc_density **out, const struct pc_geom *geom, const struct pc_weight_conf *conf,
                   struct pc_err *err)
{
    struct pc_density *d = *out = pc_mem_new0(1, sizeof *d, "a density of samples", err);
    if (d == NULL)
        return -1;
    d->geom = *geom;
    d->conf = *conf;
    d->scale_u = geom->nx * geom->cell_rad[0];
    d->scale_v = geom->ny * geom->cell_rad[1];
    if (conf->scheme == PC_WEIGHT_NATURAL)
        return 0;
    d->cell = pc_mem_new((int64_t)geom->nx * geom->ny, sizeof *d->cell, "the density of samples", err);
    d->open = pc_mem_new0(geom->ny, sizeof *d->open, "the density's rows", err);
    if (d->cell != NULL && d->open != NULL)
        return 0;
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

static void deposit(struct pc_density *d, int64_t at, double weight)
{
    int64_t row = at / d->geom.nx;
    if (!d->open[row])
        memset(d->cell + row * d->geom.nx, 0, (size_t)d->geom.nx * sizeof *d->cell);
    d->open[row] = true;
    d->cell[at] += weight;
}

static struct spot spot_of(const struct pc_density *d, const struct pc_visblock *b, int64_t row, int chan)
{
    double per_m = pc_vis_freq_hz(b, row, chan) / light_m_s;
    return find_spot(d, b->uvw_m[3 * row] * per_m, b->uvw_m[3 * row + 1] * per_m);
}

int pc_density_add(struct pc_density *d, const struct pc_visblock *b, struct pc_err *err)
{
    if (d->ready)
        return pc_err_set(err, PC_EX_BUG, "a density was added to after weights were made from it");
    for (int64_t row = 0; d->cell != NULL && row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++) {
            double weight = (double)pc_vis_natural(b->weight + (row * b->nchan + chan) * b->ncorr, b->ncorr);
            struct spot s = spot_of(d, b, row, chan);
            if (weight == 0 || (s.own < 0 && s.conj < 0))
                continue;
            if (s.own >= 0)
                deposit(d, s.own, weight);
            if (s.conj >= 0)
                deposit(d, s.conj, weight);
            d->deposited += d->conf.cube ? 2 * weight : weight * ((s.own >= 0) + (s.conj >= 0));
        }
    return 0;
}

/* Weights are w / (density f2 + d2), section 2.4. */
static void make_ready(struct pc_density *d)
{
    d->ready = true;
    if (d->conf.scheme == PC_WEIGHT_UNIFORM) {
        d->f2 = d->conf.cube ? d->conf.nhand : 1;
        d->d2 = 0;
        return;
    }
    double sum2 = 0;
    for (int64_t row = 0; row < d->geom.ny; row++)
        for (int64_t i = 0; d->open[row] && i < d->geom.nx; i++)
            sum2 += d->cell[row * d->geom.nx + i] * d->cell[row * d->geom.nx + i];
    double f = 5 * pow(10, -d->conf.robust);
    d->f2 = sum2 > 0 ? f * f / (sum2 / d->deposited) : 1;
    d->d2 = sum2 > 0 ? 1 : 0;
}

static float imaging_weight(const struct pc_density *d, struct spot s, float natural)
{
    if (d->cell == NULL)
        return natural;
    double density = s.own >= 0 && d->open[s.own / d->geom.nx] ? d->cell[s.own] : 0;
    return density > 0 ? (float)((double)natural / (density * d->f2 + d->d2)) : 0;
}

int pc_density_weigh(struct pc_density *d, struct pc_visblock *b, struct pc_weight_count *count,
                     struct pc_err *err)
{
    if (!d->ready && d->cell != NULL)
        make_ready(d);
    if (b->imweight == NULL)
        b->imweight = pc_mem_new(b->nrow * b->nchan, sizeof *b->imweight, "imaging weights", err);
    if (b->imweight == NULL)
        return -1;
    for (int64_t row = 0; row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++) {
            int64_t at = row * b->nchan + chan;
            float natural = pc_vis_natural(b->weight + at * b->ncorr, b->ncorr);
            double per_m = pc_vis_freq_hz(b, row, chan) / light_m_s;
            bool holds = pc_geom_holds(&d->geom, b->uvw_m[3 * row] * per_m, b->uvw_m[3 * row + 1] * per_m);
            float w = natural > 0 && holds ? imaging_weight(d, spot_of(d, b, row, chan), natural) : 0;
            b->imweight[at] = w;
            count->nsample++;
            count->nflagged += natural == 0;
            count->noutside += natural > 0 && !holds;
            count->sumweight += (double)w;
        }
    return 0;
}
