/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/lanes.h"

#include "base/clones.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* 32 lanes rather than 16: loops of 16 are unrolled by GCC before it looks for vectors, and then it finds
 * none. */
struct lanes {
    double sum[PC_LANES], square[PC_LANES];
    float min[PC_LANES], max[PC_LANES];
};

INLINE void add(struct lanes *out, const float *v, bool blanks, double shift)
{
    struct lanes t;
    for (int k = 0; k < PC_LANES; k++) {
        t.sum[k] = t.square[k] = 0;
        t.min[k] = INFINITY;
        t.max[k] = -INFINITY;
    }
    for (int i = 0; i < PC_LANES_BLOCK; i += PC_LANES) {
        for (int k = 0; k < PC_LANES; k++) {
            t.min[k] = v[i + k] < t.min[k] ? v[i + k] : t.min[k];
            t.max[k] = v[i + k] > t.max[k] ? v[i + k] : t.max[k];
        }
        for (int k = 0; k < PC_LANES; k++) {
            double d = (double)v[i + k] - shift;
            if (blanks)
                d = d == d ? d : 0.0;
            t.sum[k] += d;
            t.square[k] += d * d;
        }
    }
    *out = t;
}

PC_CLONES static void add_whole(struct lanes *out, const float *v)
{
    add(out, v, false, 0.0);
}

PC_CLONES static void add_picked(struct lanes *out, const float *v, double shift)
{
    add(out, v, true, shift);
}

static void in_order(const struct lanes *l, struct pc_lanes *out)
{
    *out = (struct pc_lanes){.min = INFINITY, .max = -INFINITY};
    for (int k = 0; k < PC_LANES; k++) {
        out->sum += l->sum[k];
        out->square += l->square[k];
        out->min = l->min[k] < out->min ? l->min[k] : out->min;
        out->max = l->max[k] > out->max ? l->max[k] : out->max;
    }
}

bool pc_lanes_whole(const unsigned char *where, int n)
{
    return n == PC_LANES_BLOCK && (!where || !memchr(where, 0, PC_LANES_BLOCK));
}

void pc_lanes_add(const float *v, struct pc_lanes *out)
{
    struct lanes l;
    add_whole(&l, v);
    in_order(&l, out);
}

void pc_lanes_add_picked(const float *v, double shift, struct pc_lanes *out)
{
    struct lanes l;
    add_picked(&l, v, shift);
    in_order(&l, out);
}

PC_CLONES static bool any(const unsigned char *where, int n)
{
    unsigned char seen = 0;
    for (int i = 0; i < n; i++)
        seen |= where[i];
    return seen != 0;
}

PC_CLONES static void pick(const float *pix, int n, float lo, float hi, float *out)
{
    for (int i = 0; i < n; i++)
        out[i] = (pix[i] >= lo) & (pix[i] <= hi) ? pix[i] : NAN;
}

PC_CLONES static void pick_where(const float *pix, const unsigned char *where, int n, float lo, float hi,
                                 float *out)
{
    for (int i = 0; i < n; i++)
        out[i] = (pix[i] >= lo) & (pix[i] <= hi) & (where[i] != 0) ? pix[i] : NAN;
}

PC_CLONES static int count(const float *v)
{
    int n = 0;
    for (int i = 0; i < PC_LANES_BLOCK; i++)
        n += v[i] == v[i];
    return n;
}

int pc_lanes_pick(const float *pix, const unsigned char *where, int n, float lo, float hi, float *out)
{
    if (where && !any(where, n))
        return 0;
    if (where)
        pick_where(pix, where, n, lo, hi, out);
    else
        pick(pix, n, lo, hi, out);
    for (int i = n; i < PC_LANES_BLOCK; i++)
        out[i] = NAN;
    return count(out);
}
