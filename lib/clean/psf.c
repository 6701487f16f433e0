/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/psf.h"

#include "base/clones.h"

#include <stdlib.h>
#include <string.h>

/* Blocks of the psf; a tile that begins in one lies under it and the next ones. */
enum { BLOCK_NX = 128, BLOCK_NY = 4, SPAN_X = PC_TILE_NX / BLOCK_NX + 1, SPAN_Y = PC_TILE_NY / BLOCK_NY + 1 };

/* As bits, which order as the floats do: a NaN is the largest. */
PC_CLONES static int32_t largest_bits(const float *v, int n, int32_t max)
{
    for (int i = 0; i < n; i++) {
        int32_t bits;
        memcpy(&bits, v + i, sizeof bits);
        bits &= 0x7fffffff;
        max = bits > max ? bits : max;
    }
    return max;
}

static float float_of(int32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Largest bits of each block of the psf. */
static void blocks_fill(const struct pc_psf *p, int32_t *block, int nx)
{
    for (int y = 0; y < p->ny; y++)
        for (int i = 0; i < nx; i++) {
            int x0 = i * BLOCK_NX, n = p->nx - x0 < BLOCK_NX ? p->nx - x0 : BLOCK_NX;
            int32_t *b = block + (int64_t)(y / BLOCK_NY) * nx + i;
            *b = largest_bits(p->pix + (int64_t)y * p->nx + x0, n, *b);
        }
}

static float largest_around(const int32_t *block, int nx, int ny, int bx, int by)
{
    int32_t max = 0;
    for (int j = by; j < by + SPAN_Y; j++)
        for (int i = bx; i < bx + SPAN_X; i++)
            if (i >= 0 && i < nx && j >= 0 && j < ny && block[(int64_t)j * nx + i] > max)
                max = block[(int64_t)j * nx + i];
    return float_of(max);
}

int pc_psf_init(struct pc_psf *p, const float *pix, int nx, int ny, int x, int y, struct pc_err *err)
{
    const int bx = (nx + BLOCK_NX - 1) / BLOCK_NX, by = (ny + BLOCK_NY - 1) / BLOCK_NY;
    int32_t *block = calloc((size_t)bx * (size_t)by, sizeof *block);
    *p = (struct pc_psf){.pix = pix, .nx = nx, .ny = ny, .x = x, .y = y};
    p->nbx = bx + SPAN_X - 1;
    p->nby = by + SPAN_Y - 1;
    p->largest = calloc((size_t)p->nbx * (size_t)p->nby, sizeof *p->largest);
    if (!block || !p->largest) {
        free(block);
        pc_psf_fini(p);
        return pc_err_set(err, PC_EX_NOMEM, "no memory for the bounds of a psf of %dx%d", nx, ny);
    }
    blocks_fill(p, block, bx);
    for (int j = 0; j < p->nby; j++)
        for (int i = 0; i < p->nbx; i++)
            p->largest[(int64_t)j * p->nbx + i] =
                largest_around(block, bx, by, i - (SPAN_X - 1), j - (SPAN_Y - 1));
    free(block);
    return 0;
}

void pc_psf_fini(struct pc_psf *p)
{
    free(p->largest);
    *p = (struct pc_psf){0};
}

static int floor_div(int a, int b)
{
    return a / b - (a % b < 0);
}

float pc_psf_bound(const struct pc_psf *p, int x, int y, int at_x, int at_y)
{
    int i = floor_div(x - at_x + p->x, BLOCK_NX) + SPAN_X - 1;
    int j = floor_div(y - at_y + p->y, BLOCK_NY) + SPAN_Y - 1;
    return i < 0 || i >= p->nbx || j < 0 || j >= p->nby ? 0 : p->largest[(int64_t)j * p->nbx + i];
}
