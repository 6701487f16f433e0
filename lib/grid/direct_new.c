/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/direct_impl.h"
#include "grid/direct_lanes.h"

#include <stdlib.h>
#include <string.h>

/* From a model to its components. */

enum { STRIDE = 64 };       /* pixels that are looked at together */
enum { LONGEST_RUN = 128 }; /* components */

struct found {
    int64_t *at; /* pixels of a plane, increasing */
    int64_t n, cap;
};

/* Whether one of n floats is not zero (of either sign). */
PC_CLONES static int any_pixel(const float *pix, int64_t n)
{
    uint32_t all = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, pix + i, sizeof word);
        all |= word;
    }
    return (all & 0x7fffffffu) != 0;
}

static int any_plane(const struct pc_direct_conf *c, const float *model, int64_t at, int64_t n)
{
    const int64_t npix = (int64_t)c->geom.nx * c->geom.ny;
    for (int p = 0; p < c->nplane; p++)
        if (any_pixel(model + p * npix + at, n))
            return 1;
    return 0;
}

static int add(struct found *f, int64_t at, struct pc_err *err)
{
    if (f->n == f->cap) {
        int64_t cap = f->cap ? 2 * f->cap : 1024;
        int64_t *grown = realloc(f->at, (size_t)cap * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld components", (long long)cap);
        f->at = grown;
        f->cap = cap;
    }
    f->at[f->n++] = at;
    return 0;
}

static int above_horizon(const struct pc_geom *g, int64_t at)
{
    double l = (double)(at % g->nx - g->nx / 2) * g->cell_rad[0];
    double m = (double)(at / g->nx - g->ny / 2) * g->cell_rad[1];
    return l * l + m * m < 1;
}

/* 1: there are more than wanted. */
static int search(const struct pc_direct_conf *c, const float *model, struct found *f, struct pc_err *err)
{
    const int64_t npix = (int64_t)c->geom.nx * c->geom.ny;
    for (int64_t i = 0; i < npix; i += STRIDE) {
        int64_t n = npix - i < STRIDE ? npix - i : STRIDE;
        if (!any_plane(c, model, i, n))
            continue;
        for (int64_t at = i; at < i + n; at++) {
            if (!any_plane(c, model, at, 1) || !above_horizon(&c->geom, at))
                continue;
            if (c->max_component > 0 && f->n == c->max_component)
                return 1;
            if (add(f, at, err))
                return -1;
        }
    }
    return 0;
}

/* Two tables of about the square root of the range, if they pay. */
static void plan_tables(struct pc_direct_axis *a, const struct pc_direct_conf *conf)
{
    const int length = a->n ? a->k[a->n - 1] - a->first + 1 : 1;
    int nlow = 1;
    if (!pc_direct_table_pays(conf, a->n, length))
        return;
    while (nlow * nlow < length)
        nlow *= 2;
    a->nlow = nlow;
    a->nhigh = (length - 1) / nlow + 1;
    for (int i = 0; i < a->n; i++) {
        a->low[i] = (a->k[i] - a->first) % nlow;
        a->high[i] = (a->k[i] - a->first) / nlow;
    }
}

/* Numbers the occupied ones among n columns (seen[x] != 0): seen[x] becomes the number, a->k its place. */
static int number(struct pc_direct_axis *a, const struct pc_direct_conf *conf, int *seen, int n,
                  struct pc_err *err)
{
    int some = 1;
    for (int x = 0; x < n; x++)
        some += seen[x] != 0;
    if (!(a->k = pc_mem_new(some, sizeof *a->k, "columns of components", err)) ||
        !(a->low = pc_mem_new(some, sizeof *a->low, "columns of components", err)) ||
        !(a->high = pc_mem_new(some, sizeof *a->high, "columns of components", err)))
        return -1;
    for (int x = 0; x < n; x++) {
        if (!seen[x])
            continue;
        seen[x] = a->n;
        a->k[a->n++] = x - n / 2;
    }
    a->first = a->n ? a->k[0] : 0;
    plan_tables(a, conf);
    return 0;
}

/* The components of each row, in runs. */
static int take_runs(struct pc_direct *d, const struct found *f, const int *row, struct pc_err *err)
{
    const int nx = d->conf.geom.nx;
    if (!(d->run = pc_mem_new(d->row.n + d->n / LONGEST_RUN + 1, sizeof *d->run, "rows of components", err)))
        return -1;
    for (int64_t c = 0; c < d->n; c++) {
        struct pc_direct_run *last = d->run + d->nrun - 1;
        int r = row[f->at[c] / nx];
        if (!d->nrun || last->row != r || c - last->begin == LONGEST_RUN)
            d->run[d->nrun++] = (struct pc_direct_run){c, c + 1, r};
        else
            last->end = c + 1;
    }
    return 0;
}

static int number_axes(struct pc_direct *d, const struct found *f, struct pc_err *err)
{
    const struct pc_geom *g = &d->conf.geom;
    int *col = pc_mem_new0(g->nx, sizeof *col, "columns of components", err);
    int *row = col ? pc_mem_new0(g->ny, sizeof *row, "rows of components", err) : NULL;
    int rc = row ? 0 : -1;
    for (int64_t c = 0; !rc && c < f->n; c++)
        col[f->at[c] % g->nx] = row[f->at[c] / g->nx] = 1;
    if (!rc)
        rc = number(&d->col, &d->conf, col, g->nx, err);
    if (!rc)
        rc = number(&d->row, &d->conf, row, g->ny, err);
    for (int64_t c = 0; !rc && c < f->n; c++)
        d->at_col[c] = col[f->at[c] % g->nx];
    if (!rc)
        rc = take_runs(d, f, row, err);
    pc_mem_free(col);
    pc_mem_free(row);
    return rc;
}

static int round_values(struct pc_direct *d, struct pc_err *err)
{
    const int64_t n = d->conf.nplane * d->nterm * d->n;
    if (!(d->value32 = pc_mem_new(n + 1, sizeof *d->value32, "components", err)))
        return -1;
    for (int64_t i = 0; i < n; i++)
        d->value32[i] = (float)d->value[i];
    return 0;
}

static int take(struct pc_direct *d, const struct found *f, const float *model, struct pc_err *err)
{
    const struct pc_direct_conf *conf = &d->conf;
    const int64_t npix = (int64_t)conf->geom.nx * conf->geom.ny, some = f->n ? f->n : 1;
    d->n = f->n;
    if (!(d->at_col = pc_mem_new(some, sizeof *d->at_col, "components", err)) ||
        !(d->value = pc_mem_new(some * conf->nplane, sizeof *d->value, "components", err)))
        return -1;
    for (int p = 0; p < conf->nplane; p++)
        for (int64_t c = 0; c < f->n; c++)
            d->value[p * f->n + c] = (double)model[p * npix + f->at[c]];
    if (number_axes(d, f, err) || pc_direct_take_heights(d, f->at, err))
        return -1;
    if (conf->single && round_values(d, err))
        return -1;
    d->work_byte = conf->single ? pc_direct_work32_byte(d) : pc_direct_work64_byte(d);
    d->work_byte = (d->work_byte + 63) / 64 * 64;
    d->work = pc_mem_new(conf->nthread, (size_t)d->work_byte + 64, "working memory of a direct sum", err);
    return d->work ? 0 : -1;
}

static int check(struct pc_direct_conf *c, struct pc_err *err)
{
    const int most_px = 1 << 17; /* phases are exact for pixels up to 2^16 from the centre */
    if (c->nplane < 1 || c->nplane > PC_MAX_POL || c->geom.nx < 1 || c->geom.ny < 1)
        return pc_err_set(err, PC_EX_BUG, "a direct sum over %d planes of %d x %d pixels", c->nplane,
                          c->geom.nx, c->geom.ny);
    if (c->geom.nx > most_px || c->geom.ny > most_px)
        return pc_err_set(err, PC_EX_DATA,
                          "a direct sum takes models of up to %d pixels a side; this has %d x %d", most_px,
                          c->geom.nx, c->geom.ny);
    if (c->nthread < 1)
        c->nthread = 1;
    return 0;
}

int pc_direct_new(struct pc_direct **direct, const struct pc_direct_conf *conf, const float *model,
                  struct pc_err *err)
{
    struct found f = {0};
    struct pc_direct *d = calloc(1, sizeof *d);
    int rc = -1;
    *direct = NULL;
    if (!d)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a direct sum");
    d->conf = *conf;
    if (!check(&d->conf, err))
        rc = search(&d->conf, model, &f, err);
    if (!rc)
        rc = take(d, &f, model, err);
    free(f.at);
    if (rc)
        pc_direct_free(d);
    else
        *direct = d;
    return rc;
}
