/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turning.h"

#include "base/clones.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG32(w) __builtin_bswap32(w)
#else
#define BIG32(w) (w)
#endif

static uint32_t fold(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffffu) + (sum >> 32);
    return (uint32_t)sum;
}

/* Where sample (row i, slot k) is, in samples. */
PC_INLINE int64_t place(const struct pc_turning *u, int64_t i, int k, int nc)
{
    return i * u->row + (int64_t)(u->tap ? u->tap[k].chan - u->lo : k) * nc;
}

/* The visibilities of a sample are nw words, which are kept apart in the sums so that they are added side by
 * side. */
PC_INLINE uint64_t turn_vis(const struct pc_turning *u, const int nc, const int nper)
{
    const char *from = (const char *)u->vis_jy;
    char *to = u->to_vis;
    uint64_t sum[8] = {0};
    for (int64_t i = 0; i < u->n; i++)
        for (int k = 0; k < nper; k++, to += 8 * nc) {
            uint32_t w[8];
            memcpy(w, from + place(u, i, k, nc) * 8, 8 * (size_t)nc);
            for (int j = 0; j < 2 * nc; j++) {
                sum[j] += w[j];
                w[j] = BIG32(w[j]);
            }
            memcpy(to, w, 8 * (size_t)nc);
        }
    return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

/* The bits of what counts are those of a whole number above 0. */
PC_INLINE uint64_t turn_weight(const struct pc_turning *u, const int nc, const int nper, double *total,
                               int64_t *ngood)
{
    const char *from = (const char *)u->weight;
    char *to = u->to_weight;
    uint64_t sum[4] = {0};
    int64_t good[4] = {0};
    double add[4] = {0};
    for (int64_t i = 0; i < u->n; i++)
        for (int k = 0; k < nper; k++, to += 4 * nc) {
            uint32_t w[4];
            float f[4];
            memcpy(w, from + place(u, i, k, nc) * 4, 4 * (size_t)nc);
            for (int j = 0; j < nc; j++) {
                const bool counts = (int32_t)w[j] > 0;
                w[j] = counts ? w[j] : 0;
                good[j] += counts;
                sum[j] += w[j];
            }
            memcpy(f, w, sizeof f);
            for (int j = 0; j < nc; j++) {
                add[j] += (double)f[j];
                w[j] = BIG32(w[j]);
            }
            memcpy(to, w, 4 * (size_t)nc);
        }
    *total = add[0] + add[1] + add[2] + add[3];
    *ngood = good[0] + good[1] + good[2] + good[3];
    return sum[0] + sum[1] + sum[2] + sum[3];
}

PC_INLINE void turn(const struct pc_turning *u, struct pc_turned *s, int64_t *ngood, const int nc)
{
    if (u->nper == 1) {
        s->vis = fold(turn_vis(u, nc, 1));
        s->weight = fold(turn_weight(u, nc, 1, &s->total, ngood));
    } else {
        s->vis = fold(turn_vis(u, nc, u->nper));
        s->weight = fold(turn_weight(u, nc, u->nper, &s->total, ngood));
    }
}

PC_CLONES static void turn1(const struct pc_turning *u, struct pc_turned *s, int64_t *ngood)
{
    turn(u, s, ngood, 1);
}

PC_CLONES static void turn2(const struct pc_turning *u, struct pc_turned *s, int64_t *ngood)
{
    turn(u, s, ngood, 2);
}

PC_CLONES static void turn3(const struct pc_turning *u, struct pc_turned *s, int64_t *ngood)
{
    turn(u, s, ngood, 3);
}

PC_CLONES static void turn4(const struct pc_turning *u, struct pc_turned *s, int64_t *ngood)
{
    turn(u, s, ngood, 4);
}

/* Seldom needed, so once more over the weights. */
static void count_reasons(const struct pc_turning *u, int64_t *left_out)
{
    for (int64_t i = 0; i < u->n; i++)
        for (int k = 0; k < u->nper; k++)
            for (int j = 0; j < u->ncorr; j++) {
                const float w = u->weight[place(u, i, k, u->ncorr) + j];
                if (!(w > 0))
                    left_out[(int)-w]++;
            }
}

void pc_turning_do(const struct pc_turning *u, struct pc_turned *sums)
{
    static void (*const by_ncorr[4])(const struct pc_turning *, struct pc_turned *,
                                     int64_t *) = {turn1, turn2, turn3, turn4};
    int64_t ngood;
    *sums = (struct pc_turned){0};
    by_ncorr[u->ncorr - 1](u, sums, &ngood);
    if (ngood < u->n * u->nper * u->ncorr)
        count_reasons(u, sums->left_out);
}
