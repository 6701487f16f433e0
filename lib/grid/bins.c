/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/bins.h"

#include "base/mem.h"

#include <string.h>

/* Enough for tiles to hold several samples each, few enough to take little beside a large image. */
enum { MOST = 1 << 17, TILE_V = 64 };

static int64_t capacity(int64_t nsample)
{
    return nsample < 1024 ? 1024 : nsample < MOST ? nsample : MOST;
}

static int stripes(int nu)
{
    return (nu / 2 + 2 * PC_KERNEL_TAPS) / PC_STRIPE + 1;
}

static int tiles_v(int nv)
{
    return nv / TILE_V + 1;
}

int64_t pc_bins_mem_byte(int nplane, int nu, int nv, int64_t nsample)
{
    const int64_t cap = capacity(nsample), tiles = (int64_t)stripes(nu) * tiles_v(nv);
    return pc_mem_whole_byte(cap * (int64_t)sizeof(struct pc_place)) + pc_mem_whole_byte(cap * 16 * nplane) +
           cap * 8 + pc_mem_whole_byte(tiles * (int64_t)sizeof(int64_t));
}

int pc_bins_init(struct pc_bins *b, int nplane, int nu, int nv, int64_t nsample, struct pc_err *err)
{
    *b = (struct pc_bins){.nplane = nplane, .nu = nu, .nv = nv, .cap = capacity(nsample)};
    b->nstripe = stripes(nu);
    b->ntile = (int64_t)b->nstripe * tiles_v(nv);
    b->place = pc_mem_new(b->cap, sizeof *b->place, "samples on their way to the uv plane", err);
    b->value = pc_mem_new(b->cap * nplane, 2 * sizeof(double), "samples on their way to the uv plane", err);
    b->order = pc_mem_new(b->cap, sizeof *b->order, "samples on their way to the uv plane", err);
    b->key = pc_mem_new(b->cap, sizeof *b->key, "samples on their way to the uv plane", err);
    b->first = pc_mem_new(b->nstripe + 1, sizeof *b->first, "stripes of the uv plane", err);
    b->count = pc_mem_new(b->ntile, sizeof *b->count, "tiles of the uv plane", err);
    if (b->place && b->value && b->order && b->key && b->first && b->count)
        return 0;
    pc_bins_fini(b);
    return -1;
}

void pc_bins_fini(struct pc_bins *b)
{
    pc_mem_free(b->place);
    pc_mem_free(b->value);
    pc_mem_free(b->order);
    pc_mem_free(b->key);
    pc_mem_free(b->first);
    pc_mem_free(b->count);
    *b = (struct pc_bins){0};
}

double *pc_bins_add(struct pc_bins *b, const struct pc_kernel *k, double u_cell, double v_cell, int32_t from)
{
    struct pc_place *p = &b->place[b->n];
    p->conj = u_cell < 0;
    p->from = from;
    p->u0 = (int32_t)pc_kernel_place(k, p->conj ? -u_cell : u_cell, &p->su);
    p->v0 = (int32_t)pc_kernel_place(k, p->conj ? -v_cell : v_cell, &p->sv);
    if (p->v0 < 0)
        p->v0 += b->nv;
    b->key[b->n] = (p->u0 + PC_KERNEL_TAPS) / PC_STRIPE * tiles_v(b->nv) + p->v0 / TILE_V;
    return b->value + 2 * b->nplane * b->n++;
}

/* A counting sort. */
void pc_bins_sort(struct pc_bins *b)
{
    const int row = tiles_v(b->nv);
    int64_t at = 0;
    memset(b->count, 0, (size_t)b->ntile * sizeof *b->count);
    for (int64_t i = 0; i < b->n; i++)
        b->count[b->key[i]]++;
    for (int64_t t = 0; t < b->ntile; t++) {
        int64_t n = b->count[t];
        if (t % row == 0)
            b->first[t / row] = at;
        b->count[t] = at;
        at += n;
    }
    b->first[b->nstripe] = at;
    for (int64_t i = 0; i < b->n; i++)
        b->order[b->count[b->key[i]]++] = (int32_t)i;
}
