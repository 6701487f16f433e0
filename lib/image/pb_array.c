/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_array.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE = 10000 };

/* One (MS, field). */
struct look {
    struct pc_visinfo info;
    struct pc_dishes dishes;
    bool seen; /* in this channel */
};

struct pc_pb_array {
    struct look *look;
    int n, cap;
};

int pc_pb_array_new(struct pc_pb_array **a, struct pc_err *err)
{
    *a = calloc(1, sizeof **a);
    return *a != NULL ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory for primary beams");
}

void pc_pb_array_free(struct pc_pb_array *a)
{
    for (int i = 0; a != NULL && i < a->n; i++) {
        pc_visinfo_fini(&a->look[i].info);
        pc_dishes_fini(&a->look[i].dishes);
    }
    if (a != NULL)
        free(a->look);
    free(a);
}

void pc_pb_array_begin(struct pc_pb_array *a)
{
    for (int i = 0; i < a->n; i++) {
        a->look[i].seen = false;
        pc_dishes_clear(&a->look[i].dishes);
    }
}

static bool same_look(const struct pc_visinfo *a, const struct pc_visinfo *b)
{
    return strcmp(a->ms, b->ms) == 0 && a->field_id == b->field_id && strcmp(a->telescop, b->telescop) == 0 &&
           a->pointing_rad[0] == b->pointing_rad[0] && a->pointing_rad[1] == b->pointing_rad[1] &&
           a->nant == b->nant && (a->diam_m == NULL) == (b->diam_m == NULL) &&
           (a->diam_m == NULL || memcmp(a->diam_m, b->diam_m, (size_t)a->nant * sizeof *a->diam_m) == 0);
}

static struct look *find(const struct pc_pb_array *a, const struct pc_visinfo *info)
{
    for (int i = 0; i < a->n; i++)
        if (same_look(&a->look[i].info, info))
            return &a->look[i];
    return NULL;
}

static int add_look(struct pc_pb_array *a, const struct pc_visinfo *info, struct pc_log *log,
                    struct pc_err *err)
{
    if (a->n == a->cap) {
        const int cap = a->cap > 0 ? 2 * a->cap : 8;
        struct look *look = realloc(a->look, (size_t)cap * sizeof *look);
        if (look == NULL)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for %d pointings", cap);
        a->look = look;
        a->cap = cap;
    }
    for (int i = 0; i < a->n; i++)
        if (strcmp(a->look[i].info.telescop, info->telescop) == 0)
            log = NULL; /* it has been told */
    struct look *l = &a->look[a->n];
    l->seen = false;
    if (pc_visinfo_copy(&l->info, info, err) != 0)
        return -1;
    if (pc_dishes_init(&l->dishes, info, log, err) != 0) {
        pc_visinfo_fini(&l->info);
        return -1;
    }
    a->n++;
    return 0;
}

int pc_pb_array_see(struct pc_pb_array *a, const struct pc_visinfo *info, struct pc_log *log,
                    struct pc_err *err)
{
    if (find(a, info) == NULL && add_look(a, info, log, err) != 0)
        return -1;
    find(a, info)->seen = true;
    return 0;
}

bool pc_pb_array_needs_weights(const struct pc_pb_array *a)
{
    int n = 0;
    for (int i = 0; i < a->n; i++)
        if (a->look[i].seen)
            n += a->look[i].dishes.nkind;
    return n > 1;
}

int pc_pb_array_weigh(struct pc_pb_array *a, const struct pc_visblock *b, struct pc_err *err)
{
    struct look *l = find(a, &b->info);
    if (l == NULL)
        return pc_err_set(err, PC_EX_BUG, "%s: a block's pointing has not been seen", b->info.ms);
    return pc_dishes_add(&l->dishes, b, err);
}

/* Whether it counts: by its weight, or by being the only one, which is not weighed. */
static bool counts(const struct pc_pb_array *a, int i)
{
    return a->look[i].seen && (!pc_pb_array_needs_weights(a) || pc_dishes_weight(&a->look[i].dishes) > 0);
}

static double apart_rad(const double a[2], const double b[2])
{
    const double s = sin((a[1] - b[1]) / 2), t = sin((a[0] - b[0]) / 2);
    return 2 * asin(fmin(1, sqrt(s * s + cos(a[1]) * cos(b[1]) * t * t)));
}

