/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/runs.h"

#include "base/clones.h"
#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

void pc_runs_free(struct pc_runs *r)
{
    pc_mem_free(r->run);
    *r = (struct pc_runs){0};
}

static int reserve(struct pc_runs *r, struct pc_err *err)
{
    if (r->n < r->cap)
        return 0;
    int64_t cap = r->cap + r->cap / 2 + 256;
    struct pc_span *run = pc_mem_new(cap, sizeof *run, "runs of a mask", err);
    if (!run)
        return -1;
    if (r->n)
        memcpy(run, r->run, (size_t)r->n * sizeof *run);
    pc_mem_free(r->run);
    r->run = run;
    r->cap = cap;
    return 0;
}

int pc_runs_add(struct pc_runs *r, int y, int x0, int x1, struct pc_err *err)
{
    struct pc_span *last = r->n ? &r->run[r->n - 1] : NULL;
    if (x0 >= x1)
        return 0;
    if (last && last->y == y && last->x1 >= x0) {
        last->x1 = x1 > last->x1 ? x1 : last->x1;
        return 0;
    }
    if (reserve(r, err))
        return -1;
    r->run[r->n++] = (struct pc_span){y, x0, x1};
    return 0;
}

int pc_runs_add_all(struct pc_runs *r, int nx, int ny, struct pc_err *err)
{
    for (int y = 0; y < ny; y++)
        if (pc_runs_add(r, y, 0, nx, err))
            return -1;
    return 0;
}

/* ---- pixels that pass a test ---- */

/* Pixels are tested by lanes; mostly all of them pass, or none. */
enum { LANES = 64 };

/* What passes is within [lo, hi]. */
PC_CLONES static int test_lanes(const float *v, float lo, float hi, unsigned char *in)
{
    int sum = 0;
    for (int i = 0; i < LANES; i++)
        in[i] = (v[i] >= lo) & (v[i] <= hi);
    for (int i = 0; i < LANES; i++)
        sum += in[i];
    return sum;
}

static int add_few(struct pc_runs *r, int y, int x, const unsigned char *in, int n, struct pc_err *err)
{
    for (int i = 0; i < n; i++) {
        if (!in[i])
            continue;
        int first = i;
        while (i < n && in[i])
            i++;
        if (pc_runs_add(r, y, x + first, x + i, err))
            return -1;
    }
    return 0;
}

static int add_within(struct pc_runs *r, int y, int x, const float *v, int n, float lo, float hi,
                      struct pc_err *err)
{
    unsigned char in[LANES];
    int bad = 0;
    for (; n >= LANES && !bad; x += LANES, v += LANES, n -= LANES) {
        int sum = test_lanes(v, lo, hi, in);
        if (sum == LANES)
            bad = pc_runs_add(r, y, x, x + LANES, err);
        else if (sum)
            bad = add_few(r, y, x, in, LANES, err);
    }
    for (int i = 0; i < n; i++)
        in[i] = (v[i] >= lo) & (v[i] <= hi);
    return bad || add_few(r, y, x, in, n, err) ? -1 : 0;
}

int pc_runs_add_above(struct pc_runs *r, int y, int x, const float *v, int n, float level, struct pc_err *err)
{
    if (!(level < INFINITY))
        return 0;
    return add_within(r, y, x, v, n, nextafterf(level, INFINITY), INFINITY, err);
}

int pc_runs_add_below(struct pc_runs *r, int y, int x, const float *v, int n, float level, struct pc_err *err)
{
    if (!(level > -INFINITY))
        return 0;
    return add_within(r, y, x, v, n, -INFINITY, nextafterf(level, -INFINITY), err);
}

int pc_runs_add_finite(struct pc_runs *r, int y, int x, const float *v, int n, struct pc_err *err)
{
    return add_within(r, y, x, v, n, -FLT_MAX, FLT_MAX, err);
}

int pc_runs_add_bytes(struct pc_runs *r, int y, int x, const unsigned char *v, int n, struct pc_err *err)
{
    static const unsigned char none[LANES];
    for (; n >= LANES; x += LANES, v += LANES, n -= LANES)
        if (memcmp(v, none, LANES) != 0 && add_few(r, y, x, v, LANES, err))
            return -1;
    return add_few(r, y, x, v, n, err);
}

/* ---- sets ---- */

static int before(const struct pc_span *a, const struct pc_span *b)
{
    return a->y < b->y || (a->y == b->y && a->x0 < b->x0);
}

int pc_runs_or(struct pc_runs *out, const struct pc_runs *a, const struct pc_runs *b, struct pc_err *err)
{
    for (int64_t i = 0, k = 0; i < a->n || k < b->n;) {
        bool first = k == b->n || (i < a->n && before(&a->run[i], &b->run[k]));
        const struct pc_span *next = first ? &a->run[i++] : &b->run[k++];
        if (pc_runs_add(out, next->y, next->x0, next->x1, err))
            return -1;
    }
    return 0;
}

int pc_runs_and(struct pc_runs *out, const struct pc_runs *a, const struct pc_runs *b, struct pc_err *err)
{
    for (int64_t i = 0, k = 0; i < a->n && k < b->n;) {
        const struct pc_span *p = &a->run[i], *q = &b->run[k];
        int x0 = p->x0 > q->x0 ? p->x0 : q->x0, x1 = p->x1 < q->x1 ? p->x1 : q->x1;
        if (p->y == q->y && pc_runs_add(out, p->y, x0, x1, err))
            return -1;
        if (p->y < q->y || (p->y == q->y && p->x1 <= q->x1))
            i++;
        else
            k++;
    }
    return 0;
}

int64_t pc_runs_count(const struct pc_runs *r)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < r->n; i++)
        sum += r->run[i].x1 - r->run[i].x0;
    return sum;
}

void pc_runs_paint(const struct pc_runs *r, int nx, unsigned char v, unsigned char *plane)
{
    for (int64_t i = 0; i < r->n; i++) {
        const struct pc_span *p = &r->run[i];
        memset(plane + (int64_t)p->y * nx + p->x0, v, (size_t)(p->x1 - p->x0));
    }
}
