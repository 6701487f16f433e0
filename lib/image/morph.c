/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/morph.h"

#include "base/mem.h"

#include <string.h>

/* Regions are found as runs of pixels along rows, joined by union-find where runs of neighbouring rows touch:
 * memory and time go with the number of runs, not with the plane. */
struct run {
    int32_t y, x0, x1; /* pixels x0 .. x1-1 */
    int64_t parent;    /* index of a run of the same region; a root is its own */
    int64_t npix;      /* of the region, at its root */
};

static int64_t count_runs(const unsigned char *mask, int nx, int ny)
{
    int64_t n = 0;
    for (int y = 0; y < ny; y++) {
        const unsigned char *row = mask + (int64_t)y * nx;
        unsigned char last = 0;
        for (int x = 0; x < nx; x++) {
            n += row[x] && !last;
            last = row[x];
        }
    }
    return n;
}

static int64_t root(struct run *run, int64_t i)
{
    while (run[i].parent != i) {
        run[i].parent = run[run[i].parent].parent;
        i = run[i].parent;
    }
    return i;
}

static void join(struct run *run, int64_t a, int64_t b)
{
    a = root(run, a);
    b = root(run, b);
    if (a == b)
        return;
    int64_t keep = a < b ? a : b, lose = a < b ? b : a;
    run[lose].parent = keep;
    run[keep].npix += run[lose].npix;
}

/* The runs of row y, appended; those of the row before are run[before .. first-1]. Returns the new end. */
static int64_t add_row(struct run *run, const unsigned char *row, int nx, int y, int64_t before,
                       int64_t first)
{
    int64_t n = first;
    for (int x = 0; x < nx; x++) {
        if (!row[x])
            continue;
        int x0 = x;
        while (x < nx && row[x])
            x++;
        run[n] = (struct run){.y = y, .x0 = x0, .x1 = x, .parent = n, .npix = x - x0};
        for (; before < first && run[before].x1 <= x0; before++)
            ;
        for (int64_t up = before; up < first && run[up].x0 < x; up++)
            join(run, up, n);
        n++;
    }
    return n;
}

int pc_morph_prune(unsigned char *mask, int nx, int ny, double min_px, int64_t *nbefore, int64_t *nafter,
                   struct pc_err *err)
{
    *nbefore = *nafter = 0;
    int64_t nrun = count_runs(mask, nx, ny);
    if (nrun == 0)
        return 0;
    struct run *run = pc_mem_new(nrun, sizeof *run, "runs of a mask", err);
    if (!run)
        return -1;
    int64_t before = 0, first = 0;
    for (int y = 0; y < ny; y++) {
        int64_t end = add_row(run, mask + (int64_t)y * nx, nx, y, before, first);
        before = first;
        first = end;
    }
    for (int64_t i = 0; i < nrun; i++) {
        const struct run *top = &run[root(run, i)];
        int small = (double)top->npix < min_px;
        *nbefore += run[i].parent == i;
        *nafter += run[i].parent == i && !small;
        if (small)
            memset(mask + (int64_t)run[i].y * nx + run[i].x0, 0, (size_t)(run[i].x1 - run[i].x0));
    }
    pc_mem_free(run);
    return 0;
}

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

static void reach(unsigned char *mask, const unsigned char *allow, int64_t i, struct front *next)
{
    if (!mask[i] && allow[i]) {
        mask[i] = 1;
        next->at[next->n++] = i;
    }
}

static void spread(unsigned char *mask, const unsigned char *allow, int nx, int ny, int64_t i,
                   struct front *next)
{
    int64_t x = i % nx, y = i / nx;
    if (x > 0)
        reach(mask, allow, i - 1, next);
    if (x + 1 < nx)
        reach(mask, allow, i + 1, next);
    if (y > 0)
        reach(mask, allow, i - nx, next);
    if (y + 1 < ny)
        reach(mask, allow, i + nx, next);
}

static int first_front(const unsigned char *mask, const unsigned char *allow, int64_t npix, struct front *f,
                       struct pc_err *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < npix; i++)
        n += mask[i] && allow[i];
    if (front_reserve(f, n, err))
        return -1;
    for (int64_t i = 0; i < npix; i++)
        if (mask[i] && allow[i])
            f->at[f->n++] = i;
    return 0;
}

int pc_morph_dilate(unsigned char *mask, const unsigned char *allow, int nx, int ny, int iterations,
                    struct pc_err *err)
{
    struct front now = {0}, next = {0};
    int bad = first_front(mask, allow, (int64_t)nx * ny, &now, err);
    for (int pass = 0; !bad && pass < iterations && now.n > 0; pass++) {
        next.n = 0;
        bad = front_reserve(&next, 4 * now.n, err);
        for (int64_t k = 0; !bad && k < now.n; k++)
            spread(mask, allow, nx, ny, now.at[k], &next);
        struct front swap = now;
        now = next;
        next = swap;
    }
    pc_mem_free(now.at);
    pc_mem_free(next.at);
    return bad ? -1 : 0;
}
