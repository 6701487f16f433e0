/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/direct_impl.h"

/* What a direct sum costs: operations times what each takes a sample, measured (AVX2, 2.5-3 GHz). */

struct price {
    double sine_ns;       /* cosine and sine of a column's or row's phase, that included */
    double table_sine_ns; /* the same where a table begins */
    double entry_ns;      /* of a table: a product */
    double product_ns;    /* of two entries */
    double row_ns;        /* a row's sum times its wave, added; of each plane */
    double component_ns;  /* flux times wave, added; of each plane */
    double phase_ns;      /* of a column or row, without cosine and sine */
    double height_ns;     /* a component with the w-term: its phase, cosine and sine */
};

static const struct price PRICE64 = {1.7, 1.7, 0.35, 0.35, 0.35, 0.13, 0.55, 2.2};
static const struct price PRICE32 = {1.0, 1.7, 0.2, 0.17, 0.3, 0.075, 0.6, 0.8};

static const struct price *price_of(const struct pc_direct_conf *c)
{
    return c->single ? &PRICE32 : &PRICE64;
}

/* All waves of an axis by tables, if its n columns lie in a range of `length` pixels. */
static double table_ns(const struct price *p, int n, int length)
{
    int nlow = 1, nsine = 2;
    for (; nlow * nlow < length; nlow *= 2)
        nsine += 2;
    return nsine * p->table_sine_ns + (nlow + (length - 1) / nlow + 1) * p->entry_ns + n * p->product_ns;
}

bool pc_direct_table_pays(const struct pc_direct_conf *conf, int n, int length)
{
    const struct price *p = price_of(conf);
    return table_ns(p, n, length) < n * p->sine_ns;
}

static double axis_ns(const struct pc_direct_conf *conf, int n, int length)
{
    const struct price *p = price_of(conf);
    return pc_direct_table_pays(conf, n, length) ? table_ns(p, n, length) : n * p->sine_ns;
}

struct count {
    int64_t ncomponent;
    int nrow, ncol, length_x, length_y; /* pixels from the first to the last */
    int nterm;                          /* of the w-term; 0: not taken apart */
};

static double sum_ns(const struct pc_direct_conf *c, const struct count *n)
{
    const struct price *p = price_of(c);
    double fluxes = (double)n->ncomponent * p->component_ns * c->nplane;
    double rows = n->nrow * p->row_ns * c->nplane;
    if (!c->wfull)
        return fluxes + rows + axis_ns(c, n->ncol, n->length_x) + axis_ns(c, n->nrow, n->length_y);
    if (n->nterm)
        return n->nterm * (fluxes + rows) + (n->nrow + n->ncol) * (p->sine_ns + p->phase_ns);
    return fluxes + (double)n->ncomponent * p->height_ns + (n->nrow + n->ncol) * p->phase_ns;
}

static int length_of(const struct pc_direct_axis *a)
{
    return a->n ? a->k[a->n - 1] - a->first + 1 : 1;
}

double pc_direct_sample_ns(const struct pc_direct *d, int nterm)
{
    struct count n = {d->n, d->row.n, d->col.n, length_of(&d->col), length_of(&d->row), nterm};
    return sum_ns(&d->conf, &n);
}

double pc_direct_predict_s(const struct pc_direct *d, int64_t nsample)
{
    return 1e-9 * (double)nsample * pc_direct_sample_ns(d, d->apart ? d->nterm : 0);
}

double pc_direct_cost_s(const struct pc_direct_conf *conf, int64_t ncomponent, int nrow, int ncol,
                        int64_t nsample)
{
    struct count n = {ncomponent, nrow, ncol, conf->geom.nx, conf->geom.ny, 0};
    return 1e-9 * (double)nsample * sum_ns(conf, &n);
}
