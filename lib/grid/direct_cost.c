/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/direct_impl.h"

/* What a direct sum costs: operations times what each takes a sample, measured (AVX2, 2.5-3 GHz). */

struct price {
    double sine_ns;      /* cosine and sine */
    double product_ns;   /* of two waves */
    double component_ns; /* flux times wave, added; of each plane */
    double height_ns;    /* a component with the w-term: its phase, cosine and sine */
};

static const struct price PRICE64 = {1.7, 0.35, 0.13, 2.2};

/* All waves of an axis, if its n columns lie in a range of `length` pixels. */
static double axis_ns(const struct price *p, int n, int length)
{
    int nlow = 1, nsine = 2;
    for (; nlow * nlow < length; nlow *= 2)
        nsine += 2;
    double each = n * p->sine_ns;
    double table = nsine * p->sine_ns + (nlow + (length - 1) / nlow + 1 + n) * p->product_ns;
    return each < table ? each : table;
}

struct count {
    int64_t ncomponent;
    int nrow, ncol, length_x, length_y; /* pixels from the first to the last */
    int nterm;                          /* of the w-term; 0: not taken apart */
};

static double sum_ns(const struct pc_direct_conf *c, const struct count *n)
{
    const struct price *p = &PRICE64;
    double fluxes = (double)n->ncomponent * p->component_ns * c->nplane;
    double rows = n->nrow * p->product_ns * c->nplane;
    if (!c->wfull)
        return fluxes + rows + axis_ns(p, n->ncol, n->length_x) + axis_ns(p, n->nrow, n->length_y);
    if (n->nterm)
        return n->nterm * (fluxes + rows) + (n->nrow + n->ncol) * (p->sine_ns + p->product_ns);
    return fluxes + (double)n->ncomponent * p->height_ns + (n->nrow + n->ncol) * p->product_ns;
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
