/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/direct_impl.h"
#include "grid/direct_lanes.h"

/* The direct sum in double precision. */

enum { LANES = PC_DIRECT_LANES64, WAVE = 2 * LANES };

struct block {
    double x[3][LANES]; /* u, v, w; 0 where there is no position */
    double keep[LANES]; /* 0 there, else 1 */
    double th[2][LANES], tl[2][LANES];
    double wh[LANES], wl[LANES];
    double re[PC_MAX_POL][LANES], im[PC_MAX_POL][LANES];
};

/* Working memory: waves or phases of all columns and of all rows, and two tables for each. */
struct work {
    double *col, *row, *low, *high;
};

DEFINE_TIMES(times, double)

static int64_t table_len(const struct pc_direct_axis *a)
{
    return (int64_t)WAVE * (a->nlow + a->nhigh);
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t pc_direct_work64_byte(const struct pc_direct *d)
{
    int64_t table = most(table_len(&d->col), table_len(&d->row));
    return 8 * ((int64_t)WAVE * (d->col.n + d->row.n) + table);
}

static struct work work_at(const struct pc_direct *d, void *memory)
{
    struct work w;
    w.col = memory;
    w.row = w.col + (int64_t)WAVE * d->col.n;
    w.low = w.row + (int64_t)WAVE * d->row.n;
    w.high = w.low + (int64_t)WAVE * most(d->col.nlow, d->row.nlow);
    return w;
}

/* A position so large that pixels do not count any more is none. */
static int has_position(double u, double v, double w)
{
    const double most_lambda = 1e15;
    return u > -most_lambda && u < most_lambda && v > -most_lambda && v < most_lambda && w > -most_lambda &&
           w < most_lambda;
}

static void load(struct block *k, const struct pc_direct *d, const struct pc_batch *b, int64_t at, int n)
{
    for (int i = 0; i < LANES; i++) {
        double w = i < n && d->conf.wfull ? b->w[at + i] : 0;
        int good = i < n && has_position(b->u[at + i], b->v[at + i], w);
        k->x[0][i] = good ? b->u[at + i] : 0;
        k->x[1][i] = good ? b->v[at + i] : 0;
        k->x[2][i] = good ? w : 0;
        k->keep[i] = good;
    }
}

static void store(const struct block *k, const struct pc_direct *d, struct pc_batch *b, int64_t at, int n)
{
    for (int p = 0; p < d->conf.nplane; p++)
        for (int i = 0; i < n; i++) {
            b->re[p][at + i] = k->keep[i] != 0 ? k->re[p][i] : 0;
            b->im[p][at + i] = k->keep[i] != 0 ? k->im[p][i] : 0;
        }
}

/* Waves first, first + step, ...: the powers of two of the step are exact, all others products of them. */
INLINE void fill_table(const double *th, const double *tl, double first, double step, double *table, int n)
{
    double power[WAVE];
    wave_at(th, tl, first, table, LANES);
    for (int have = 1; have < n; have *= 2) {
        wave_at(th, tl, step * have, power, LANES);
        for (int j = 0; j < have && have + j < n; j++)
            times(table + WAVE * j, power, table + WAVE * (have + j), LANES);
    }
}

INLINE void fill_waves(const struct pc_direct_axis *a, const double *th, const double *tl,
                       const struct work *w, double *wave)
{
    if (!a->nhigh) {
        for (int j = 0; j < a->n; j++)
            wave_at(th, tl, a->k[j], wave + WAVE * j, LANES);
        return;
    }
    fill_table(th, tl, 0, 1, w->low, a->nlow);
    fill_table(th, tl, a->first, a->nlow, w->high, a->nhigh);
    for (int j = 0; j < a->n; j++) {
        int k = a->k[j] - a->first;
        times(w->low + WAVE * (k & (a->nlow - 1)), w->high + WAVE * (k >> a->low_bit), wave + WAVE * j,
              LANES);
    }
}

/* Of one plane: sums over a row times the row's wave. */
INLINE void sum_plane(const struct pc_direct *d, const struct work *w, const float *value, double *re,
                      double *im)
{
    double all[WAVE] = {0};
    for (int r = 0; r < d->row.n; r++) {
        double sum[WAVE] = {0}, turned[WAVE];
        for (int64_t c = d->row_begin[r]; c < d->row_begin[r + 1]; c++) {
            const double *wave = w->col + WAVE * d->at_col[c];
            double flux = (double)value[c];
            for (int i = 0; i < WAVE; i++)
                sum[i] += flux * wave[i];
        }
        times(sum, w->row + WAVE * r, turned, LANES);
        for (int i = 0; i < WAVE; i++)
            all[i] += turned[i];
    }
    for (int i = 0; i < LANES; i++) {
        re[i] = all[i];
        im[i] = all[LANES + i];
    }
}

INLINE void sum_flat(const struct pc_direct *d, struct block *k, const struct work *w)
{
    fill_waves(&d->col, k->th[0], k->tl[0], w, w->col);
    fill_waves(&d->row, k->th[1], k->tl[1], w, w->row);
    for (int p = 0; p < d->conf.nplane; p++)
        sum_plane(d, w, d->value + p * d->n, k->re[p], k->im[p]);
}

/* With the w-term: phases of columns and rows, and of each component its own, together through one sine and
 * cosine. wh nh is exact, so that its whole turns go without an error. */
INLINE void sum_w(const struct pc_direct *d, struct block *k, const struct work *w, int nplane)
{
    double all[PC_MAX_POL][WAVE] = {{0}};
    for (int i = 0; i < LANES; i++)
        split(k->x[2][i], &k->wh[i], &k->wl[i]);
    for (int j = 0; j < d->col.n; j++)
        turns_at(k->th[0], k->tl[0], d->col.k[j], w->col + LANES * j, LANES);
    for (int r = 0; r < d->row.n; r++)
        turns_at(k->th[1], k->tl[1], d->row.k[r], w->row + LANES * r, LANES);
    for (int64_t c = 0; c < d->n; c++) {
        const double *col = w->col + LANES * d->at_col[c], *row = w->row + LANES * d->at_row[c];
        const double nh = d->nh[c], nl = d->nl[c];
        double turn[LANES], wave[WAVE];
        for (int i = 0; i < LANES; i++) {
            double p = k->wh[i] * nh;
            p = p - ((p + ROUND_WHOLE) - ROUND_WHOLE);
            turn[i] = (col[i] + row[i]) + (p + (k->wl[i] * nh + k->x[2][i] * nl));
        }
        cos_sin(turn, wave, wave + LANES, LANES);
        for (int p = 0; p < nplane; p++) {
            double flux = (double)d->value[p * d->n + c];
            for (int i = 0; i < WAVE; i++)
                all[p][i] += flux * wave[i];
        }
    }
    for (int p = 0; p < nplane; p++) {
        for (int i = 0; i < LANES; i++) {
            k->re[p][i] = all[p][i];
            k->im[p][i] = all[p][LANES + i];
        }
    }
}

INLINE void sum_block(const struct pc_direct *d, struct block *k, const struct work *w)
{
    for (int a = 0; a < 2; a++)
        turns_of(k->x[a], d->conf.geom.cell_rad[a], k->th[a], k->tl[a], LANES);
    if (!d->conf.wfull)
        sum_flat(d, k, w);
    else if (d->conf.nplane == 1)
        sum_w(d, k, w, 1);
    else
        sum_w(d, k, w, d->conf.nplane);
}

CLONES static void sum_lanes(const struct pc_direct *d, struct block *k, const struct work *w)
{
    sum_block(d, k, w);
}

void pc_direct_sum64(const struct pc_direct *d, struct pc_batch *b, int64_t begin, int64_t end, void *memory)
{
    struct work w = work_at(d, memory);
    struct block k;
    for (int64_t at = begin; at < end; at += LANES) {
        int n = end - at < LANES ? (int)(end - at) : LANES;
        load(&k, d, b, at, n);
        sum_lanes(d, &k, &w);
        store(&k, d, b, at, n);
    }
}
