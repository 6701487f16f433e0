/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_THREADS_H
#define PC_BASE_THREADS_H

#include <stdint.h>

/* Fork and join: tasks 0 .. ntask-1 are taken in order, by whichever thread is free.
 *
 * A task must write only what is its own, or what belongs to its `thread` (0 <= thread < nthread; the caller
 * is thread 0): no order among tasks may be relied upon. So that results do not depend on the number of
 * threads, cut the work into tasks of a size that does not depend on it either, and combine them in order
 * afterwards. */

enum { PC_THREADS_MAX = 256 }; /* more are not started */

/* Runs task(ctx, t, thread) for every t and returns when all are done; how many threads (the caller included)
 * worked. nthread <= 1 runs all here and starts none. When a thread cannot be created the others do its work:
 * this cannot fail. What tasks wrote is seen by the caller afterwards. */
int pc_threads_run(int nthread, int64_t ntask, void (*task)(void *ctx, int64_t task, int thread), void *ctx);

#endif
