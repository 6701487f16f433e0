/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/morph.h"

#include "base/mem.h"

/* ---- pruning: union-find over runs that touch those of the row before ---- */

struct region {
    int64_t parent; /* index of a run of the same region; a root is its own */
    int64_t npix;   /* of the region, at its root */
};

static int64_t root(struct region *g, int64_t i)
{
    while (g[i].parent != i) {
        g[i].parent = g[g[i].parent].parent;
        i = g[i].parent;
    }
    return i;
}

static void join(struct region *g, int64_t a, int64_t b)
{
    a = root(g, a);
    b = root(g, b);
    if (a == b)
        return;
    int64_t keep = a < b ? a : b, lose = a < b ? b : a;
    g[lose].parent = keep;
    g[keep].npix += g[lose].npix;
}

/* `up` follows through the row before: its runs that end too early touch no later run either. */
static void label(const struct pc_runs *r, struct region *g)
{
    int64_t up = 0;
    for (int64_t i = 0; i < r->n; i++) {
        const struct pc_span *p = &r->run[i];
        g[i] = (struct region){i, p->x1 - p->x0};
        while (up < i && (r->run[up].y < p->y - 1 || (r->run[up].y == p->y - 1 && r->run[up].x1 <= p->x0)))
            up++;
        for (int64_t k = up; k < i && r->run[k].y == p->y - 1 && r->run[k].x0 < p->x1; k++)
            join(g, k, i);
    }
}

int pc_morph_prune(struct pc_runs *mask, double min_px, int64_t *nbefore, int64_t *nafter, struct pc_err *err)
{
    *nbefore = *nafter = 0;
    if (mask->n == 0)
        return 0;
    struct region *g = pc_mem_new(mask->n, sizeof *g, "regions of a mask", err);
    if (!g)
        return -1;
    label(mask, g);
    int64_t kept = 0;
    for (int64_t i = 0; i < mask->n; i++) {
        bool small = (double)g[root(g, i)].npix < min_px;
        *nbefore += g[i].parent == i;
        *nafter += g[i].parent == i && !small;
        if (!small)
            mask->run[kept++] = mask->run[i];
    }
    mask->n = kept;
    pc_mem_free(g);
    return 0;
}

/* ---- growing ---- */

/* Pixels of the last pass, as indices: a pass costs what it changes. */
struct front {
    int64_t *at;
    int64_t n, cap;
};

static int front_reserve(struct front *f, int64_t cap, struct pc_err *err)
{
    if (cap <= f->cap)
        return 0;
    int64_t *at = pc_mem_new(cap, sizeof *at, "the front of a growing mask", err);
    if (!at)
        return -1;
    pc_mem_free(f->at);
    f->at = at;
    f->cap = cap;
    return 0;
}

struct growth {
    const float *pix;
    float low;
    int nx, ny;
    uint64_t *in; /* a bit per pixel, rows in whole words */
    int64_t word; /* of a row */
    struct front now, next;
};

static bool get(const struct growth *g, int64_t x, int64_t y)
{
    return g->in[y * g->word + x / 64] >> (x % 64) & 1;
}

static void set(struct growth *g, int64_t x, int64_t y)
{
    g->in[y * g->word + x / 64] |= (uint64_t)1 << (x % 64);
}

static void reach(struct growth *g, int64_t x, int64_t y)
{
    int64_t i = y * g->nx + x;
    if (!get(g, x, y) && g->pix[i] > g->low) {
        set(g, x, y);
        g->next.at[g->next.n++] = i;
    }
}

static void spread(struct growth *g, int64_t i)
{
    int64_t x = i % g->nx, y = i / g->nx;
    if (x > 0)
        reach(g, x - 1, y);
    if (x + 1 < g->nx)
        reach(g, x + 1, y);
    if (y > 0)
        reach(g, x, y - 1);
    if (y + 1 < g->ny)
        reach(g, x, y + 1);
}

/* Only a pixel that has a neighbour to reach need be in the first front: most have none. */
static bool has_way(const struct growth *g, int64_t x, int64_t y)
{
    return (x > 0 && !get(g, x - 1, y)) || (x + 1 < g->nx && !get(g, x + 1, y)) ||
           (y > 0 && !get(g, x, y - 1)) || (y + 1 < g->ny && !get(g, x, y + 1));
}

static int first_front(struct growth *g, const struct pc_runs *from, struct pc_err *err)
{
    const struct pc_span *end = from->run + from->n;
    int64_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass && front_reserve(&g->now, n, err))
            return -1;
        for (const struct pc_span *p = from->run; p != end; p++)
            for (int64_t x = p->x0, y = p->y; x < p->x1; x++) {
                if (!(g->pix[y * g->nx + x] > g->low))
                    continue;
                if (!has_way(g, x, y))
                    continue;
                if (pass)
                    g->now.at[g->now.n++] = y * g->nx + x;
                else
                    n++;
            }
    }
    return 0;
}

static int grow(struct growth *g, const struct pc_runs *from, int iterations, struct pc_err *err)
{
    for (int64_t i = 0; i < from->n; i++)
        for (int x = from->run[i].x0; x < from->run[i].x1; x++)
            set(g, x, from->run[i].y);
    int bad = first_front(g, from, err);
    for (int pass = 0; !bad && pass < iterations && g->now.n > 0; pass++) {
        g->next.n = 0;
        bad = front_reserve(&g->next, 4 * g->now.n, err);
        for (int64_t k = 0; !bad && k < g->now.n; k++)
            spread(g, g->now.at[k]);
        struct front swap = g->now;
        g->now = g->next;
        g->next = swap;
    }
    return bad ? -1 : 0;
}

/* Of what was set, what is above low. */
static int gather(const struct growth *g, struct pc_runs *out, struct pc_err *err)
{
    for (int y = 0; y < g->ny; y++)
        for (int64_t k = 0; k < g->word; k++) {
            uint64_t bits = g->in[y * g->word + k];
            for (int x = (int)k * 64; bits; bits >>= 1, x++)
                if ((bits & 1) && g->pix[(int64_t)y * g->nx + x] > g->low &&
                    pc_runs_add(out, y, x, x + 1, err))
                    return -1;
        }
    return 0;
}

int pc_morph_grow(const struct pc_runs *from, const float *pix, float low, int nx, int ny, int iterations,
                  struct pc_runs *out, struct pc_err *err)
{
    struct growth g = {.pix = pix, .low = low, .nx = nx, .ny = ny, .word = ((int64_t)nx + 63) / 64};
    g.in = pc_mem_new0(g.word * ny, sizeof *g.in, "a growing mask", err);
    if (!g.in)
        return -1;
    int bad = grow(&g, from, iterations, err) || gather(&g, out, err);
    pc_mem_free(g.in);
    pc_mem_free(g.now.at);
    pc_mem_free(g.next.at);
    return bad ? -1 : 0;
}
