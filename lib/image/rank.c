/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/rank.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 1 << 16, OUT = BINS, BLOCK = 1024 }; /* the bin after the last takes what does not count */

static inline bool counts(const struct pc_ranked *r, int64_t i)
{
    return (r->pix[i] >= r->lo) & (r->pix[i] <= r->hi) & (!r->where || r->where[i]);
}

static inline double distance(const struct pc_ranked *r, int64_t i)
{
    return fabs((double)r->pix[i] - r->centre);
}

static void block_keys(const struct pc_ranked *r, int64_t first, int n, uint32_t *key)
{
    if (r->deviation)
        for (int k = 0; k < n; k++)
            key[k] = pc_float_key((float)distance(r, first + k));
    else
        for (int k = 0; k < n; k++)
            key[k] = pc_float_key(r->pix[first + k]);
}

/* Counts by the upper half of the key (prefix < 0), or by the lower half of those whose upper half is
 * `prefix`. */
static void histogram(const struct pc_ranked *r, int64_t prefix, int64_t *bin)
{
    uint32_t key[BLOCK];
    memset(bin, 0, sizeof *bin * (BINS + 1));
    for (int64_t first = 0; first < r->n; first += BLOCK) {
        int n = r->n - first < BLOCK ? (int)(r->n - first) : BLOCK;
        block_keys(r, first, n, key);
        for (int k = 0; k < n; k++) {
            bool ok = counts(r, first + k) & (prefix < 0 || key[k] >> 16 == (uint32_t)prefix);
            uint32_t half = prefix < 0 ? key[k] >> 16 : key[k] & 0xFFFFU;
            key[k] = ok ? half : OUT;
        }
        for (int k = 0; k < n; k++)
            bin[key[k]]++;
    }
}

/* The bin that holds rank *rank; *rank becomes the rank within it. */
static uint32_t find_bin(const int64_t *bin, int64_t *rank)
{
    uint32_t b = 0;
    while (b < BINS - 1 && *rank >= bin[b])
        *rank -= bin[b++];
    return b;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool has_key(const struct pc_ranked *r, int64_t i, uint32_t key)
{
    return counts(r, i) && pc_float_key((float)distance(r, i)) == key;
}

/* The distance of that rank among the `count` that round to one float: the few of them are put in order. */
static int select_distance(const struct pc_ranked *r, uint32_t key, int64_t count, int64_t rank, double *v,
                           struct pc_err *err)
{
    double min = INFINITY, max = -INFINITY;
    for (int64_t i = 0; count > BLOCK && i < r->n; i++)
        if (has_key(r, i, key)) {
            min = fmin(min, distance(r, i));
            max = fmax(max, distance(r, i));
        }
    *v = min;
    if (min == max)
        return 0;
    double *few = pc_mem_new(count, sizeof *few, "values that share a median", err);
    if (!few)
        return -1;
    int64_t n = 0;
    for (int64_t i = 0; i < r->n; i++)
        if (has_key(r, i, key))
            few[n++] = distance(r, i);
    qsort(few, (size_t)n, sizeof *few, by_value);
    *v = few[rank];
    pc_mem_free(few);
    return 0;
}

/* The histogram of the lower halves within one upper half, and how many values lie below that. */
struct level {
    int64_t *bin;
    int64_t upper, below, inside;
};

static void enter_level(const struct pc_ranked *r, struct level *l, int64_t rank)
{
    histogram(r, -1, l->bin);
    int64_t within = rank;
    l->upper = find_bin(l->bin, &within);
    l->below = rank - within;
    l->inside = l->bin[l->upper];
    histogram(r, l->upper, l->bin);
}

/* The value of that rank; neighbours in rank mostly share a level, and the second costs no pass. */
static int select_rank(const struct pc_ranked *r, struct level *l, int64_t rank, double *v,
                       struct pc_err *err)
{
    if (l->upper < 0 || rank < l->below || rank >= l->below + l->inside)
        enter_level(r, l, rank);
    int64_t within = rank - l->below;
    uint32_t lower = find_bin(l->bin, &within), key = (uint32_t)l->upper << 16 | lower;
    *v = (double)pc_key_float(key);
    return r->deviation ? select_distance(r, key, l->bin[lower], within, v, err) : 0;
}

int pc_rank_pair(const struct pc_ranked *r, int64_t first, int64_t second, double v[2], struct pc_err *err)
{
    struct level l = {.upper = -1};
    l.bin = pc_mem_new(BINS + 1, sizeof *l.bin, "a histogram", err);
    if (!l.bin)
        return -1;
    int rc = select_rank(r, &l, first, &v[0], err);
    v[1] = v[0];
    if (!rc && second != first)
        rc = select_rank(r, &l, second, &v[1], err);
    pc_mem_free(l.bin);
    return rc;
}
