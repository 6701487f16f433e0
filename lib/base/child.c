/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/child.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double timeval_s(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int pc_child_run(const char *const *argv, struct pc_child *out, struct pc_err *err)
{
    double begin_s = now_s();
    pid_t pid = fork();
    if (pid < 0)
        return pc_err_errno(err, PC_EX_NOMEM, "%s cannot be started", argv[0]);
    if (pid == 0) {
        /* execvp does not write through its argument; its type is older than const */
        char *const *arguments;
        memcpy(&arguments, &argv, sizeof arguments);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return pc_err_errno(err, PC_EX_BUG, "waiting for %s", argv[0]);
    struct rusage use;
    getrusage(RUSAGE_CHILDREN, &use);
    out->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    out->time_s = now_s() - begin_s;
    out->cpu_s = timeval_s(use.ru_utime) + timeval_s(use.ru_stime);
    out->mem_byte = (int64_t)use.ru_maxrss * 1024;
    return 0;
}
