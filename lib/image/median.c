/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/median.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/lanes.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE = 1 << 17,
    LARGE = 1 << 20,
    ENOUGH = 1024,
    MOST = 32
}; /* a MOSTth of a plane is put aside at most */

struct range {
    float lo, hi;
};

/* What is put aside of a plane. */
struct aside {
    float *few; /* room for `cap` and eight more */
    int64_t cap, n;
};

/* What lies between a and b, and how many lie below. */
struct bracket {
    double a, b;
    struct range ok, upto, below; /* the floats that count, and whose value is at most b, below a */
    struct aside inside;
    int64_t nbelow, total;
};

/* Pixels of a plane repeat with its rows, so that the steps of the sample vary. */
static int64_t take_sample(const struct pc_ranked *r, float *sample)
{
    int64_t step = r->n / SAMPLE, m = 0;
    uint32_t random = 1;
    for (int64_t i = 0; i < SAMPLE; i++) {
        random = random * 1664525U + 1013904223U;
        int64_t at = i * step + (int64_t)((uint64_t)random * (uint64_t)step >> 32);
        float v = r->pix[at];
        if (v >= r->lo && v <= r->hi && (!r->where || r->where[at]))
            sample[m++] = v;
    }
    return m;
}

/* Four standard deviations of the sample's rank about its middle. */
static int guess(const struct pc_ranked *r, struct bracket *k, struct pc_err *err)
{
    double v[2];
    float *sample = pc_mem_new(SAMPLE, sizeof *sample, "a sample of a plane", err);
    if (!sample)
        return -1;
    int64_t m = take_sample(r, sample), margin = (int64_t)(2 * sqrt((double)m)) + 1;
    int rc = m < ENOUGH ? 1 : 0;
    if (!rc) {
        struct pc_ranked s = *r;
        s.pix = sample;
        s.where = NULL;
        s.n = m;
        rc = pc_rank_pair(&s, m / 2 - margin, m / 2 + margin, v, err);
        k->a = v[0];
        k->b = v[1];
    }
    pc_mem_free(sample);
    return rc;
}

/* The largest float v with v - centre at most (or below) d, by bisection over the floats; -inf when there is
 * none. */
static float last_float(double centre, double d, bool below)
{
    uint32_t yes = pc_float_key(-INFINITY), no = pc_float_key(INFINITY);
    while (no - yes > 1) {
        uint32_t key = yes + (no - yes) / 2;
        double at = (double)pc_key_float(key) - centre;
        if (below ? at < d : at <= d)
            yes = key;
        else
            no = key;
    }
    return pc_key_float(yes);
}

/* The floats that count and have a value of at most d: a range, and one for the other side of the centre. */
static struct range range_of(const struct pc_ranked *r, double d, bool below)
{
    float hi = last_float(r->deviation ? r->centre : 0.0, d, below);
    float lo = r->deviation ? -last_float(-r->centre, d, below) : r->lo;
    return (struct range){fmaxf(lo, r->lo), fminf(hi, r->hi)};
}

static void set_ranges(const struct pc_ranked *r, struct bracket *k)
{
    k->ok = (struct range){r->lo, r->hi};
    k->upto = range_of(r, k->b, false);
    k->below = range_of(r, k->a, true);
}

struct counts {
    int ok, below;
};

#define WITHIN(v, range) (((v) >= (range).lo) & ((v) <= (range).hi))

/* Marks what is in [a, b], and counts. */
PC_CLONES static void mark(const float *v, const struct bracket *bracket, unsigned char *in,
                           struct counts *out)
{
    const struct range ok = bracket->ok, upto = bracket->upto, below = bracket->below;
    struct counts c = {0};
    for (int i = 0; i < PC_LANES_BLOCK; i++) {
        c.ok += WITHIN(v[i], ok);
        c.below += WITHIN(v[i], below);
    }
    for (int i = 0; i < PC_LANES_BLOCK; i++)
        in[i] = WITHIN(v[i], upto) & !WITHIN(v[i], below);
    *out = c;
}

/* Eight marks at a time: there are few. What is not marked is written too, and over again; there is room for
 * it. */
static void put_aside(const float *v, const unsigned char *in, struct aside *a)
{
    for (int i = 0; i < PC_LANES_BLOCK; i += 8) {
        uint64_t eight;
        memcpy(&eight, in + i, 8);
        if (!eight)
            continue;
        float *few = a->few + (a->n < a->cap ? a->n : a->cap);
        int n = 0;
        for (int j = 0; j < 8; j++) {
            few[n] = v[i + j];
            n += in[i + j];
        }
        a->n += n;
    }
}

