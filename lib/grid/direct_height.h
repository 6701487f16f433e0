/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_DIRECT_HEIGHT_H
#define PC_GRID_DIRECT_HEIGHT_H

#include "grid/direct_impl.h"
#include "grid/direct_lanes.h"

#include <string.h>

/* The w-term of 16 samples. Private to lib/grid/direct*.c. */

/* w of the samples, and in two parts of 26 bits. */
struct heights {
    lanes w[NVEC], high[NVEC], low[NVEC];
};

/* w (nh + nl), less its whole turns but for a fraction: high nh is exact. */
INLINE void height_turns(const struct heights *h, int v, double nh, double nl, lanes *turn)
{
    lanes p = h->high[v] * nh;
    *turn = (p - ((p + ROUND_WHOLE) - ROUND_WHOLE)) + (h->low[v] * nh + h->w[v] * nl);
}

INLINE void heights_of(const struct pc_direct_block *b, struct heights *h)
{
    memcpy(h->w, b->w, sizeof h->w);
    for (int v = 0; v < NVEC; v++)
        split(&h->w[v], &h->high[v], &h->low[v]);
}

/* The phase of a column or row with its share of the w-term. */
INLINE void axis_turns(const struct pc_direct_axis *a, const struct turns *t, const struct heights *h, int i,
                       lanes *turn)
{
    turns_at(t, a->k[i], turn);
    for (int v = 0; v < NVEC; v++) {
        lanes more;
        height_turns(h, v, a->height_high[i], a->height_low[i], &more);
        turn[v] += more;
    }
}

/* The series of the w-term's rest: all[0] + i x (all[1] + i x/2 (all[2] + ...)), x = 2 pi w most_rest. */
INLINE void sum_series(const struct pc_direct *d, const struct heights *h, struct wave *all)
{
    const double tau = 6.283185307179586;
    for (int j = d->nterm - 1; j > 0; j--) {
        for (int v = 0; v < NVEC; v++) {
            lanes x = h->w[v] * (tau * d->most_rest / j);
            all[j - 1].re[v] -= x * all[j].im[v];
            all[j - 1].im[v] += x * all[j].re[v];
        }
    }
}

#endif
