/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/bright.h"

#include "base/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A tile lies within a column of active tiles, and under whole ones. */
enum { NX = 64, NY = 16, TILE = NX * NY, FLOOR_BYTE = 4 << 20 };

float pc_bright_size(const float *value, int npol, int64_t stride)
{
    if (npol == 1)
        return fabsf(value[0]);
    float sum = 0;
    for (int k = 0; k < npol; k++)
        sum += value[k * stride] * value[k * stride];
    return sqrtf(sum);
}

/* ---- the largest of each tile ---- */

/* As bits, which order as the floats do; a NaN counts for nothing. A compiler may vectorise it. */
PC_CLONES static float largest_of(const float *v, int n)
{
    const int32_t infinite = 0x7f800000;
    int32_t max = 0;
    float f;
    for (int i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, v + i, sizeof bits);
        bits &= 0x7fffffff;
        bits = bits > infinite ? 0 : bits;
        max = bits > max ? bits : max;
    }
    memcpy(&f, &max, sizeof f);
    return f;
}

static float largest_size(const float *v, int n, int npol, int64_t stride)
{
    float max = 0;
    if (npol == 1)
        return largest_of(v, n);
    for (int i = 0; i < n; i++)
        max = fmaxf(max, pc_bright_size(v + i, npol, stride)); /* a NaN loses */
    return max;
}

static void measure_run(struct pc_bright *b, const struct pc_run *run)
{
    for (int x = run->x0, n; x < run->x1; x += n) {
        float *largest = &b->largest[(int64_t)(run->y / NY) * b->ntx + x / NX];
        n = NX - x % NX < run->x1 - x ? NX - x % NX : run->x1 - x;
        float max = largest_size(b->residual + (int64_t)run->y * b->active->nx + x, n, b->npol, b->npix);
        if (max > b->limit && max > *largest)
            *largest = max;
    }
}

int pc_bright_init(struct pc_bright *b, const struct pc_active *active, const float *residual, int npol,
                   float limit, struct pc_err *err)
{
    *b = (struct pc_bright){.active = active, .residual = residual, .npol = npol, .limit = limit};
    b->npix = (int64_t)active->nx * active->ny;
    b->ntx = (active->nx + NX - 1) / NX;
    b->nty = (active->ny + NY - 1) / NY;
    const int64_t tile_byte = npol * (int64_t)TILE * (int64_t)sizeof(float);
    b->most = (b->npix * npol > FLOOR_BYTE ? b->npix * npol : FLOOR_BYTE) / tile_byte;
    const size_t ntile = (size_t)b->ntx * (size_t)b->nty;
    b->largest = calloc(ntile, sizeof *b->largest);
    b->copy = calloc(ntile, sizeof *b->copy);
    if (!b->largest || !b->copy) {
        pc_bright_fini(b);
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %zu tiles", ntile);
    }
    for (int64_t i = 0; i < active->nrun; i++)
        measure_run(b, &active->run[i]);
    return 0;
}

void pc_bright_fini(struct pc_bright *b)
{
    for (int64_t i = 0; i < (int64_t)b->ntx * b->nty && b->copy; i++)
        free(b->copy[i]);
    free(b->largest), free(b->copy), free(b->taken);
    *b = (struct pc_bright){0};
}

/* ---- copies ---- */

