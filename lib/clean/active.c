/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/active.h"

#include "base/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t INFINITE_BITS = 0x7f800000u;

static uint32_t abs_bits(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits & 0x7fffffffu;
}

static float float_of(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Integer maxima, because the compiler may vectorise them: the largest float depends on no order, and a NaN
 * is the largest of all. */
PC_CLONES static uint32_t row_max(const float *v, int64_t n)
{
    int32_t max = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t bits = (int32_t)abs_bits(v[i]);
        max = bits > max ? bits : max;
    }
    return (uint32_t)max;
}

/* ---- the list ---- */

static int run_add(struct pc_active *a, int y, int x0, int x1, struct pc_err *err)
{
    if (a->nrun == a->cap) {
        int64_t cap = a->cap ? 2 * a->cap : 256;
        struct pc_run *grown = realloc(a->run, (size_t)cap * sizeof *grown);
        if (!grown || cap > INT32_MAX) {
            a->run = grown ? grown : a->run;
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld runs of pixels",
                              (long long)cap);
        }
        a->run = grown;
        a->cap = cap;
    }
    a->run[a->nrun++] = (struct pc_run){y, x0, x1};
    a->npix += x1 - x0;
    return 0;
}

/* How many of n bytes are set. */
PC_CLONES static int count_set(const unsigned char *m, int n)
{
    int set = 0;
    for (int i = 0; i < n; i++)
        set += m[i] != 0;
    return set;
}

/* The runs of one row within a tile. */
static int segment_add(struct pc_active *a, int y, int x0, int x1, const unsigned char *mask, bool inside,
                       struct pc_err *err)
{
    const float *row = a->pix + (int64_t)y * a->nx;
    int set = mask ? count_set(mask + x0, x1 - x0) : x1 - x0, wanted = inside ? set : x1 - x0 - set;
    int start = -1; /* where the run began that is still open */
    if (wanted == 0)
        return 0;
    if (wanted == x1 - x0 && row_max(row + x0, x1 - x0) < INFINITE_BITS)
        return run_add(a, y, x0, x1, err);
    for (int x = x0; x <= x1; x++) {
        bool active = x < x1 && isfinite(row[x]) && (mask ? mask[x] != 0 : true) == inside;
        if (start >= 0 && !active) {
            if (run_add(a, y, start, x, err))
                return -1;
            start = -1;
        }
        if (active && start < 0)
            start = x;
    }
    return 0;
}

static void tile_add(struct pc_active *a, int x, int y, int64_t first, int64_t end)
{
    struct pc_tile *t = &a->tile[a->ntile++];
    *t = (struct pc_tile){.x = x, .y = y, .first = first, .end = end};
    t->nx = a->nx - x < PC_TILE_NX ? a->nx - x : PC_TILE_NX;
    t->ny = a->ny - y < PC_TILE_NY ? a->ny - y : PC_TILE_NY;
}

/* Tiles that have runs, and their runs: a counting sort. */
static int tiles_init(struct pc_active *a, struct pc_err *err)
{
    const int64_t ntx = (a->nx + PC_TILE_NX - 1) / PC_TILE_NX, nty = (a->ny + PC_TILE_NY - 1) / PC_TILE_NY;
    int64_t *count = calloc((size_t)(ntx * nty), sizeof *count), at = 0;
    for (int64_t i = 0; count && i < a->nrun; i++)
        count[a->run[i].y / PC_TILE_NY * ntx + a->run[i].x0 / PC_TILE_NX]++;
    for (int64_t i = 0; count && i < ntx * nty; i++)
        a->ntile += count[i] > 0;
    a->by_tile = malloc((size_t)(a->nrun + 1) * sizeof *a->by_tile);
    a->tile = malloc((size_t)(a->ntile + 1) * sizeof *a->tile);
    a->bound = malloc((size_t)(a->ntile + 1) * sizeof *a->bound);
    if (!count || !a->by_tile || !a->tile || !a->bound) {
        free(count);
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld tiles", (long long)(ntx * nty));
    }
    a->ntile = 0;
    for (int64_t i = 0; i < ntx * nty; i++) {
        int64_t n = count[i];
        count[i] = at;
        if (n)
            tile_add(a, (int)(i % ntx) * PC_TILE_NX, (int)(i / ntx) * PC_TILE_NY, at, at + n);
        at += n;
    }
    for (int64_t i = 0; i < a->nrun; i++)
        a->by_tile[count[a->run[i].y / PC_TILE_NY * ntx + a->run[i].x0 / PC_TILE_NX]++] = (int32_t)i;
    free(count);
    return 0;
}

