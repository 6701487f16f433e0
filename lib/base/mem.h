/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_MEM_H
#define PC_BASE_MEM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Memory: arrays whose size is checked for overflow and for fitting into the machine.
 *
 * A plane's buffer is aligned to 2 MiB with huge pages asked for when it is that large. A request larger than
 * the memory that is available now (MemAvailable, the cgroup's limit, RLIMIT_AS) fails with PC_EX_NOMEM and a
 * sentence that gives the bytes asked for, instead of being killed later. Everything is freed with
 * pc_mem_free(). All functions are thread-safe. */

/* An array of n elements of `size` bytes each, not cleared. `what` names it in the error. NULL on failure. */
void *pc_mem_new(int64_t n, size_t size, const char *what, struct pc_err *err) PC_MUST_CHECK;
/* The same, zeroed. */
void *pc_mem_new0(int64_t n, size_t size, const char *what, struct pc_err *err) PC_MUST_CHECK;
void pc_mem_free(void *buf);

/* What an array of so many bytes takes when all of it is touched: whole huge pages when it is large. */
int64_t pc_mem_whole_byte(int64_t byte);

/* What of this process is in memory now; 0: not known. */
int64_t pc_mem_resident_byte(void);

/* Bytes this process could still allocate without being killed or swapping. */
int64_t pc_mem_available_byte(void);
/* The same from the /proc and /sys below `root` ("" is the machine), without this process's own limits.
 * Control groups of version 1 and 2 are understood. */
int64_t pc_mem_available_at(const char *root);
/* Whether `byte` more fit: 0, or -1 with PC_EX_NOMEM. Tools call it with pc-memest's formula before they
 * start. */
int pc_mem_check(int64_t byte, const char *what, struct pc_err *err) PC_MUST_CHECK;
/* a*b*c*... style products: returns -1 (error set) on overflow. */
int pc_mem_mul(int64_t a, int64_t b, int64_t *product, struct pc_err *err) PC_MUST_CHECK;

#endif
