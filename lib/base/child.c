/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
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

/* What a new process becomes. */
static void become(const char *const *argv)
{
    /* execvp does not write through its argument; its type is older than const */
    char *const *arguments;
    memcpy(&arguments, &argv, sizeof arguments);
    execvp(arguments[0], arguments);
    _exit(127);
}

static int wait_for(pid_t pid, const char *name, int *exit_status, struct pc_err *err)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return pc_err_errno(err, PC_EX_BUG, "waiting for %s", name);
    *exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

int pc_child_run(const char *const *argv, struct pc_child *out, struct pc_err *err)
{
    double begin_s = now_s();
    pid_t pid = fork();
    if (pid < 0)
        return pc_err_errno(err, PC_EX_NOMEM, "%s cannot be started", argv[0]);
    if (pid == 0)
        become(argv);
    if (wait_for(pid, argv[0], &out->status, err) != 0)
        return -1;
    struct rusage use;
    getrusage(RUSAGE_CHILDREN, &use);
    out->time_s = now_s() - begin_s;
    out->cpu_s = timeval_s(use.ru_utime) + timeval_s(use.ru_stime);
    out->mem_byte = (int64_t)use.ru_maxrss * 1024;
    return 0;
}

int pc_child_into(const char *const *argv, int out_fd, int *status, struct pc_err *err)
{
    pid_t pid = fork();
    if (pid < 0)
        return pc_err_errno(err, PC_EX_NOMEM, "%s cannot be started", argv[0]);
    if (pid == 0) {
        int nothing = open("/dev/null", O_RDONLY);
        if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(out_fd, STDOUT_FILENO) < 0)
            _exit(126);
        become(argv);
    }
    return wait_for(pid, argv[0], status, err);
}
