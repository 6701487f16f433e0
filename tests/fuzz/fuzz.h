/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_FUZZ_H
#define PC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* A fuzz target reads any bytes and must neither crash nor leak nor read out of bounds; what it may check
 * beyond that (round trips), it checks with fuzz_check(). libFuzzer calls LLVMFuzzerTestOneInput; driver.c
 * does so without it. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Seed i, written into buf, at most cap bytes: its length, or -1 when there are no more. */
long pc_fuzz_seed(int i, uint8_t *buf, size_t cap);

#define FUZZ_TEXT_SEEDS(...)                                                                                 \
    long pc_fuzz_seed(int i, uint8_t *buf, size_t cap)                                                       \
    {                                                                                                        \
        static const char *const seeds[] = {__VA_ARGS__};                                                    \
        size_t n;                                                                                            \
        if (i >= (int)(sizeof seeds / sizeof *seeds))                                                        \
            return -1;                                                                                       \
        n = strlen(seeds[i]) < cap ? strlen(seeds[i]) : cap;                                                 \
        memcpy(buf, seeds[i], n);                                                                            \
        return (long)n;                                                                                      \
    }

#define fuzz_check(condition)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
