/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* wait4 and vfork, which POSIX has not */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
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

static int wait_for(pid_t pid, const char *name, int *exit_status, struct rusage *use, struct pc_err *err)
{
    int status;
    while (wait4(pid, &status, 0, use) < 0)
        if (errno != EINTR)
            return pc_err_errno(err, PC_EX_BUG, "waiting for %s", name);
    *exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

/* Whether the child has ended by then, or has changed in another way that SIGCHLD tells of. `child` is
 * SIGCHLD, which is blocked: it is kept when it comes before it is waited for. */
static bool ended_until(pid_t pid, const sigset_t *child, double until_s)
{
    siginfo_t info;
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
            return true;
        double left_s = until_s - now_s();
        if (left_s <= 0)
            return false;
        struct timespec left = {.tv_sec = (time_t)left_s, .tv_nsec = (long)(1e9 * (left_s - floor(left_s)))};
        sigtimedwait(child, NULL, &left);
    }
}

/* Ends a child that goes on beyond its time; one that was stopped hears of it as well. */
static bool end_late(pid_t pid, const sigset_t *child, double limit_s)
{
    const double grace_s = 2;
    if (ended_until(pid, child, now_s() + limit_s))
        return false;
    kill(pid, SIGTERM);
    kill(pid, SIGCONT);
    if (!ended_until(pid, child, now_s() + grace_s))
        kill(pid, SIGKILL);
    return true;
}

/* vfork, because fork would copy the tables of this process's memory first. */
static pid_t start(const char *const *argv, const sigset_t *mask)
{
    pid_t pid = vfork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, mask, NULL);
        become(argv);
    }
    return pid;
}

int pc_child_run(const char *const *argv, double limit_s, struct pc_child *out, struct pc_err *err)
{
    double begin_s = now_s();
    struct rusage use;
    sigset_t child, before;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &before);
    pid_t pid = start(argv, &before);
    out->timed_out = pid > 0 && limit_s > 0 && end_late(pid, &child, limit_s);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return pc_err_errno(err, PC_EX_NOMEM, "%s cannot be started", argv[0]);
    if (wait_for(pid, argv[0], &out->status, &use, err) != 0)
        return -1;
    if (out->timed_out)
        out->status = PC_CHILD_TIMEOUT;
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
    return wait_for(pid, argv[0], status, NULL, err);
}
