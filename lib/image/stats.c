/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/stats.h"

#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Sums run in this many lanes that are added in order at the end: the same bits whatever the vector width. */
enum { LANES = 16 };

static inline bool counts(float v, const unsigned char *where, int64_t i)
{
    return fabsf(v) <= FLT_MAX && (!where || where[i]);
}

struct lanes {
    double sum[LANES], sq[LANES];
    float min[LANES], max[LANES];
    int64_t n[LANES];
};

static void lanes_add(struct lanes *l, int k, float v, bool ok)
{
    double d = ok ? (double)v : 0.0;
    l->sum[k] += d;
    l->sq[k] += d * d;
    l->n[k] += ok;
    float lo = ok ? v : INFINITY, hi = ok ? v : -INFINITY;
    l->min[k] = lo < l->min[k] ? lo : l->min[k];
    l->max[k] = hi > l->max[k] ? hi : l->max[k];
}

static void lanes_run(struct lanes *l, const float *pix, const unsigned char *where, int64_t n)
{
    memset(l, 0, sizeof *l);
    for (int k = 0; k < LANES; k++) {
        l->min[k] = INFINITY;
        l->max[k] = -INFINITY;
    }
    int64_t whole = n - n % LANES;
    for (int64_t i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            lanes_add(l, k, pix[i + k], counts(pix[i + k], where, i + k));
    for (int64_t i = whole; i < n; i++)
        lanes_add(l, (int)(i - whole), pix[i], counts(pix[i], where, i));
}

static int64_t first_equal(const float *pix, const unsigned char *where, int64_t n, float v)
{
    for (int64_t i = 0; i < n; i++)
        if (pix[i] == v && (!where || where[i]))
            return i;
    return -1;
}

void pc_stats_basic(const float *pix, const unsigned char *where, int64_t n, struct pc_stats *out)
{
    struct lanes l;
    lanes_run(&l, pix, where, n);
    *out = (struct pc_stats){.min = NAN, .max = NAN, .rms = NAN, .imin = -1, .imax = -1};
    float min = INFINITY, max = -INFINITY;
    double sq = 0;
    for (int k = 0; k < LANES; k++) {
        out->sum += l.sum[k];
        sq += l.sq[k];
        out->n += l.n[k];
        min = fminf(min, l.min[k]);
        max = fmaxf(max, l.max[k]);
    }
    if (out->n == 0)
        return;
    out->rms = sqrt(sq / (double)out->n);
    out->min = min;
    out->max = max;
    out->imin = first_equal(pix, where, n, min);
    out->imax = first_equal(pix, where, n, max);
}

/* ---- selection ---- */

/* What is ranked: the pixels themselves, or (deviation) their distance from `centre`, among those within [lo,
 * hi]. */
struct ranked {
    const float *pix;
    const unsigned char *where;
    int64_t n;
    float lo, hi;
    double centre;
    bool deviation;
};

enum { BINS = 1 << 16, OUT = BINS, BLOCK = 1024 }; /* the bin after the last takes what does not count */

static inline bool ranked_counts(const struct ranked *r, int64_t i)
{
    return (r->pix[i] >= r->lo) & (r->pix[i] <= r->hi) & (!r->where || r->where[i]);
}

/* Bits that sort as the floats do; rounding a distance to float keeps the order. */
static inline uint32_t sort_key(float v)
{
    union {
        float f;
        uint32_t u;
    } b = {.f = v + 0.0F}; /* -0 becomes 0 */
    return b.u ^ ((b.u >> 31) ? 0xFFFFFFFFU : 0x80000000U);
}

static float key_value(uint32_t key)
{
    union {
        float f;
        uint32_t u;
    } b = {.u = key ^ ((key >> 31) ? 0x80000000U : 0xFFFFFFFFU)};
    return b.f;
}

static inline double distance(const struct ranked *r, int64_t i)
{
    return fabs((double)r->pix[i] - r->centre);
}

static void block_keys(const struct ranked *r, int64_t first, int n, uint32_t *key)
{
    if (r->deviation)
        for (int k = 0; k < n; k++)
            key[k] = sort_key((float)distance(r, first + k));
    else
        for (int k = 0; k < n; k++)
            key[k] = sort_key(r->pix[first + k]);
}

/* Counts by the upper half of the key (prefix < 0), or by the lower half of those whose upper half is
 * `prefix`. */
static void histogram(const struct ranked *r, int64_t prefix, int64_t *bin)
{
    uint32_t key[BLOCK];
    memset(bin, 0, sizeof *bin * (BINS + 1));
    for (int64_t first = 0; first < r->n; first += BLOCK) {
        int n = r->n - first < BLOCK ? (int)(r->n - first) : BLOCK;
        block_keys(r, first, n, key);
        for (int k = 0; k < n; k++) {
            bool ok = ranked_counts(r, first + k) & (prefix < 0 || key[k] >> 16 == (uint32_t)prefix);
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

static bool has_key(const struct ranked *r, int64_t i, uint32_t key)
{
    return ranked_counts(r, i) && sort_key((float)distance(r, i)) == key;
}

/* The distance of that rank among the `count` that round to one float: the few of them are put in order. */
static int select_distance(const struct ranked *r, uint32_t key, int64_t count, int64_t rank, double *v,
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

static void enter_level(const struct ranked *r, struct level *l, int64_t rank)
{
    histogram(r, -1, l->bin);
    int64_t within = rank;
    l->upper = find_bin(l->bin, &within);
    l->below = rank - within;
    l->inside = l->bin[l->upper];
    histogram(r, l->upper, l->bin);
}

/* The value of that rank; neighbours in rank mostly share a level, and the second costs no pass. */
static int select_rank(const struct ranked *r, struct level *l, int64_t rank, double *v, struct pc_err *err)
{
    if (l->upper < 0 || rank < l->below || rank >= l->below + l->inside)
        enter_level(r, l, rank);
    int64_t within = rank - l->below;
    uint32_t lower = find_bin(l->bin, &within), key = (uint32_t)l->upper << 16 | lower;
    *v = (double)key_value(key);
    return r->deviation ? select_distance(r, key, l->bin[lower], within, v, err) : 0;
}

static int median(const struct ranked *r, int64_t *bin, int64_t count, double *v, struct pc_err *err)
{
    struct level l = {.bin = bin, .upper = -1};
    double next;
    *v = NAN;
    if (count == 0)
        return 0;
    if (select_rank(r, &l, (count - 1) / 2, v, err))
        return -1;
    if (count % 2)
        return 0;
    if (select_rank(r, &l, count / 2, &next, err))
        return -1;
    *v = 0.5 * (*v + next);
    return 0;
}

static int median_mad(struct ranked *r, double *med, double *mad, struct pc_err *err)
{
    int64_t count = 0;
    for (int64_t i = 0; i < r->n; i++)
        count += ranked_counts(r, i);
    int64_t *bin = pc_mem_new(BINS + 1, sizeof *bin, "a histogram", err);
    if (!bin)
        return -1;
    r->deviation = false;
    int bad = median(r, bin, count, med, err);
    r->deviation = true;
    r->centre = *med;
    bad = bad || median(r, bin, count, mad, err);
    pc_mem_free(bin);
    return bad ? -1 : 0;
}

int pc_stats_median_mad(const float *pix, const unsigned char *where, int64_t n, double *med, double *mad,
                        struct pc_err *err)
{
    struct ranked r = {.pix = pix, .where = where, .n = n, .lo = -FLT_MAX, .hi = FLT_MAX};
    return median_mad(&r, med, mad, err);
}

/* ---- Chauvenet ---- */

/* The z at which n*erfc(z/sqrt 2) = 1/2: of n normal values half a one lies further out. casacore bisects
 * between multiples of 0.5 until the whole part of 0.5/erfc is n, and so do we: the same z to its last bit.
 */
static double chauvenet_z(int64_t n)
{
    if (n < 1)
        return 0.5;
    double lo = 0.5, hi = 1.0;
    while (hi < 38.0 && 0.5 / erfc(hi / sqrt(2.0)) < (double)n) {
        lo = hi;
        hi += 0.5;
    }
    for (int i = 0; i < 200; i++) {
        double z = 0.5 * (lo + hi), most = floor(0.5 / erfc(z / sqrt(2.0)));
        if (most == (double)n || z <= lo || z >= hi)
            return z;
        if (most > (double)n)
            hi = z;
        else
            lo = z;
    }
    return 0.5 * (lo + hi);
}

/* The largest float that is not above v: floats within double limits are those within the float limits. */
static float float_below(double v)
{
    float f = v > FLT_MAX ? FLT_MAX : (float)v;
    return (double)f > v ? nextafterf(f, -INFINITY) : f;
}

/* Count, mean and sample deviation within [lo, hi]; two passes, in lanes. */
static void moments(const struct ranked *r, struct pc_chauvenet *out)
{
    double mean = 0;
    out->stddev = 0;
    for (int round = 0; round < 2; round++) {
        double sum[LANES] = {0};
        int64_t n = 0;
        for (int64_t first = 0; first < r->n; first += LANES)
            for (int k = 0; k < LANES && first + k < r->n; k++) {
                bool ok = ranked_counts(r, first + k);
                double d = ok ? (double)r->pix[first + k] - mean : 0.0;
                sum[k] += round ? d * d : d;
                n += ok;
            }
        double total = 0;
        for (int k = 0; k < LANES; k++)
            total += sum[k];
        out->n = n;
        if (round == 0)
            mean = n ? total / (double)n : NAN;
        else
            out->stddev = n > 1 ? sqrt(total / (double)(n - 1)) : 0.0;
    }
    out->mean = mean;
}

int pc_stats_chauvenet(const float *pix, const unsigned char *where, int64_t n, double zscore,
                       int max_iterations, struct pc_chauvenet *out, struct pc_err *err)
{
    struct ranked r = {.pix = pix, .where = where, .n = n, .lo = -FLT_MAX, .hi = FLT_MAX};
    int64_t before = -1;
    moments(&r, out);
    for (int round = 0; round <= max_iterations && out->n > 0 && out->n != before; round++) {
        double z = zscore >= 0 ? zscore : chauvenet_z(out->n);
        before = out->n;
        r.lo = -float_below(-(out->mean - z * out->stddev));
        r.hi = float_below(out->mean + z * out->stddev);
        moments(&r, out);
    }
    return median_mad(&r, &out->median, &out->mad, err);
}
