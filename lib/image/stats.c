/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/stats.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/lanes.h"
#include "image/median.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* ---- sums and extremes ---- */

/* One pass, block by block. A block that counts as a whole is added as it lies; else, and when a square that
 * is not finite shows that it has blanks, what counts of it is picked first. Positions are looked for
 * afterwards, in the first block that has the extreme. */
struct extremes {
    float min, max;
    int64_t in_min, in_max; /* where the blocks begin */
};

static int add_block(const float *pix, const unsigned char *where, int n, struct pc_lanes *l)
{
    float picked[PC_LANES_BLOCK];
    if (pc_lanes_whole(where, n)) {
        pc_lanes_add(pix, l);
        if (l->square <= DBL_MAX)
            return n;
    }
    n = pc_lanes_pick(pix, where, n, -FLT_MAX, FLT_MAX, picked);
    if (n)
        pc_lanes_add_picked(picked, 0.0, l);
    return n;
}

static int64_t first_equal(const float *pix, const unsigned char *where, int64_t i, float v)
{
    while (!(pix[i] == v && (!where || where[i])))
        i++;
    return i;
}

PC_CLONES bool pc_stats_all_finite(const float *pix, int64_t n)
{
    const uint32_t exponent = 0x7f800000;
    uint32_t any = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, pix + i, sizeof bits);
        any |= (bits & exponent) == exponent;
    }
    return any == 0;
}

void pc_stats_basic(const float *pix, const unsigned char *where, int64_t n, struct pc_stats *out)
{
    struct extremes e = {.min = INFINITY, .max = -INFINITY};
    struct pc_lanes l;
    double square = 0;
    *out = (struct pc_stats){.min = NAN, .max = NAN, .rms = NAN, .imin = -1, .imax = -1};
    for (int64_t i = 0; i < n; i += PC_LANES_BLOCK) {
        int m = n - i < PC_LANES_BLOCK ? (int)(n - i) : PC_LANES_BLOCK;
        int counted = add_block(pix + i, where ? where + i : NULL, m, &l);
        if (!counted)
            continue;
        out->n += counted;
        out->sum += l.sum;
        square += l.square;
        if (l.min < e.min)
            e = (struct extremes){l.min, e.max, i, e.in_max};
        if (l.max > e.max)
            e = (struct extremes){e.min, l.max, e.in_min, i};
    }
    if (out->n == 0)
        return;
    out->rms = sqrt(square / (double)out->n);
    out->min = e.min;
    out->max = e.max;
    out->imin = first_equal(pix, where, e.in_min, e.min);
    out->imax = first_equal(pix, where, e.in_max, e.max);
}

void pc_stats_add(struct pc_stats_sum *s, const float *pix, const unsigned char *where, int64_t n)
{
    struct pc_lanes l;
    for (int64_t i = 0; i < n; i += PC_LANES_BLOCK) {
        int m = n - i < PC_LANES_BLOCK ? (int)(n - i) : PC_LANES_BLOCK;
        int counted = add_block(pix + i, where ? where + i : NULL, m, &l);
        if (!counted)
            continue;
        s->min = s->n && s->min < l.min ? s->min : l.min;
        s->max = s->n && s->max > l.max ? s->max : l.max;
        s->n += counted;
        s->sum += l.sum;
        s->square += l.square;
    }
}

void pc_stats_join(struct pc_stats_sum *s, const struct pc_stats_sum *more)
{
    if (more->n == 0)
        return;
    s->min = s->n && s->min < more->min ? s->min : more->min;
    s->max = s->n && s->max > more->max ? s->max : more->max;
    s->n += more->n;
    s->sum += more->sum;
    s->square += more->square;
}

void pc_stats_end(const struct pc_stats_sum *s, struct pc_stats *out)
{
    *out = (struct pc_stats){.min = NAN, .max = NAN, .rms = NAN, .imin = -1, .imax = -1};
    if (s->n == 0)
        return;
    out->n = s->n;
    out->sum = s->sum;
    out->rms = sqrt(s->square / (double)s->n);
    out->min = s->min;
    out->max = s->max;
}

/* ---- medians ---- */