/* The block that begins at pixel i, picked when it does not count as a whole; NULL: nothing in it counts. */
static const float *block(const struct pc_ranked *r, int64_t i, float picked[PC_LANES_BLOCK])
{
    int n = r->n - i < PC_LANES_BLOCK ? (int)(r->n - i) : PC_LANES_BLOCK;
    const unsigned char *where = r->where ? r->where + i : NULL;
    if (pc_lanes_whole(where, n))
        return r->pix + i;
    return pc_lanes_pick(r->pix + i, where, n, r->lo, r->hi, picked) ? picked : NULL;
}

static void go_over(const struct pc_ranked *r, struct bracket *k)
{
    float picked[PC_LANES_BLOCK];
    unsigned char in[PC_LANES_BLOCK];
    struct counts c;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK) {
        const float *v = block(r, i, picked);
        if (!v)
            continue;
        mark(v, k, in, &c);
        k->total += c.ok;
        k->nbelow += c.below;
        put_aside(v, in, &k->inside);
    }
}

/* 1 when the sample did not tell. */
static int bracketed(const struct pc_ranked *r, double v[2], struct pc_err *err)
{
    struct bracket k = {.inside.cap = r->n / MOST};
    int rc = guess(r, &k, err);
    if (rc)
        return rc;
    k.inside.few = pc_mem_new(k.inside.cap + 8, sizeof *k.inside.few, "the pixels about a median", err);
    if (!k.inside.few)
        return -1;
    set_ranges(r, &k);
    go_over(r, &k);
    int64_t first = (k.total - 1) / 2 - k.nbelow, second = k.total / 2 - k.nbelow;
    rc = 1;
    if (first >= 0 && second < k.inside.n && k.a == k.b) {
        v[0] = v[1] = k.a;
        rc = 0;
    } else if (first >= 0 && second < k.inside.n && k.inside.n <= k.inside.cap) {
        struct pc_ranked few = *r;
        few.pix = k.inside.few;
        few.where = NULL;
        few.n = k.inside.n;
        rc = pc_rank_pair(&few, first, second, v, err);
    }
    pc_mem_free(k.inside.few);
    return rc;
}

static int64_t count(const struct pc_ranked *r)
{
    float picked[PC_LANES_BLOCK];
    int64_t total = 0;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK) {
        int n = r->n - i < PC_LANES_BLOCK ? (int)(r->n - i) : PC_LANES_BLOCK;
        total += pc_lanes_pick(r->pix + i, r->where ? r->where + i : NULL, n, r->lo, r->hi, picked);
    }
    return total;
}

static double mean(const double v[2])
{
    return v[0] == v[1] ? v[0] : 0.5 * (v[0] + v[1]);
}

int pc_median(const struct pc_ranked *r, double *median, struct pc_err *err)
{
    double v[2] = {NAN, NAN};
    int rc = r->n >= LARGE ? bracketed(r, v, err) : 1;
    if (rc > 0) {
        int64_t total = count(r);
        rc = total ? pc_rank_pair(r, (total - 1) / 2, total / 2, v, err) : 0;
    }
    *median = mean(v);
    return rc;
}

/* ---- median and deviation in one pass ---- */

/* With the median within [a, b], half of that to either side of their middle, the deviation of the rank lies
 * in a ring about the middle: what is in [a, b] and in the ring is put aside, what is within the ring
 * counted. All is chosen by a sample, and proved by what comes out. */
struct both {
    struct range ok, below, centre, inner, outer;
    struct aside kept;
    int64_t total, nbelow, ninner, ncentre;
};

static struct range about(double middle, double d, const struct range *ok)
{
    return (struct range){fmaxf((float)(middle - d), ok->lo), fminf((float)(middle + d), ok->hi)};
}

/* 1 when the sample does not tell. */
static int guess_both(const struct pc_ranked *r, struct both *k, struct pc_err *err)
{
    double v[2], d[2];
    float *sample = pc_mem_new(SAMPLE, sizeof *sample, "a sample of a plane", err);
    if (!sample)
        return -1;
    int64_t m = take_sample(r, sample), margin = (int64_t)(2 * sqrt((double)m)) + 1;
    struct pc_ranked s = {.pix = sample, .n = m, .lo = r->lo, .hi = r->hi};
    int rc = m < ENOUGH ? 1 : 0;
    if (!rc)
        rc = pc_rank_pair(&s, m / 2 - margin, m / 2 + margin, v, err);
    if (!rc) {
        s.deviation = true;
        s.centre = 0.5 * (v[0] + v[1]);
        rc = pc_rank_pair(&s, m / 2 - margin, m / 2 + margin, d, err);
    }
    pc_mem_free(sample);
    if (rc)
        return rc;
    double half = 0.5 * (v[1] - v[0]);
    k->ok = (struct range){r->lo, r->hi};
    k->centre = (struct range){(float)v[0], (float)v[1]};
    k->below = (struct range){r->lo, nextafterf((float)v[0], -INFINITY)};
    k->inner = about(s.centre, d[0] - half, &k->ok);
    k->outer = about(s.centre, d[1] + half, &k->ok);
    return k->inner.lo <= k->centre.lo && k->inner.hi >= k->centre.hi && d[0] > half ? 0 : 1;
}

