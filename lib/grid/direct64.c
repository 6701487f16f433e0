/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/direct_impl.h"
#include "grid/direct_height.h"

#include <string.h>

/* The direct sum in double precision. */

/* Working memory: waves of all columns and two tables; with the w-term, phases of all columns and rows. */
struct work {
    struct wave *col, *low, *high;
    lanes *col_turn, *row_turn; /* [][NVEC] */
};

static int most(int a, int b)
{
    return a > b ? a : b;
}

int64_t pc_direct_work64_byte(const struct pc_direct *d)
{
    int nlow = most(d->col.nlow, d->row.nlow), nhigh = most(d->col.nhigh, d->row.nhigh);
    int64_t flat = (int64_t)sizeof(struct wave) * ((int64_t)d->col.n + nlow + nhigh);
    int64_t full = (int64_t)sizeof(lanes[NVEC]) * ((int64_t)d->col.n + d->row.n);
    return flat > full ? flat : full;
}

static struct work work_at(const struct pc_direct *d, void *memory)
{
    struct work w = {.col = memory, .col_turn = memory};
    w.low = w.col + d->col.n;
    w.high = w.low + most(d->col.nlow, d->row.nlow);
    w.row_turn = w.col_turn + (int64_t)NVEC * d->col.n;
    return w;
}

INLINE void start_axis(const struct pc_direct_axis *a, const struct turns *t, const struct work *w)
{
    if (!a->nhigh || a->height_high)
        return;
    wave_table(t, 0, 1, w->low, a->nlow);
    wave_table(t, a->first, a->nlow, w->high, a->nhigh);
}

/* The wave of a column or row; with its share of the w-term when that is taken apart. */
INLINE void axis_wave(const struct pc_direct_axis *a, const struct turns *t, const struct heights *h,
                      const struct work *w, int i, struct wave *wave)
{
    lanes turn[NVEC];
    if (a->height_high) {
        axis_turns(a, t, h, i, turn);
        for (int v = 0; v < NVEC; v++)
            cos_sin(&turn[v], &wave->re[v], &wave->im[v]);
    } else if (a->nhigh) {
        wave_times(&w->low[a->low[i]], &w->high[a->high[i]], wave);
    } else {
        wave_at(t, a->k[i], wave);
    }
}

/* Adds the components of one row, times its wave. */
INLINE void add_run(const struct pc_direct *d, const struct work *w, const struct pc_direct_run *run,
                    const double *value, const struct wave *row, struct wave *all)
{
    lanes re[NVEC] = {{0}}, im[NVEC] = {{0}};
    for (int64_t c = run->begin; c < run->end; c++) {
        const struct wave *wave = &w->col[d->at_col[c]];
        double flux = value[c];
        for (int v = 0; v < NVEC; v++) {
            re[v] += flux * wave->re[v];
            im[v] += flux * wave->im[v];
        }
    }
    for (int v = 0; v < NVEC; v++) {
        all->re[v] += row->re[v] * re[v] - row->im[v] * im[v];
        all->im[v] += row->re[v] * im[v] + row->im[v] * re[v];
    }
}

/* Sums over a row's components by their columns' waves, times the row's wave. */
INLINE void sum_flat(const struct pc_direct *d, const struct turns t[2], const struct heights *h,
                     const struct work *w, struct wave *all)
{
    start_axis(&d->col, &t[0], w);
    for (int i = 0; i < d->col.n; i++)
        axis_wave(&d->col, &t[0], h, w, i, &w->col[i]);
    start_axis(&d->row, &t[1], w);
    for (int64_t r = 0; r < d->nrun; r++) {
        struct wave row;
        axis_wave(&d->row, &t[1], h, w, d->run[r].row, &row);
        for (int p = 0; p < d->conf.nplane * d->nterm; p++)
            add_run(d, w, &d->run[r], d->value + p * d->n, &row, &all[p]);
    }
}

/* With the w-term: phases of column, row and the component's own, together through one cosine and sine. */
INLINE void sum_full(const struct pc_direct *d, const struct turns t[2], const struct heights *h,
                     const struct work *w, struct wave *all, int nplane)
{
    for (int i = 0; i < d->col.n; i++)
        turns_at(&t[0], d->col.k[i], w->col_turn + NVEC * i);
    for (int i = 0; i < d->row.n; i++)
        turns_at(&t[1], d->row.k[i], w->row_turn + NVEC * i);
    for (const struct pc_direct_run *run = d->run; run < d->run + d->nrun; run++) {
        const lanes *row = w->row_turn + NVEC * run->row;
        for (int64_t c = run->begin; c < run->end; c++) {
            const lanes *col = w->col_turn + NVEC * d->at_col[c];
            for (int v = 0; v < NVEC; v++) {
                lanes turn, cosine, sine;
                height_turns(h, v, d->nh[c], d->nl[c], &turn);
                turn += col[v] + row[v];
                cos_sin(&turn, &cosine, &sine);
                for (int p = 0; p < nplane; p++) {
                    double flux = d->value[p * d->nterm * d->n + c];
                    all[p * d->nterm].re[v] += flux * cosine;
                    all[p * d->nterm].im[v] += flux * sine;
                }
            }
        }
    }
}

PC_CLONES static void sum_lanes64(const struct pc_direct *d, struct pc_direct_block *b, const struct work *w,
                                  bool full)
{
    struct turns t[2];
    struct heights h;
    struct wave all[PC_MAX_POL * PC_DIRECT_MAX_TERM];
    memset(all, 0, sizeof all);
    turns_of((const lanes *)b->u, d->conf.geom.cell_rad[0], &t[0]);
    turns_of((const lanes *)b->v, d->conf.geom.cell_rad[1], &t[1]);
    heights_of(b, &h);
    if (full && d->conf.nplane == 1)
        sum_full(d, t, &h, w, all, 1);
    else if (full)
        sum_full(d, t, &h, w, all, d->conf.nplane);
    else
        sum_flat(d, t, &h, w, all);
    for (int p = 0; p < d->conf.nplane; p++) {
        struct wave *mine = all + p * d->nterm;
        if (!full)
            sum_series(d, &h, mine);
        memcpy(b->re[p], mine->re, sizeof mine->re);
        memcpy(b->im[p], mine->im, sizeof mine->im);
    }
}

void pc_direct_sum64(const struct pc_direct *d, struct pc_direct_block *b, bool full, void *memory)
{
    struct work w = work_at(d, memory);
    sum_lanes64(d, b, &w, full);
}