static void tile_measure(struct pc_active *a, int64_t t)
{
    uint32_t max = 0;
    for (int64_t i = a->tile[t].first; i < a->tile[t].end; i++) {
        const struct pc_run *run = &a->run[a->by_tile[i]];
        uint32_t m = row_max(a->pix + (int64_t)run->y * a->nx + run->x0, run->x1 - run->x0);
        max = m > max ? m : max;
    }
    a->bound[t] = float_of(max);
}

int pc_active_init(struct pc_active *a, float *pix, const unsigned char *mask, bool inside, int nx, int ny,
                   struct pc_err *err)
{
    *a = (struct pc_active){.nx = nx, .ny = ny, .pix = pix};
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x += PC_TILE_NX)
            if (segment_add(a, y, x, x + PC_TILE_NX < nx ? x + PC_TILE_NX : nx,
                            mask ? mask + (int64_t)y * nx : NULL, inside, err))
                goto fail;
    if (tiles_init(a, err))
        goto fail;
    for (int64_t t = 0; t < a->ntile; t++)
        tile_measure(a, t);
    return 0;
fail:
    pc_active_fini(a);
    return -1;
}

void pc_active_fini(struct pc_active *a)
{
    free(a->run);
    free(a->by_tile);
    free(a->tile);
    free(a->bound);
    free(a->note);
    *a = (struct pc_active){0};
}

/* ---- subtractions ---- */

PC_CLONES static void subtract1(float *restrict v, const float *restrict p, float flux, int n)
{
    for (int i = 0; i < n; i++)
        v[i] -= flux * p[i];
}

/* Four in turn, in the same order for each pixel. */
PC_CLONES static void subtract4(float *restrict v, const float *const p[4], const float flux[4], int n)
{
    const float *p0 = p[0], *p1 = p[1], *p2 = p[2], *p3 = p[3];
    const float f0 = flux[0], f1 = flux[1], f2 = flux[2], f3 = flux[3];
    for (int i = 0; i < n; i++) {
        float w = v[i];
        w -= f0 * p0[i];
        w -= f1 * p1[i];
        w -= f2 * p2[i];
        w -= f3 * p3[i];
        v[i] = w;
    }
}

/* The pixel of the psf that lies on the tile's first one; NULL when it does not cover all of the tile. */
static const float *psf_at(const struct pc_note *note, const struct pc_tile *tile)
{
    const struct pc_psf *p = note->psf;
    int x = tile->x - note->x + p->x, y = tile->y - note->y + p->y;
    return y >= 0 && y + tile->ny <= p->ny && x >= 0 && x + tile->nx <= p->nx
               ? p->pix + (int64_t)y * p->nx + x
               : NULL;
}

/* As far as they overlap. */
static void subtract_part(struct pc_active *a, const struct pc_tile *tile, const struct pc_note *note)
{
    const struct pc_psf *p = note->psf;
    const int left = note->x - p->x;
    for (int64_t i = tile->first; i < tile->end; i++) {
        const struct pc_run *run = &a->run[a->by_tile[i]];
        int y = run->y - note->y + p->y;
        int x0 = run->x0 > left ? run->x0 : left, x1 = run->x1 < left + p->nx ? run->x1 : left + p->nx;
        if (y >= 0 && y < p->ny && x0 < x1)
            subtract1(a->pix + (int64_t)run->y * a->nx + x0, p->pix + (int64_t)y * p->nx + (x0 - left),
                      note->flux, x1 - x0);
    }
}

/* Notes whose psfs cover the tile, at most four. */
struct group {
    int n, nx[4];
    const float *psf[4];
    float flux[4];
};