struct counts_both {
    int ok, below, inner;
};

PC_CLONES static void mark_both(const float *v, const struct both *both, unsigned char *in,
                                struct counts_both *out)
{
    const struct range ok = both->ok, below = both->below, centre = both->centre, inner = both->inner,
                       outer = both->outer;
    struct counts_both c = {0};
    for (int i = 0; i < PC_LANES_BLOCK; i++) {
        c.ok += WITHIN(v[i], ok);
        c.below += WITHIN(v[i], below);
        c.inner += WITHIN(v[i], inner);
    }
    for (int i = 0; i < PC_LANES_BLOCK; i++)
        in[i] = WITHIN(v[i], centre) | (WITHIN(v[i], outer) & !WITHIN(v[i], inner));
    *out = c;
}

static void go_over_both(const struct pc_ranked *r, struct both *k)
{
    float picked[PC_LANES_BLOCK];
    unsigned char in[PC_LANES_BLOCK];
    struct counts_both c;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK) {
        const float *v = block(r, i, picked);
        if (!v)
            continue;
        mark_both(v, k, in, &c);
        k->total += c.ok;
        k->nbelow += c.below;
        k->ninner += c.inner;
        put_aside(v, in, &k->kept);
        if (k->kept.n > k->kept.cap)
            return;
    }
    for (int64_t i = 0; i < k->kept.n; i++)
        k->ncentre += WITHIN(k->kept.few[i], k->centre);
}

/* Whether nothing within the ring deviates by more than v[0], nothing beyond it by less than v[1]. */
static bool proved(const struct both *k, double median, const double v[2])
{
    double lo = fabs((double)k->inner.lo - median), hi = fabs((double)k->inner.hi - median);
    return lo <= v[0] && hi <= v[0] &&
           (k->outer.lo <= k->ok.lo || fabs((double)k->outer.lo - median) >= v[1]) &&
           (k->outer.hi >= k->ok.hi || fabs((double)k->outer.hi - median) >= v[1]);
}

/* 1 when what was put aside does not have it. */
static int select_both(const struct pc_ranked *r, const struct both *k, double *median, double *mad,
                       struct pc_err *err)
{
    double v[2];
    int64_t lower = (k->total - 1) / 2, upper = k->total / 2, within = k->ninner - k->ncentre;
    struct pc_ranked few = {.pix = k->kept.few, .n = k->kept.n, .lo = k->centre.lo, .hi = k->centre.hi};
    if (k->kept.n > k->kept.cap || lower < k->nbelow || upper - k->nbelow >= k->ncentre)
        return 1;
    int rc = pc_rank_pair(&few, lower - k->nbelow, upper - k->nbelow, v, err);
    if (rc)
        return rc;
    *median = mean(v);
    if (lower < within || upper - within >= k->kept.n)
        return 1;
    few.lo = r->lo;
    few.hi = r->hi;
    few.deviation = true;
    few.centre = *median;
    rc = pc_rank_pair(&few, lower - within, upper - within, v, err);
    *mad = mean(v);
    return rc ? rc : proved(k, *median, v) ? 0 : 1;
}

static int bracketed_both(const struct pc_ranked *r, double *median, double *mad, struct pc_err *err)
{
    struct both k = {.kept.cap = r->n / (MOST / 2)};
    int rc = guess_both(r, &k, err);
    if (rc)
        return rc;
    k.kept.few = pc_mem_new(k.kept.cap + 8, sizeof *k.kept.few, "the pixels about a median", err);
    if (!k.kept.few)
        return -1;
    go_over_both(r, &k);
    rc = select_both(r, &k, median, mad, err);
    pc_mem_free(k.kept.few);
    return rc;
}

int pc_median_mad(const struct pc_ranked *r, double *median, double *mad, struct pc_err *err)
{
    int rc = r->n >= LARGE ? bracketed_both(r, median, mad, err) : 1;
    if (rc <= 0)
        return rc;
    struct pc_ranked again = *r;
    again.deviation = false;
    if (pc_median(&again, median, err))
        return -1;
    again.deviation = true;
    again.centre = *median;
    return pc_median(&again, mad, err);
}
