/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_dishes.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static bool differ(double a_m, double b_m)
{
    return fmax(a_m, b_m) > 1.01 * fmin(a_m, b_m);
}

bool pc_dishes_differ(const struct pc_visinfo *info)
{
    const double first = pc_visinfo_dish_m(info);
    double low = first, high = first;
    for (int i = 0; info->diam_m != NULL && i < info->nant; i++)
        if (info->diam_m[i] > 0) {
            low = fmin(low, info->diam_m[i]);
            high = fmax(high, info->diam_m[i]);
        }
    return differ(low, high);
}

/* The kind of a diameter, a new one if need be. Only the first one is worth warnings: the others are of the
 * same telescope. */
static int kind_of(struct pc_dishes *d, const char *telescop, double diam_m, struct pc_log *log)
{
    struct pc_pb pb;
    for (int k = 0; k < d->nkind; k++)
        if (!differ(diam_m, d->diam_m[k]))
            return k;
    pc_pb_choose(telescop, diam_m, &pb, d->nkind == 0 ? log : NULL);
    for (int k = 0; k < d->nkind; k++)
        if (pc_pb_same(&pb, &d->pb[k]))
            return k;
    d->pb[d->nkind] = pb;
    d->diam_m[d->nkind] = diam_m;
    return d->nkind++;
}

int pc_dishes_init(struct pc_dishes *d, const struct pc_visinfo *info, struct pc_log *log, struct pc_err *err)
{
    static const char what[] = "kinds of dishes";
    const double first = pc_visinfo_dish_m(info);
    const int nant = info->nant > 0 ? info->nant : 1;
    *d = (struct pc_dishes){.nant = info->nant};
    d->kind = pc_mem_new0(nant, sizeof *d->kind, what, err);
    d->pb = d->kind ? pc_mem_new(nant, sizeof *d->pb, what, err) : NULL;
    d->diam_m = d->pb ? pc_mem_new(nant, sizeof *d->diam_m, what, err) : NULL;
    if (d->diam_m == NULL)
        goto fail;
    kind_of(d, info->telescop, first, log);
    for (int i = 0; info->diam_m != NULL && i < info->nant; i++)
        if (info->diam_m[i] > 0)
            d->kind[i] = kind_of(d, info->telescop, info->diam_m[i], log);
    d->weight = pc_mem_new0((int64_t)d->nkind * d->nkind, sizeof *d->weight, what, err);
    if (d->weight != NULL)
        return 0;
fail:
    pc_dishes_fini(d);
    return -1;
}

void pc_dishes_fini(struct pc_dishes *d)
{
    pc_mem_free(d->kind);
    pc_mem_free(d->pb);
    pc_mem_free(d->diam_m);
    pc_mem_free(d->weight);
    memset(d, 0, sizeof *d);
}

void pc_dishes_clear(struct pc_dishes *d)
{
    memset(d->weight, 0, (size_t)d->nkind * (size_t)d->nkind * sizeof *d->weight);
}

static double row_weight(const struct pc_visblock *b, int64_t row)
{
    double sum = 0;
    for (int64_t at = row * b->nchan; at < (row + 1) * b->nchan; at++) {
        const double w = b->imweight != NULL ? (double)b->imweight[at] : (double)b->weight[at * b->ncorr];
        sum += w > 0 ? w : 0;
    }
    return sum;
}

/* Where the weight of a row goes; NULL when it names an antenna that the array has not. */
static double *place(struct pc_dishes *d, const struct pc_visblock *b, int64_t row)
{
    if (d->nkind == 1)
        return d->weight;
    const double a = b->row[4 * row + 2], c = b->row[4 * row + 3];
    if (!(a >= 0 && c >= 0 && a < d->nant && c < d->nant))
        return NULL;
    const int k = d->kind[(int)a], m = d->kind[(int)c];
    return d->weight + (k < m ? k * d->nkind + m : m * d->nkind + k);
}

int pc_dishes_add(struct pc_dishes *d, const struct pc_visblock *b, struct pc_err *err)
{
    if (d->nkind > 1 && b->row == NULL)
        return pc_err_set(err, PC_EX_DATA,
                          "%s has dishes of several sizes (%g m, %g m): row.fits has to say which of them "
                          "a row is from, and it is not there",
                          b->info.ms, d->diam_m[0], d->diam_m[1]);
    for (int64_t row = 0; row < b->nrow; row++) {
        double *sum = place(d, b, row);
        if (sum == NULL)
            return pc_err_set(err, PC_EX_DATA,
                              "%s: row.fits: row %lld is from antennas %g and %g; there are %d", b->info.ms,
                              (long long)row, b->row[4 * row + 2], b->row[4 * row + 3], d->nant);
        *sum += row_weight(b, row);
    }
    return 0;
}

double pc_dishes_weight(const struct pc_dishes *d)
{
    double sum = 0;
    for (int i = 0; i < d->nkind * d->nkind; i++)
        sum += d->weight[i];
    return sum;
}

double pc_dishes_weight_of(const struct pc_dishes *d, int kind)
{
    double sum = 0;
    for (int k = 0; k < d->nkind; k++)
        sum += 0.5 * (d->weight[kind * d->nkind + k] + d->weight[k * d->nkind + kind]);
    return sum;
}

int pc_dishes_only(const struct pc_dishes *d)
{
    int only = -1;
    for (int k = 0; k < d->nkind; k++)
        if (d->nkind == 1 || pc_dishes_weight_of(d, k) > 0) {
            if (only >= 0)
                return -1;
            only = k;
        }
    return only;
}

int pc_dishes_table(const struct pc_dishes *d, double freq_hz, int n, double *table, double *reach_rad,
                    struct pc_err *err)
{
    double *v = pc_mem_new((int64_t)n * d->nkind, sizeof *v, "voltage patterns", err);
    const double total = pc_dishes_weight(d);
    if (v == NULL)
        return -1;
    *reach_rad = 0;
    for (int k = 0; k < d->nkind; k++)
        *reach_rad = fmax(*reach_rad, d->pb[k].maxrad_1ghz_rad);
    for (int k = 0; k < d->nkind; k++)
        pc_pb_voltage(&d->pb[k], freq_hz, *reach_rad, n, v + (int64_t)k * n);
    memset(table, 0, (size_t)n * sizeof *table);
    for (int a = 0; a < d->nkind; a++)
        for (int b = a; b < d->nkind; b++) {
            const double share = d->weight[a * d->nkind + b] / total;
            for (int i = 0; share > 0 && i < n; i++)
                table[i] += share * v[(int64_t)a * n + i] * v[(int64_t)b * n + i];
        }
    pc_mem_free(v);
    return 0;
}
