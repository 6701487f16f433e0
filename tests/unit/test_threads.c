/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"
#include "tests/unit/tap.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NTASK = 1000 };

struct tally {
    pthread_t caller;
    int64_t sum[PC_THREADS_MAX];
    int done[NTASK], thread[NTASK];
    int bad; /* a thread number out of range, or thread 0 that is not the caller */
    int nthread;
};

static void task(void *ctx, int64_t t, int thread)
{
    struct tally *y = ctx;
    if (thread < 0 || thread >= (y->nthread > 1 ? y->nthread : 1) ||
        (thread == 0) != !!pthread_equal(pthread_self(), y->caller))
        __atomic_fetch_add(&y->bad, 1, __ATOMIC_RELAXED);
    y->done[t]++;
    y->thread[t] = thread;
    y->sum[thread] += t;
}

/* Every task once, and the sums of the threads make up the whole. */
static int run(int nthread, int64_t ntask, const char *name)
{
    struct tally y = {.caller = pthread_self(), .nthread = nthread};
    int n = pc_threads_run(nthread, ntask, task, &y), wrong = y.bad;
    int64_t sum = 0;
    for (int64_t t = 0; t < NTASK; t++)
        wrong += y.done[t] != (t < ntask) || y.thread[t] >= n;
    for (int i = 0; i < PC_THREADS_MAX; i++)
        sum += y.sum[i];
    ok(!wrong && sum == ntask * (ntask - 1) / 2, "%s: every task is done once", name);
    return n;
}

struct meet {
    pthread_mutex_t lock;
    pthread_cond_t all;
    int here;
};

/* Returns only when two tasks are under way at the same time. */
static void wait_for_other(void *ctx, int64_t t, int thread)
{
    struct meet *m = ctx;
    (void)t;
    (void)thread;
    pthread_mutex_lock(&m->lock);
    m->here++;
    pthread_cond_broadcast(&m->all);
    while (m->here < 2)
        pthread_cond_wait(&m->all, &m->lock);
    pthread_mutex_unlock(&m->lock);
}

static void order(void *ctx, int64_t t, int thread)
{
    int64_t *next = ctx;
    (void)thread;
    *next = *next == t ? t + 1 : -1;
}

/* No room for another stack. First of all: stacks of threads that ended are used again. */
static void test_none_can_be_created(void)
{
#if defined(__SANITIZE_ADDRESS__)
    skip("no thread can be created", "the sanitizer needs address space itself");
#else
    struct rlimit was, tight;
    if (getrlimit(RLIMIT_AS, &was)) {
        skip("no thread can be created", "no limits here");
        return;
    }
    tight = was;
    tight.rlim_cur = 1 << 20; /* less than is in use: nothing more can be mapped */
    setrlimit(RLIMIT_AS, &tight);
    int n = run(4, NTASK, "no thread can be created");
    setrlimit(RLIMIT_AS, &was);
    is_int(n, 1, "the caller did it all");
#endif
}

int main(void)
{
    int64_t next = 0;
    struct meet m = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    alarm(120); /* wait_for_other would wait for ever for a task that does not come */
    test_none_can_be_created();
    is_int(run(-1, NTASK, "-1 threads"), 1, "-1 threads: the caller alone");
    is_int(run(1, NTASK, "1 thread"), 1, "1 thread: the caller alone");
    is_int(run(2, NTASK, "2 threads"), 2, "2 threads were there");
    is_int(run(7, NTASK, "7 threads"), 7, "7 threads were there");
    is_int(run(7, 3, "3 tasks"), 3, "no more threads than tasks");
    run(4, 0, "no task");
    ok(run(1000000, NTASK, "a million threads") <= PC_THREADS_MAX, "a million threads are not started");
    pc_threads_run(1, NTASK, order, &next);
    is_int(next, NTASK, "tasks are taken in order");
    is_int(pc_threads_run(2, 2, wait_for_other, &m), 2, "two tasks are under way at a time");
    return tap_done();
}
