/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* madvise */
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_BYTE = 2 << 20 };

int pc_mem_mul(int64_t a, int64_t b, int64_t *product, struct pc_err *err)
{
    if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, product))
        return pc_err_set(err, PC_EX_NOMEM, "%lld times %lld bytes is more than any machine has",
                          (long long)a, (long long)b);
    return 0;
}

int pc_mem_check(int64_t byte, const char *what, struct pc_err *err)
{
    int64_t have = pc_mem_available_byte();
    if (byte <= have)
        return 0;
    return pc_err_set(
        err, PC_EX_NOMEM, "%s needs %lld bytes of memory (%.1f GiB), %lld are available (%.1f GiB)", what,
        (long long)byte, (double)byte / 1073741824.0, (long long)have, (double)have / 1073741824.0);
}

int64_t pc_mem_whole_byte(int64_t byte)
{
    int64_t more;
    if (byte < HUGE_BYTE || __builtin_add_overflow(byte, HUGE_BYTE - 1, &more))
        return byte;
    return more / HUGE_BYTE * HUGE_BYTE;
}

static void *aligned(size_t byte)
{
    void *buf = NULL;
    /* whole huge pages: the last one would else be made of small ones */
    const size_t whole = (size_t)pc_mem_whole_byte((int64_t)byte);
    if (posix_memalign(&buf, HUGE_BYTE, whole))
        return NULL;
#ifdef MADV_HUGEPAGE
    madvise(buf, whole, MADV_HUGEPAGE); /* advice: to be refused costs only speed */
#endif
    return buf;
}

void *pc_mem_new(int64_t n, size_t size, const char *what, struct pc_err *err)
{
    int64_t byte;
    if (size > INT64_MAX || n < 0 || __builtin_mul_overflow(n, (int64_t)size, &byte) ||
        byte > (int64_t)(SIZE_MAX / 4)) {
        pc_err_set(err, PC_EX_NOMEM, "%s needs %lld times %zu bytes, more than any machine has", what,
                   (long long)n, size);
        return NULL;
    }
    if (byte >= HUGE_BYTE && pc_mem_check(byte, what, err))
        return NULL;
    void *buf = NULL;
    if (byte >= HUGE_BYTE)
        buf = aligned((size_t)byte);
    else if (posix_memalign(&buf, 64, byte ? (size_t)byte : 1))
        buf = NULL;
    if (!buf)
        pc_err_set(err, PC_EX_NOMEM, "%s needs %lld bytes of memory, the system refuses them", what,
                   (long long)byte);
    return buf;
}

/* Zeroes whole huge pages of one's own by giving them back: they take memory again when they are written. */
static bool give_back(void *buf, size_t byte)
{
#ifdef MADV_DONTNEED
    return byte >= HUGE_BYTE && madvise(buf, (size_t)pc_mem_whole_byte((int64_t)byte), MADV_DONTNEED) == 0;
#else
    (void)buf, (void)byte;
    return false;
#endif
}

void *pc_mem_new0(int64_t n, size_t size, const char *what, struct pc_err *err)
{
    void *buf = pc_mem_new(n, size, what, err);
    if (buf && !give_back(buf, (size_t)n * size))
        memset(buf, 0, (size_t)n * size);
    return buf;
}

void pc_mem_free(void *buf)
{
    free(buf);
}