/* What counts, grouped by the place it looks at. */
struct group {
    int *at;    /* [nlook]: look of each that counts, in order */
    int *first; /* [nlook]: the first of them, as an index into `at`, that looks there too */
    int n;
};

static double tolerance_rad(const struct look *a, const struct look *b, double freq_hz)
{
    double dish_m = 0;
    for (int k = 0; k < a->dishes.nkind; k++)
        dish_m = fmax(dish_m, a->dishes.diam_m[k]);
    for (int k = 0; k < b->dishes.nkind; k++)
        dish_m = fmax(dish_m, b->dishes.diam_m[k]);
    return dish_m > 0 ? 299792458.0 / freq_hz / dish_m / 20 : 1e-9;
}

static int make_groups(const struct pc_pb_array *a, double freq_hz, struct group *g, struct pc_err *err)
{
    *g = (struct group){0};
    g->at = pc_mem_new(a->n > 0 ? a->n : 1, sizeof *g->at, "pointings", err);
    g->first = g->at ? pc_mem_new(a->n > 0 ? a->n : 1, sizeof *g->first, "pointings", err) : NULL;
    if (g->first == NULL) {
        pc_mem_free(g->at);
        return -1;
    }
    for (int i = 0; i < a->n; i++) {
        int k = 0;
        if (!counts(a, i))
            continue;
        for (; k < g->n; k++) {
            const struct look *l = &a->look[g->at[k]], *m = &a->look[i];
            if (g->first[k] == k &&
                apart_rad(l->info.pointing_rad, m->info.pointing_rad) <= tolerance_rad(l, m, freq_hz))
                break;
        }
        g->at[g->n] = i;
        g->first[g->n++] = k;
    }
    return 0;
}

static void free_groups(struct group *g)
{
    pc_mem_free(g->at);
    pc_mem_free(g->first);
}

/* By how much number k counts: 1, as in CASA, where all that look there have the same dishes. */
static double scale_of(const struct pc_pb_array *a, const struct group *g, int k)
{
    const struct pc_dishes *mine = &a->look[g->at[k]].dishes;
    const int only = pc_dishes_only(mine);
    double sum = 0;
    int n = 0;
    bool alike = only >= 0;
    for (int i = 0; i < g->n; i++) {
        if (g->first[i] != g->first[k])
            continue;
        const struct pc_dishes *d = &a->look[g->at[i]].dishes;
        const int other = pc_dishes_only(d);
        alike = alike && other >= 0 && pc_pb_same(&mine->pb[only], &d->pb[other]);
        sum += pc_dishes_weight(d);
        n++;
    }
    return alike ? 1 : n * pc_dishes_weight(mine) / sum;
}

static void add_table(const double *table, double per_rad, const struct pc_imhead *head, double x0, double y0,
                      double scale, float *plane)
{
    for (int y = 0; y < head->ny; y++)
        for (int x = 0; x < head->nx; x++) {
            double at = hypot((x - x0) * head->cell_rad[0], (y - y0) * head->cell_rad[1]) * per_rad;
            if (!(at < TABLE - 1))
                continue;
            const int i = (int)at;
            plane[(int64_t)y * head->nx + x] +=
                (float)(scale * (table[i] + (at - i) * (table[i + 1] - table[i])));
        }
}

static int add_one(const struct look *l, const struct pc_imhead *head, double freq_hz, double scale,
                   float *plane, struct pc_err *err)
{
    const int only = pc_dishes_only(&l->dishes);
    const double *p = l->info.pointing_rad;
    double x0, y0, reach_rad;
    if (only >= 0)
        return pc_pb_add(&l->dishes.pb[only], head, freq_hz, p, scale, plane, err);
    double *table = pc_mem_new(TABLE, sizeof *table, "primary beam table", err);
    if (table == NULL)
        return -1;
    int bad = pc_dishes_table(&l->dishes, freq_hz, TABLE, table, &reach_rad, err);
    if (!bad) {
        pc_imhead_radec_to_pix(head, p[0], p[1], &x0, &y0);
        add_table(table, (TABLE - 1) * (freq_hz / 1e9) / reach_rad, head, x0, y0, scale, plane);
    }
    pc_mem_free(table);
    return bad;
}