static void subtract_group(struct pc_active *a, const struct pc_tile *tile, struct group *g)
{
    for (int64_t i = tile->first; i < tile->end && g->n; i++) {
        const struct pc_run *run = &a->run[a->by_tile[i]];
        float *row = a->pix + (int64_t)run->y * a->nx + run->x0;
        const float *p[4];
        for (int k = 0; k < g->n; k++)
            p[k] = g->psf[k] + (int64_t)(run->y - tile->y) * g->nx[k] + (run->x0 - tile->x);
        if (g->n == 4)
            subtract4(row, p, g->flux, run->x1 - run->x0);
        for (int k = 0; k < g->n && g->n < 4; k++)
            subtract1(row, p[k], g->flux[k], run->x1 - run->x0);
    }
    g->n = 0;
}

static void tile_update(struct pc_active *a, int64_t t)
{
    struct pc_tile *tile = &a->tile[t];
    struct group g = {0};
    if (tile->done == a->nnote)
        return;
    for (int64_t i = tile->done; i < a->nnote; i++) {
        const struct pc_note *note = &a->note[i];
        const float *psf = psf_at(note, tile);
        if (!psf) {
            subtract_group(a, tile, &g);
            subtract_part(a, tile, note);
            continue;
        }
        g.psf[g.n] = psf;
        g.nx[g.n] = note->psf->nx;
        g.flux[g.n++] = note->flux;
        if (g.n == 4)
            subtract_group(a, tile, &g);
    }
    subtract_group(a, tile, &g);
    tile->done = a->nnote;
    tile_measure(a, t);
}

void pc_active_flush(struct pc_active *a)
{
    for (int64_t t = 0; t < a->ntile; t++)
        tile_update(a, t);
    for (int64_t t = 0; t < a->ntile; t++)
        a->tile[t].done = 0;
    a->nnote = 0;
}

int pc_active_subtract(struct pc_active *a, const struct pc_psf *psf, int64_t at, float flux,
                       struct pc_err *err)
{
    /* more than what rounding can add, here and there; and below the smallest normal number */
    const float roundings = 1.0000005f, least = 1e-37f, size = fabsf(flux);
    if (a->nnote == a->cap_note) {
        int64_t cap = a->cap_note ? 2 * a->cap_note : 256;
        struct pc_note *grown = realloc(a->note, (size_t)cap * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld components", (long long)cap);
        a->note = grown;
        a->cap_note = cap;
    }
    const int x = (int)(at % a->nx), y = (int)(at / a->nx);
    a->note[a->nnote++] = (struct pc_note){psf, x, y, flux};
    for (int64_t t = 0; t < a->ntile; t++) {
        float most = pc_psf_bound(psf, a->tile[t].x, a->tile[t].y, x, y);
        a->bound[t] = (a->bound[t] + size * most) * roundings + least;
    }
    return 0;
}

/* ---- the peak ---- */

/* The first pixel in scan order of a tile that is as large. */
static int64_t tile_find(const struct pc_active *a, int64_t t, uint32_t bits)
{
    for (int64_t i = a->tile[t].first; i < a->tile[t].end; i++) {
        const struct pc_run *run = &a->run[a->by_tile[i]];
        const float *row = a->pix + (int64_t)run->y * a->nx;
        for (int x = run->x0; x < run->x1; x++)
            if (abs_bits(row[x]) == bits)
                return (int64_t)run->y * a->nx + x;
    }
    return -1;
}

/* Brings up to date what may have the peak; returns its bits. */
static uint32_t settle(struct pc_active *a)
{
    uint32_t highest = row_max(a->bound, a->ntile), best = 0;
    int64_t t = 0;
    while (abs_bits(a->bound[t]) != highest)
        t++;
    tile_update(a, t);
    for (t = 0; t < a->ntile; t++)
        if (a->tile[t].done == a->nnote && abs_bits(a->bound[t]) > best)
            best = abs_bits(a->bound[t]);
    for (t = 0; t < a->ntile; t++)
        if (a->tile[t].done < a->nnote && abs_bits(a->bound[t]) >= best) {
            tile_update(a, t);
            if (abs_bits(a->bound[t]) > best)
                best = abs_bits(a->bound[t]);
        }
    return best;
}

float pc_active_peak(struct pc_active *a, int64_t *at)
{
    *at = -1;
    if (a->ntile == 0)
        return 0;
    uint32_t best = settle(a);
    for (int64_t t = 0; t < a->ntile; t++)
        if (a->tile[t].done == a->nnote && abs_bits(a->bound[t]) == best) {
            int64_t found = tile_find(a, t, best);
            if (*at < 0 || found < *at)
                *at = found;
        }
    return float_of(best);
}
