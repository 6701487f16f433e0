/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turning.h"

#include "base/clones.h"
#include "base/mem.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG32(w) __builtin_bswap32(w)
#else
#define BIG32(w) (w)
#endif

int pc_turning_init(struct pc_turning *u, int nrow, int64_t row_max, struct pc_err *err)
{
    *u = (struct pc_turning){.nrow_max = nrow, .row_max = row_max};
    u->vis = pc_mem_new(nrow * row_max, 8, "rows", err);
    u->weight = u->vis ? pc_mem_new(nrow * row_max, 4, "rows", err) : NULL;
    u->vis_sum = u->weight ? pc_mem_new(row_max * 2, sizeof *u->vis_sum, "sums", err) : NULL;
    u->weight_sum = u->vis_sum ? pc_mem_new(row_max, sizeof *u->weight_sum, "sums", err) : NULL;
    u->total = u->weight_sum ? pc_mem_new(row_max, sizeof *u->total, "sums", err) : NULL;
    u->left_out = u->total ? pc_mem_new(row_max, sizeof *u->left_out, "sums", err) : NULL;
    return u->left_out ? 0 : -1;
}

void pc_turning_fini(struct pc_turning *u)
{
    void *const owned[] = {u->vis, u->weight, u->vis_sum, u->weight_sum, u->total, u->left_out};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        pc_mem_free(owned[k]);
}

void pc_turning_start(struct pc_turning *u, int nplane, int64_t plane)
{
    u->plane = plane;
    u->row = nplane * plane;
    memset(u->vis_sum, 0, sizeof *u->vis_sum * 2 * (size_t)u->row);
    memset(u->weight_sum, 0, sizeof *u->weight_sum * (size_t)u->row);
    memset(u->left_out, 0, sizeof *u->left_out * (size_t)nplane);
    for (int64_t k = 0; k < u->row; k++)
        u->total[k] = 0;
}

PC_CLONES static void take_vis(const uint32_t *restrict from, int64_t n, uint32_t *restrict to,
                               uint64_t *restrict sum)
{
    for (int64_t k = 0; k < n; k++) {
        sum[k] += from[k];
        to[k] = BIG32(from[k]);
    }
}

/* The bits of what counts are those of a whole number above 0. Returns how many do not count. */
PC_CLONES static int32_t take_weight(const uint32_t *restrict from, int32_t n, uint32_t *restrict to,
                                     uint64_t *restrict sum, double *restrict total)
{
    int32_t nbad = 0;
    for (int32_t k = 0; k < n; k++) {
        const uint32_t w = (int32_t)from[k] > 0 ? from[k] : 0;
        nbad += w == 0;
        sum[k] += w;
        to[k] = BIG32(w);
    }
    for (int32_t k = 0; k < n; k++) {
        const uint32_t w = (int32_t)from[k] > 0 ? from[k] : 0;
        float value;
        memcpy(&value, &w, sizeof value);
        total[k] += (double)value;
    }
    return nbad;
}

static void count_reasons(struct pc_turning *u, const float *weight)
{
    for (int64_t k = 0; k < u->row; k++)
        if (!(weight[k] > 0))
            u->left_out[k / u->plane][(int)-weight[k]]++;
}

/* Rows lie further apart than the processor looks ahead by itself. */
PC_INLINE void fetch(const float *at, int64_t n)
{
    enum { line = 64 / sizeof(float) };
    for (int64_t k = 0; k < n; k += line)
        __builtin_prefetch(at + k);
}

void pc_turning_take(struct pc_turning *u, const float *vis_jy, const float *weight, int64_t stride, int n)
{
    enum { ahead = 2 };
    for (int i = 0; i < n; i++) {
        const float *w = weight + i * stride;
        if (i + ahead < n) {
            fetch(vis_jy + 2 * (i + ahead) * stride, 2 * u->row);
            fetch(w + ahead * stride, u->row);
        }
        take_vis((const uint32_t *)(const void *)(vis_jy + 2 * i * stride), 2 * u->row,
                 u->vis + 2 * i * u->row, u->vis_sum);
        if (take_weight((const uint32_t *)(const void *)w, (int32_t)u->row, u->weight + i * u->row,
                        u->weight_sum, u->total) > 0)
            count_reasons(u, w);
    }
}

/* `item` bytes from every row: a constant where it is called, so that it is a load and a store. */
PC_INLINE void deal(const char *from, int64_t stride, int n, char *to, const size_t item)
{
    for (int i = 0; i < n; i++)
        memcpy(to + (size_t)i * item, from + i * stride, item);
}

static void deal_items(const char *from, int64_t stride, int n, char *to, int64_t item)
{
    switch (item) {
    case 4:
        deal(from, stride, n, to, 4);
        break;
    case 8:
        deal(from, stride, n, to, 8);
        break;
    case 16:
        deal(from, stride, n, to, 16);
        break;
    case 32:
        deal(from, stride, n, to, 32);
        break;
    default:
        deal(from, stride, n, to, (size_t)item);
    }
}

void pc_turning_deal(const struct pc_turning *u, int q, int n, void *vis, void *weight)
{
    deal_items((const char *)(u->vis + 2 * q * u->plane), u->row * 8, n, vis, u->plane * 8);
    deal_items((const char *)(u->weight + q * u->plane), u->row * 4, n, weight, u->plane * 4);
}

static uint32_t fold(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffffu) + (sum >> 32);
    return (uint32_t)sum;
}

struct pc_turned pc_turning_sums(const struct pc_turning *u, int q)
{
    struct pc_turned s = {.left_out = u->left_out[q]};
    uint64_t vis = 0, weight = 0;
    for (int64_t k = q * u->plane; k < (q + 1) * u->plane; k++) {
        vis += (uint64_t)fold(u->vis_sum[2 * k]) + fold(u->vis_sum[2 * k + 1]);
        weight += fold(u->weight_sum[k]);
        s.total += u->total[k];
    }
    s.vis = fold(vis);
    s.weight = fold(weight);
    return s;
}