/* A peak of 1 at most, and the limit. */
static void finish(float *plane, int64_t n, double limit)
{
    float max = 0;
    for (int64_t i = 0; i < n; i++)
        max = plane[i] > max ? plane[i] : max;
    for (int64_t i = 0; i < n; i++) {
        const float v = max > 1 ? plane[i] / max : plane[i];
        plane[i] = (double)v > limit ? v : 0;
    }
}

/* The one look that counts, of dishes that are alike; NULL: there is not just one. */
static const struct look *only_look(const struct pc_pb_array *a, const struct group *g)
{
    const struct look *l = g->n == 1 ? &a->look[g->at[0]] : NULL;
    return l != NULL && pc_dishes_only(&l->dishes) >= 0 ? l : NULL;
}

int pc_pb_array_rows(const struct pc_pb_array *a, const struct pc_imhead *head, double freq_hz,
                     double pblimit, struct pc_pb_rows *rows, bool *one, struct pc_err *err)
{
    struct group g;
    if (make_groups(a, freq_hz, &g, err) != 0)
        return -1;
    const struct look *l = only_look(a, &g);
    free_groups(&g);
    *one = l != NULL;
    if (l == NULL)
        return 0;
    return pc_pb_rows_init(rows, &l->dishes.pb[pc_dishes_only(&l->dishes)], head, freq_hz,
                           l->info.pointing_rad, fabs(pblimit), err);
}

static int add_all(const struct pc_pb_array *a, const struct pc_imhead *head, double freq_hz, double limit,
                   float *plane, struct pc_err *err)
{
    const int64_t npix = (int64_t)head->nx * head->ny;
    struct group g;
    int bad = 0;
    if (make_groups(a, freq_hz, &g, err) != 0)
        return -1;
    memset(plane, 0, (size_t)npix * sizeof *plane);
    for (int k = 0; k < g.n && !bad; k++)
        bad = add_one(&a->look[g.at[k]], head, freq_hz, scale_of(a, &g, k), plane, err);
    finish(plane, npix, limit);
    free_groups(&g);
    return bad;
}

int pc_pb_array_fill(const struct pc_pb_array *a, const struct pc_imhead *head, double freq_hz,
                     double pblimit, float *plane, struct pc_err *err)
{
    struct pc_pb_rows rows;
    bool one;
    if (pc_pb_array_rows(a, head, freq_hz, pblimit, &rows, &one, err) != 0)
        return -1;
    if (!one)
        return add_all(a, head, freq_hz, fabs(pblimit), plane, err);
    for (int y = 0; y < head->ny; y++)
        pc_pb_rows_fill(&rows, y, plane + (int64_t)y * head->nx);
    pc_pb_rows_fini(&rows);
    return 0;
}

bool pc_pb_array_pointing(const struct pc_pb_array *a, double pointing_rad[2])
{
    bool one = false;
    for (int i = 0; i < a->n; i++) {
        const double *p = a->look[i].info.pointing_rad;
        if (!a->look[i].seen)
            continue;
        if (one && apart_rad(p, pointing_rad) > 1e-9)
            return false;
        memcpy(pointing_rad, p, 2 * sizeof *p);
        one = true;
    }
    return one;
}

/* Weight from dishes like kind k of look i; -1 when an earlier one is like it. */
static double weight_like(const struct pc_pb_array *a, int i, int k)
{
    const struct pc_pb *pb = &a->look[i].dishes.pb[k];
    double sum = 0;
    for (int j = 0; j < a->n; j++) {
        const struct pc_dishes *d = &a->look[j].dishes;
        for (int m = 0; counts(a, j) && m < d->nkind; m++) {
            if (!pc_pb_same(pb, &d->pb[m]))
                continue;
            if (j < i || (j == i && m < k))
                return -1;
            sum += pc_dishes_weight_of(d, m);
        }
    }
    return sum;
}

bool pc_pb_array_shares(const struct pc_pb_array *a, char *text, size_t size)
{
    double total = 0;
    int n = 0;
    text[0] = '\0';
    for (int i = 0; i < a->n; i++)
        total += counts(a, i) ? pc_dishes_weight(&a->look[i].dishes) : 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; counts(a, i) && k < a->look[i].dishes.nkind; k++) {
            const double w = weight_like(a, i, k);
            const size_t len = strlen(text);
            if (!(w > 0))
                continue;
            snprintf(text + len, size - len, "%s%gm:%.4f", n > 0 ? "," : "", a->look[i].dishes.diam_m[k],
                     w / total);
            n++;
        }
    return n > 1;
}