/* The active tile that begins at (x, y); NULL: none of its pixels is active. */
static const struct pc_tile *find_tile(const struct pc_active *a, int x, int y)
{
    int64_t lo = 0, hi = a->ntile;
    while (lo < hi) {
        const int64_t mid = lo + (hi - lo) / 2;
        const struct pc_tile *t = &a->tile[mid];
        if (t->y < y || (t->y == y && t->x < x))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < a->ntile && a->tile[lo].x == x && a->tile[lo].y == y ? &a->tile[lo] : NULL;
}

/* The bright pixels of a run within the tile from (x0, y0) on. */
static void copy_run(const struct pc_bright *b, const struct pc_run *run, int x0, int y0, float *copy)
{
    const int from = run->x0 > x0 ? run->x0 : x0, to = run->x1 < x0 + NX ? run->x1 : x0 + NX;
    for (int x = from; x < to; x++) {
        const float *v = b->residual + (int64_t)run->y * b->active->nx + x;
        float *out = copy + (run->y - y0) * NX + (x - x0);
        if (pc_bright_size(v, b->npol, b->npix) > b->limit) /* NaN is not */
            for (int k = 0; k < b->npol; k++)
                out[k * TILE] = v[k * b->npix];
    }
}

static int copy_tile(struct pc_bright *b, int tx, int ty, struct pc_err *err)
{
    const struct pc_active *a = b->active;
    const int x0 = tx * NX, y0 = ty * NY;
    float *copy = malloc((size_t)b->npol * TILE * sizeof *copy);
    if (!copy)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of bright pixels");
    for (int i = 0; i < b->npol * TILE; i++)
        copy[i] = NAN;
    for (int y = y0; y < y0 + NY && y < a->ny; y += PC_TILE_NY) {
        const struct pc_tile *t = find_tile(a, x0 / PC_TILE_NX * PC_TILE_NX, y);
        for (int64_t i = t ? t->first : 0; t && i < t->end; i++)
            copy_run(b, &a->run[a->by_tile[i]], x0, y0, copy);
    }
    b->copy[(int64_t)ty * b->ntx + tx] = copy;
    b->ncopy++;
    return 0;
}

/* ---- the peak ---- */

/* The first pixel of tile t, in scan order, that is as large. */
static int64_t find_in_tile(const struct pc_bright *b, int64_t t, float size)
{
    const struct pc_active *a = b->active;
    const int x0 = (int)(t % b->ntx) * NX, y0 = (int)(t / b->ntx) * NY;
    for (int y = y0; y < y0 + NY && y < a->ny; y++) {
        if (b->copy[t]) {
            for (int x = 0; x < NX; x++)
                if (pc_bright_size(b->copy[t] + (y - y0) * NX + x, b->npol, TILE) == size)
                    return (int64_t)y * a->nx + x0 + x;
            continue;
        }
        const struct pc_tile *tile = find_tile(a, x0 / PC_TILE_NX * PC_TILE_NX, y / PC_TILE_NY * PC_TILE_NY);
        for (int64_t i = tile ? tile->first : 0; tile && i < tile->end; i++) {
            const struct pc_run *run = &a->run[a->by_tile[i]];
            for (int x = run->x0 > x0 ? run->x0 : x0; run->y == y && x < run->x1 && x < x0 + NX; x++)
                if (pc_bright_size(b->residual + (int64_t)y * a->nx + x, b->npol, b->npix) == size)
                    return (int64_t)y * a->nx + x;
        }
    }
    return -1;
}

float pc_bright_peak(const struct pc_bright *b, int64_t *at)
{
    const int64_t ntile = (int64_t)b->ntx * b->nty;
    float size = 0;
    *at = -1;
    for (int y = 0; y < b->nty; y++)
        size = fmaxf(size, largest_of(b->largest + (int64_t)y * b->ntx, b->ntx));
    for (int64_t t = 0; t < ntile && size > 0; t++)
        if (b->largest[t] == size) {
            const int64_t found = find_in_tile(b, t, size);
            *at = *at < 0 || found < *at ? found : *at;
        }
    return size;
}

/* ---- components ---- */

struct box {
    int x0, y0, x1, y1; /* not the last ones */
};

static struct box patch_box(const struct pc_bright *b, int64_t at, const struct pc_patch *p)
{
    const int nx = b->active->nx, ny = b->active->ny, x = (int)(at % nx), y = (int)(at / nx);
    struct box box = {x - p->half[0], y - p->half[1], x - p->half[0] + p->size[0],
                      y - p->half[1] + p->size[1]};
    box.x0 = box.x0 > 0 ? box.x0 : 0, box.y0 = box.y0 > 0 ? box.y0 : 0;
    box.x1 = box.x1 < nx ? box.x1 : nx, box.y1 = box.y1 < ny ? box.y1 : ny;
    return box;
}

/* Copies the tiles of the box that have bright pixels: 1; 0: there is no room for them. */
static int make_room(struct pc_bright *b, const struct box *box, struct pc_err *err)
{
    for (int copying = 0; copying < 2; copying++) {
        int64_t more = 0;
        for (int ty = box->y0 / NY; ty <= (box->y1 - 1) / NY; ty++)
            for (int tx = box->x0 / NX; tx <= (box->x1 - 1) / NX; tx++) {
                const int64_t t = (int64_t)ty * b->ntx + tx;
                if (b->copy[t] || b->largest[t] == 0)
                    continue;
                if (copying && copy_tile(b, tx, ty, err))
                    return -1;
                more++;
            }
        if (!copying && b->ntaken && b->ncopy + more > b->most)
            return 0;
    }
    return 1;
}

static int note(struct pc_bright *b, int64_t at, const float *flux, struct pc_err *err)
{
    if (b->ntaken == b->cap) {
        const int64_t cap = b->cap ? 2 * b->cap : 256;
        struct pc_taken *grown = realloc(b->taken, (size_t)cap * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld components", (long long)cap);
        b->taken = grown;
        b->cap = cap;
    }
    struct pc_taken *t = &b->taken[b->ntaken];
    *t = (struct pc_taken){.at = at, .order = b->ntaken++};
    memcpy(t->flux, flux, (size_t)b->npol * sizeof *flux);
    return 0;
}

PC_CLONES static void subtract(float *restrict v, const float *restrict psf, float flux, int n)
{
    for (int i = 0; i < n; i++)
        v[i] -= flux * psf[i];
}

/* A component on pixel (x, y). */
static void subtract_tile(struct pc_bright *b, int64_t t, const struct box *box, const struct pc_patch *p,
                          int x, int y, const float *flux)
{
    const int tx0 = (int)(t % b->ntx) * NX, ty0 = (int)(t / b->ntx) * NY;
    const int x0 = box->x0 > tx0 ? box->x0 : tx0, x1 = box->x1 < tx0 + NX ? box->x1 : tx0 + NX;
    const int y0 = box->y0 > ty0 ? box->y0 : ty0, y1 = box->y1 < ty0 + NY ? box->y1 : ty0 + NY;
    for (int k = 0; k < b->npol; k++)
        for (int row = y0; row < y1; row++)
            subtract(b->copy[t] + (int64_t)k * TILE + (row - ty0) * NX + (x0 - tx0),
                     p->centre + (int64_t)(row - y) * p->nx + (x0 - x), flux[k], x1 - x0);
    b->largest[t] = largest_size(b->copy[t], TILE, b->npol, TILE);
}

int pc_bright_take(struct pc_bright *b, int64_t at, float gain, const struct pc_patch *p, struct pc_err *err)
{
    const int x = (int)(at % b->active->nx), y = (int)(at / b->active->nx);
    const struct box box = patch_box(b, at, p);
    const int room = make_room(b, &box, err);
    float flux[PC_BRIGHT_NPOL] = {0};
    if (room <= 0)
        return room;
    const float *own = b->copy[(int64_t)(y / NY) * b->ntx + x / NX] + y % NY * NX + x % NX;
    for (int k = 0; k < b->npol; k++)
        flux[k] = gain * own[k * TILE];
    if (note(b, at, flux, err))
        return -1;
    for (int ty = box.y0 / NY; ty <= (box.y1 - 1) / NY; ty++)
        for (int tx = box.x0 / NX; tx <= (box.x1 - 1) / NX; tx++) {
            const int64_t t = (int64_t)ty * b->ntx + tx;
            if (b->copy[t])
                subtract_tile(b, t, &box, p, x, y, flux);
        }
    return 1;
}

static int by_place(const void *a, const void *b)
{
    const struct pc_taken *s = a, *t = b;
    if (s->at != t->at)
        return s->at < t->at ? -1 : 1;
    return s->order < t->order ? -1 : s->order > t->order;
}

void pc_bright_merge(struct pc_bright *b)
{
    int64_t n = 0;
    if (b->ntaken)
        qsort(b->taken, (size_t)b->ntaken, sizeof *b->taken, by_place);
    for (int64_t i = 0; i < b->ntaken; i++) {
        struct pc_taken *last = n ? &b->taken[n - 1] : NULL;
        if (!last || last->at != b->taken[i].at)
            b->taken[n++] = b->taken[i];
        else
            for (int k = 0; k < b->npol; k++)
                last->flux[k] += b->taken[i].flux[k];
    }
    b->ntaken = n;
}
