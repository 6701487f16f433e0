/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/direct_height.h"
#include "grid/direct_lanes32.h"

/* The direct sum in single precision: phases, and the waves that tables begin with, are made in double
 * precision; sums are in single precision over some rows and then go on in double precision. */

/* Working memory: waves of all columns and two tables; with the w-term, phases of all columns and rows. */
struct work {
    struct wave32 *col, *low, *high;
    struct phase32 *col_turn, *row_turn;
};

static int most(int a, int b)
{
    return a > b ? a : b;
}

static struct work work_at(const struct pc_direct *d, void *memory)
{
    int nlow = most(d->col.nlow, d->row.nlow), nhigh = most(d->col.nhigh, d->row.nhigh);
    struct work w = {.low = memory};
    w.high = w.low + nlow;
    w.col = w.high + nhigh;
    w.col_turn = (struct phase32 *)w.col;
    w.row_turn = w.col_turn + d->col.n;
    return w;
}

int64_t pc_direct_work32_byte(const struct pc_direct *d)
{
    int nlow = most(d->col.nlow, d->row.nlow), nhigh = most(d->col.nhigh, d->row.nhigh);
    int64_t table = (int64_t)sizeof(struct wave32) * (nlow + nhigh);
    int64_t flat = (int64_t)sizeof(struct wave32) * d->col.n;
    int64_t full = (int64_t)sizeof(struct phase32) * ((int64_t)d->col.n + d->row.n);
    return table + (flat > full ? flat : full);
}

INLINE void rounded_wave(const struct turns *t, int k, struct wave32 *wave)
{
    struct wave wide;
    wave_at(t, k, &wide);
    wave_round(&wide, wave);
}

/* As wave_table(). */
INLINE void table32(const struct turns *t, int first, int step, struct wave32 *table, int n)
{
    rounded_wave(t, first, &table[0]);
    for (int have = 1; have < n; have *= 2) {
        struct wave32 power;
        rounded_wave(t, step * have, &power);
        for (int j = 0; j < have && have + j < n; j++)
            wave32_times(&table[j], &power, &table[have + j]);
    }
}

INLINE void start_axis(const struct pc_direct_axis *a, const struct turns *t, const struct work *w)
{
    if (!a->nhigh || a->height_high)
        return;
    table32(t, 0, 1, w->low, a->nlow);
    table32(t, a->first, a->nlow, w->high, a->nhigh);
}

INLINE void axis_wave(const struct pc_direct_axis *a, const struct turns *t, const struct heights *h,
                      const struct work *w, int i, struct wave32 *wave)
{
    lanes turn[NVEC];
    struct phase32 phase;
    if (a->nhigh && !a->height_high) {
        wave32_times(&w->low[a->low[i]], &w->high[a->high[i]], wave);
        return;
    }
    if (a->height_high)
        axis_turns(a, t, h, i, turn);
    else
        turns_at(t, a->k[i], turn);
    phase_of(turn, &phase);
    wave32_of(&phase, wave);
}

/* Adds the components of one row, times its wave. */
INLINE void add_run(const struct pc_direct *d, const struct work *w, const struct pc_direct_run *run,
                    const float *value, const struct wave32 *row, struct wave32 *all)
{
    struct wave32 sum = {{{0}}, {{0}}}, turned;
    for (int64_t c = run->begin; c < run->end; c++) {
        const struct wave32 *wave = &w->col[d->at_col[c]];
        float flux = value[c];
        for (int v = 0; v < NVEC32; v++) {
            sum.re[v] += flux * wave->re[v];
            sum.im[v] += flux * wave->im[v];
        }
    }
    wave32_times(&sum, row, &turned);
    for (int v = 0; v < NVEC32; v++) {
        all->re[v] += turned.re[v];
        all->im[v] += turned.im[v];
    }
}

/* So many rows are summed before they go on in double precision. */
enum { ROWS = 8 };

INLINE void sum_flat(const struct pc_direct *d, const struct turns t[2], const struct heights *h,
                     const struct work *w, struct wave *all)
{
    start_axis(&d->col, &t[0], w);
    for (int i = 0; i < d->col.n; i++)
        axis_wave(&d->col, &t[0], h, w, i, &w->col[i]);
    start_axis(&d->row, &t[1], w);
    const int nsum = d->conf.nplane * d->nterm;
    for (int64_t first = 0; first < d->nrun; first += ROWS) {
        const int64_t end = d->nrun - first < ROWS ? d->nrun : first + ROWS;
        struct wave32 sum[PC_MAX_POL * PC_DIRECT_MAX_TERM];
        memset(sum, 0, sizeof sum[0] * (size_t)nsum);
        for (int64_t r = first; r < end; r++) {
            struct wave32 row;
            axis_wave(&d->row, &t[1], h, w, d->run[r].row, &row);
            for (int p = 0; p < nsum; p++)
                add_run(d, w, &d->run[r], d->value32 + p * d->n, &row, &sum[p]);
        }
        for (int p = 0; p < nsum; p++)
            wave_add32(&all[p], &sum[p]);
    }
}

/* One component of every plane, with the w-term. */
INLINE void add_component(const struct pc_direct *d, int64_t c, const struct heights *h,
                          const struct phase32 *col, const struct phase32 *row, struct wave32 *sum,
                          int nplane)
{
    lanes turn[NVEC];
    struct phase32 phase;
    struct wave32 wave;
    for (int v = 0; v < NVEC; v++) {
        lanes p = h->w[v] * (d->nh[c] + d->nl[c]);
        turn[v] = p - ((p + ROUND_WHOLE) - ROUND_WHOLE);
    }
    phase_of(turn, &phase);
    for (int v = 0; v < NVEC32; v++)
        phase.turn[v] += col->turn[v] + row->turn[v];
    wave32_of(&phase, &wave);
    for (int p = 0; p < nplane; p++) {
        float flux = d->value32[p * d->nterm * d->n + c];
        for (int v = 0; v < NVEC32; v++) {
            sum[p].re[v] += flux * wave.re[v];
            sum[p].im[v] += flux * wave.im[v];
        }
    }
}

INLINE void sum_full(const struct pc_direct *d, const struct turns t[2], const struct heights *h,
                     const struct work *w, struct wave *all, int nplane)
{
    lanes turn[NVEC];
    for (int i = 0; i < d->col.n; i++) {
        turns_at(&t[0], d->col.k[i], turn);
        phase_of(turn, &w->col_turn[i]);
    }
    for (int i = 0; i < d->row.n; i++) {
        turns_at(&t[1], d->row.k[i], turn);
        phase_of(turn, &w->row_turn[i]);
    }
    for (const struct pc_direct_run *run = d->run; run < d->run + d->nrun; run++) {
        struct wave32 sum[PC_MAX_POL];
        memset(sum, 0, sizeof sum[0] * (size_t)nplane);
        for (int64_t c = run->begin; c < run->end; c++)
            add_component(d, c, h, &w->col_turn[d->at_col[c]], &w->row_turn[run->row], sum, nplane);
        for (int p = 0; p < nplane; p++)
            wave_add32(&all[p * d->nterm], &sum[p]);
    }
}

PC_CLONES static void sum_lanes32(const struct pc_direct *d, struct pc_direct_block *b, const struct work *w,
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

void pc_direct_sum32(const struct pc_direct *d, struct pc_direct_block *b, bool full, void *memory)
{
    struct work w = work_at(d, memory);
    sum_lanes32(d, b, &w, full);
}
