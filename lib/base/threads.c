/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct job {
    _Atomic int64_t next;
    int64_t ntask;
    void (*task)(void *ctx, int64_t task, int thread);
    void *ctx;
};

struct worker {
    pthread_t id;
    struct job *job;
    int thread;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct job *job = w->job;
    for (;;) {
        int64_t t = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (t >= job->ntask)
            return NULL;
        job->task(job->ctx, t, w->thread);
    }
}

/* Signals meant for the process are the caller's to handle; a worker's own faults are not held back. */
static void hold_signals(sigset_t *before)
{
    sigset_t set;
    sigfillset(&set);
    sigdelset(&set, SIGSEGV);
    sigdelset(&set, SIGBUS);
    sigdelset(&set, SIGFPE);
    sigdelset(&set, SIGILL);
    sigdelset(&set, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &set, before);
}

int pc_threads_run(int nthread, int64_t ntask, void (*task)(void *ctx, int64_t task, int thread), void *ctx)
{
    struct job job = {.ntask = ntask, .task = task, .ctx = ctx};
    struct worker worker[PC_THREADS_MAX];
    sigset_t before;
    int n = 1;
    if (nthread > PC_THREADS_MAX)
        nthread = PC_THREADS_MAX;
    if (nthread > ntask)
        nthread = (int)ntask;
    worker[0] = (struct worker){.job = &job};
    if (nthread > 1) {
        hold_signals(&before);
        for (; n < nthread; n++) {
            worker[n] = (struct worker){.job = &job, .thread = n};
            if (pthread_create(&worker[n].id, NULL, work, &worker[n]))
                break;
        }
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    work(&worker[0]);
    for (int i = 1; i < n; i++)
        pthread_join(worker[i].id, NULL);
    return n;
}
