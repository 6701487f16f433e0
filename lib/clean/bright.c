/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/bright.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 128, NPOL_MAX = 4 };

float pc_bright_size(const float *value, int npol, int64_t stride)
{
    if (npol == 1)
        return fabsf(value[0]);
    float sum = 0;
    for (int k = 0; k < npol; k++)
        sum += value[k * stride] * value[k * stride];
    return sqrtf(sum);
}

static int bright_grow(struct pc_bright *b, struct pc_err *err)
{
    int64_t cap = b->cap ? 2 * b->cap : 4096;
    int64_t *at = realloc(b->at, (size_t)cap * sizeof *at);
    if (at)
        b->at = at;
    float *value = realloc(b->value, (size_t)(cap * b->npol) * sizeof *value);
    if (value)
        b->value = value;
    if (!at || !value)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld bright pixels", (long long)cap);
    b->cap = cap;
    return 0;
}

static int bright_collect(struct pc_bright *b, const struct pc_run *run, const float *residual, int64_t npix,
                          float limit, struct pc_err *err)
{
    for (int x = run->x0; x < run->x1; x++) {
        int64_t at = (int64_t)run->y * b->nx + x;
        if (!(pc_bright_size(residual + at, b->npol, npix) > limit)) /* NaN is not */
            continue;
        if (b->n == b->cap && bright_grow(b, err))
            return -1;
        b->at[b->n] = at;
        for (int k = 0; k < b->npol; k++)
            b->value[b->n * b->npol + k] = residual[at + k * npix];
        b->n++;
    }
    return 0;
}

static void block_update(struct pc_bright *b, int64_t block)
{
    int64_t end = (block + 1) * BLOCK < b->n ? (block + 1) * BLOCK : b->n;
    float max = 0;
    for (int64_t i = block * BLOCK; i < end; i++)
        max = fmaxf(max, pc_bright_size(b->value + i * b->npol, b->npol, 1));
    b->block[block] = max;
}

static int64_t nblock_of(const struct pc_bright *b)
{
    return (b->n + BLOCK - 1) / BLOCK;
}

int pc_bright_init(struct pc_bright *b, const struct pc_active *active, const float *residual, int npol,
                   float limit, struct pc_err *err)
{
    *b = (struct pc_bright){.nx = active->nx, .npol = npol};
    for (int64_t i = 0; i < active->nrun; i++)
        if (bright_collect(b, &active->run[i], residual, (int64_t)active->nx * active->ny, limit, err))
            goto fail;
    b->taken = calloc((size_t)(b->n * npol + 1), sizeof *b->taken);
    b->block = calloc((size_t)nblock_of(b) + 1, sizeof *b->block);
    if (!b->taken || !b->block) {
        pc_err_set(err, PC_EX_NOMEM, "no memory for the components of %lld bright pixels", (long long)b->n);
        goto fail;
    }
    for (int64_t i = 0; i < nblock_of(b); i++)
        block_update(b, i);
    return 0;
fail:
    pc_bright_fini(b);
    return -1;
}

void pc_bright_fini(struct pc_bright *b)
{
    free(b->at), free(b->value), free(b->taken), free(b->block);
    *b = (struct pc_bright){0};
}

int64_t pc_bright_peak(const struct pc_bright *b)
{
    int64_t best = 0;
    for (int64_t i = 1; i < nblock_of(b); i++)
        if (b->block[i] > b->block[best])
            best = i;
    int64_t k = best * BLOCK;
    while (pc_bright_size(b->value + k * b->npol, b->npol, 1) != b->block[best])
        k++;
    return k;
}

/* The first entry whose position is not before `at`. */
static int64_t bright_find(const struct pc_bright *b, int64_t at)
{
    int64_t lo = 0, hi = b->n;
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (b->at[mid] < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void pc_bright_take(struct pc_bright *b, int64_t k, float gain, const struct pc_patch *p)
{
    float flux[NPOL_MAX] = {0};
    int64_t x = b->at[k] % b->nx, y = b->at[k] / b->nx;
    int64_t x0 = x < p->half[0] ? 0 : x - p->half[0], x1 = x - p->half[0] + p->size[0];
    for (int j = 0; j < b->npol; j++) {
        flux[j] = gain * b->value[k * b->npol + j];
        b->taken[k * b->npol + j] += flux[j];
    }
    if (x1 > b->nx)
        x1 = b->nx;
    for (int64_t row = y - p->half[1]; row < y - p->half[1] + p->size[1]; row++) {
        int64_t first = bright_find(b, row * b->nx + x0), i = first;
        for (; i < b->n && b->at[i] < row * b->nx + x1; i++) {
            float psf = p->centre[(row - y) * p->nx + b->at[i] - row * b->nx - x];
            for (int j = 0; j < b->npol; j++)
                b->value[i * b->npol + j] -= flux[j] * psf;
        }
        for (int64_t block = first / BLOCK; i > first && block <= (i - 1) / BLOCK; block++)
            block_update(b, block);
    }
}
