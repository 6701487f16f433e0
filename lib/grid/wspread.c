/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/wspread.h"

#include <math.h>

static void double_step(struct pc_wspread *s)
{
    for (int i = 0; i < PC_WSPREAD_BINS; i++) {
        const double pair = i < PC_WSPREAD_BINS / 2 ? s->of[2 * i] + s->of[2 * i + 1] : 0;
        s->of[i] = pair;
    }
    s->step *= 2;
}

void pc_wspread_sample(struct pc_wspread *s, double w_lambda, double weight)
{
    const double w = fabs(w_lambda);
    if (!isfinite(w) || weight == 0)
        return;
    if (s->step == 0)
        s->step = 1e-3;
    while (w >= PC_WSPREAD_BINS * s->step)
        double_step(s);
    s->of[(int)(w / s->step)] += weight * weight;
}

void pc_wspread_add(struct pc_wspread *s, const struct pc_visblock *b)
{
    for (int64_t row = 0; row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++)
            pc_wspread_sample(s, b->uvw_m[3 * row + 2] * pc_visblock_per_m(b, row, chan),
                              (double)b->imweight[row * b->nchan + chan]);
}
