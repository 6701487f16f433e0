/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits.h"

#include "base/clones.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG32(w) __builtin_bswap32(w)
#define BIG64(w) __builtin_bswap64(w)
#else
#define BIG32(w) (w)
#define BIG64(w) (w)
#endif

/* memcpy because a chunk of a stream may lie at any address; it compiles to plain vector loads. */
PC_CLONES void pc_swap_f32(void *dst, const void *src, int64_t n)
{
    char *d = dst;
    const char *s = src;
    for (int64_t i = 0; i < n; i++) {
        uint32_t w;
        memcpy(&w, s + 4 * i, 4);
        w = BIG32(w);
        memcpy(d + 4 * i, &w, 4);
    }
}

PC_CLONES void pc_swap_f64(void *dst, const void *src, int64_t n)
{
    char *d = dst;
    const char *s = src;
    for (int64_t i = 0; i < n; i++) {
        uint64_t w;
        memcpy(&w, s + 8 * i, 8);
        w = BIG64(w);
        memcpy(d + 8 * i, &w, 8);
    }
}

static uint32_t fold(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffffu) + (sum >> 32);
    return (uint32_t)sum;
}

uint32_t pc_datasum_add(uint32_t a, uint32_t b)
{
    return fold((uint64_t)a + b);
}

/* A float's bits as a native integer are the big-endian word that will be written: nothing needs swapping. */
PC_CLONES static uint64_t sum_words(const char *s, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t w;
        memcpy(&w, s + 4 * i, 4);
        sum += w;
    }
    return sum;
}

PC_CLONES static uint64_t sum_big_words(const char *s, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t w;
        memcpy(&w, s + 4 * i, 4);
        sum += BIG32(w);
    }
    return sum;
}

uint32_t pc_datasum_f32(uint32_t sum, const float *v, int64_t n)
{
    /* 2^31 words at a time cannot overflow 64 bits. */
    for (int64_t i = 0; i < n; i += INT64_C(1) << 31) {
        int64_t m = n - i < INT64_C(1) << 31 ? n - i : INT64_C(1) << 31;
        sum = pc_datasum_add(sum, fold(sum_words((const char *)(v + i), m)));
    }
    return sum;
}

uint32_t pc_datasum_f64(uint32_t sum, const double *v, int64_t n)
{
    /* The sum does not care which half of a double comes first. */
    return pc_datasum_f32(sum, (const float *)(const void *)v, 2 * n);
}

uint32_t pc_datasum_bytes(uint32_t sum, const void *v, int64_t n)
{
    const char *s = v;
    int64_t words = n / 4;
    for (int64_t i = 0; i < words; i += INT64_C(1) << 31) {
        int64_t m = words - i < INT64_C(1) << 31 ? words - i : INT64_C(1) << 31;
        sum = pc_datasum_add(sum, fold(sum_big_words(s + 4 * i, m)));
    }
    if (n % 4) {
        char last[4] = {0};
        memcpy(last, s + 4 * words, (size_t)(n % 4));
        sum = pc_datasum_add(sum, fold(sum_big_words(last, 1)));
    }
    return sum;
}