int pc_stats_median_mad(const float *pix, const unsigned char *where, int64_t n, double *med, double *mad,
                        struct pc_err *err)
{
    struct pc_ranked r = {.pix = pix, .where = where, .n = n, .lo = -FLT_MAX, .hi = FLT_MAX};
    return pc_median_mad(&r, med, mad, err);
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

/* A block's sums, of the distances from `shift`, and extremes. The rounds of clipping go by these: only a
 * block that reaches beyond the limits is looked at again. */
struct cell {
    struct pc_lanes l;
    int n;
};
struct tally {
    struct cell *cell;
    double shift;
};

static void add_distances(const struct pc_ranked *r, int64_t i, double shift, struct cell *c)
{
    float picked[PC_LANES_BLOCK];
    int n = r->n - i < PC_LANES_BLOCK ? (int)(r->n - i) : PC_LANES_BLOCK;
    const unsigned char *where = r->where ? r->where + i : NULL;
    bool all = r->lo <= -FLT_MAX && r->hi >= FLT_MAX;
    *c = (struct cell){.l = {.min = INFINITY, .max = -INFINITY}};
    if (all && shift == 0) {
        c->n = add_block(r->pix + i, where, n, &c->l);
    } else {
        c->n = pc_lanes_pick(r->pix + i, where, n, r->lo, r->hi, picked);
        if (c->n)
            pc_lanes_add_picked(picked, shift, &c->l);
    }
}

static void fill_tally(const struct pc_ranked *r, double shift, struct tally *t)
{
    struct pc_ranked all = *r;
    all.lo = -FLT_MAX;
    all.hi = FLT_MAX;
    t->shift = shift;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK)
        add_distances(&all, i, shift, &t->cell[i / PC_LANES_BLOCK]);
}

static int64_t sums(const struct pc_ranked *r, const struct tally *t, double *sum, double *square)
{
    int64_t total = 0;
    *sum = *square = 0;
    for (int64_t i = 0; i < r->n; i += PC_LANES_BLOCK) {
        const struct cell *c = &t->cell[i / PC_LANES_BLOCK];
        struct cell clipped;
        if (c->n && (c->l.min < r->lo || c->l.max > r->hi)) {
            add_distances(r, i, t->shift, &clipped);
            c = &clipped;
        }
        if (!c->n)
            continue;
        total += c->n;
        *sum += c->l.sum;
        *square += c->l.square;
    }
    return total;
}

/* Count, mean and sample deviation within [lo, hi]. When the tally's shift is so far from the mean that the
 * squares' difference would lose digits, it is made anew from the mean itself. */
static void moments(const struct pc_ranked *r, struct tally *t, struct pc_chauvenet *out)
{
    double sum, square;
    int64_t n = sums(r, t, &sum, &square);
    double mean = t->shift + sum / (double)n, off = sum / (double)n * sum;
    if (n > 1 && off > 0.9 * square) {
        fill_tally(r, mean, t);
        sums(r, t, &sum, &square);
        off = 0;
    }
    out->n = n;
    out->mean = n ? mean : NAN;
    out->stddev = n > 1 ? sqrt(fmax(square - off, 0) / (double)(n - 1)) : 0.0;
}

int pc_stats_chauvenet(const float *pix, const unsigned char *where, int64_t n, double zscore,
                       int max_iterations, struct pc_chauvenet *out, struct pc_err *err)
{
    struct pc_ranked r = {.pix = pix, .where = where, .n = n, .lo = -FLT_MAX, .hi = FLT_MAX};
    struct tally t = {
        .cell = pc_mem_new(n / PC_LANES_BLOCK + 1, sizeof *t.cell, "sums of a plane's blocks", err)};
    int64_t before = -1;
    if (!t.cell)
        return -1;
    fill_tally(&r, 0, &t);
    moments(&r, &t, out);
    for (int round = 0; round <= max_iterations && out->n > 0 && out->n != before; round++) {
        double z = zscore >= 0 ? zscore : chauvenet_z(out->n);
        before = out->n;
        r.lo = -float_below(-(out->mean - z * out->stddev));
        r.hi = float_below(out->mean + z * out->stddev);
        moments(&r, &t, out);
    }
    pc_mem_free(t.cell);
    return pc_median_mad(&r, &out->median, &out->mad, err);
}
