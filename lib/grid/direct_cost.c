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

static double sum_ns(const struct pc_direct_conf *c, int64_t ncomponent, int nrow, int ncol, int length_x,
                     int length_y)
{
    const struct price *p = &PRICE64;
    double flux = (double)ncomponent * c->nplane * p->component_ns;
    if (c->wfull)
        return flux + (double)ncomponent * p->height_ns + (nrow + ncol) * p->product_ns;
    return flux + axis_ns(p, ncol, length_x) + axis_ns(p, nrow, length_y) + nrow * c->nplane * p->product_ns;
}

double pc_direct_cost_s(const struct pc_direct_conf *conf, int64_t ncomponent, int nrow, int ncol,
                        int64_t nsample)
{
    return 1e-9 * (double)nsample * sum_ns(conf, ncomponent, nrow, ncol, conf->geom.nx, conf->geom.ny);
}

static int length_of(const struct pc_direct_axis *a)
{
    return a->n ? a->k[a->n - 1] - a->first + 1 : 1;
}

double pc_direct_predict_s(const struct pc_direct *d, int64_t nsample)
{
    return 1e-9 * (double)nsample *
           sum_ns(&d->conf, d->n, d->row.n, d->col.n, length_of(&d->col), length_of(&d->row));
}
