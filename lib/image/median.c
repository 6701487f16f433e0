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

/* What lies between a and b, and how many lie below. `few` has room for `cap` and eight more. */
struct bracket {
    double a, b;
    struct range ok, upto, below; /* the floats that count, and whose value is at most b, below a */
    float *few;
    int64_t cap, inside, nbelow, total;
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
static void put_aside(const float *v, const unsigned char *in, struct bracket *k)
{
    for (int i = 0; i < PC_LANES_BLOCK; i += 8) {
        uint64_t eight;
        memcpy(&eight, in + i, 8);
        if (!eight)
            continue;
        float *few = k->few + (k->inside < k->cap ? k->inside : k->cap);
        int n = 0;
        for (int j = 0; j < 8; j++) {
            few[n] = v[i + j];
            n += in[i + j];
        }
        k->inside += n;
    }
}

static void go_over(const struct pc_ranked *r, struct bracket *k)
{
    float picked[PC_LANES_BLOCK];
    unsigned char in[PC_LANES_BLOCK];
    struct counts c;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK) {
        int n = r->n - i < PC_LANES_BLOCK ? (int)(r->n - i) : PC_LANES_BLOCK;
        const float *v = r->pix + i;
        const unsigned char *where = r->where ? r->where + i : NULL;
        if (!pc_lanes_whole(where, n)) {
            if (!pc_lanes_pick(v, where, n, r->lo, r->hi, picked))
                continue;
            v = picked;
        }
        mark(v, k, in, &c);
        k->total += c.ok;
        k->nbelow += c.below;
        put_aside(v, in, k);
    }
}

/* 1 when the sample did not tell. */
static int bracketed(const struct pc_ranked *r, double v[2], struct pc_err *err)
{
    struct bracket k = {.cap = r->n / MOST};
    int rc = guess(r, &k, err);
    if (rc)
        return rc;
    k.few = pc_mem_new(k.cap + 8, sizeof *k.few, "the pixels about a median", err);
    if (!k.few)
        return -1;
    set_ranges(r, &k);
    go_over(r, &k);
    int64_t first = (k.total - 1) / 2 - k.nbelow, second = k.total / 2 - k.nbelow;
    rc = 1;
    if (first >= 0 && second < k.inside && k.a == k.b) {
        v[0] = v[1] = k.a;
        rc = 0;
    } else if (first >= 0 && second < k.inside && k.inside <= k.cap) {
        struct pc_ranked few = *r;
        few.pix = k.few;
        few.where = NULL;
        few.n = k.inside;
        rc = pc_rank_pair(&few, first, second, v, err);
    }
    pc_mem_free(k.few);
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

int pc_median(const struct pc_ranked *r, double *median, struct pc_err *err)
{
    double v[2] = {NAN, NAN};
    int rc = r->n >= LARGE ? bracketed(r, v, err) : 1;
    if (rc > 0) {
        int64_t total = count(r);
        rc = total ? pc_rank_pair(r, (total - 1) / 2, total / 2, v, err) : 0;
    }
    *median = v[0] == v[1] ? v[0] : 0.5 * (v[0] + v[1]);
    return rc;
}
