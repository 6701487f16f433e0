/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_run [-n RUNS] [-t SECONDS] [-p SHELL] [-o FILE] COMMAND...: what a command takes.
 *
 * Runs it RUNS times, but not again once it has taken SECONDS of processor time, each time after the untimed
 * shell command of -p. stdout and stderr of the last run go to FILE. Prints one line of key=value: the best
 * processor time and wall time of a run, their medians, the largest resident set of any run (MB), and the
 * bytes (MB) that a run read and wrote by system calls and those it sent to a disk, its children's included;
 * -1 where the system does not tell. A command that fails ends it with 1, and FILE is shown. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 32 };
extern char **environ;

struct figures {
    int n;
    double wall_s[MOST], cpu_s[MOST];
    double least_s, sys_s; /* of the run with the least processor time */
    double rss_mb, read_mb, written_mb, stored_mb;
};

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double time_s(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Linux keeps the counters of a process until it is waited for. */
static void count_bytes(pid_t pid, struct figures *f)
{
    char path[64], key[32];
    long long value;
    snprintf(path, sizeof path, "/proc/%ld/io", (long)pid);
    FILE *in = fopen(path, "r");
    f->read_mb = f->written_mb = f->stored_mb = -1;
    while (in && fscanf(in, "%31s %lld", key, &value) == 2)
        if (!strcmp(key, "rchar:"))
            f->read_mb = 1e-6 * (double)value;
        else if (!strcmp(key, "wchar:"))
            f->written_mb = 1e-6 * (double)value;
        else if (!strcmp(key, "write_bytes:"))
            f->stored_mb = 1e-6 * (double)value;
    if (in)
        fclose(in);
}

static int spawn(char **argv, const char *out, pid_t *pid)
{
    posix_spawn_file_actions_t fa;
    posix_spawn_file_actions_init(&fa);
    posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&fa, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    posix_spawn_file_actions_adddup2(&fa, STDOUT_FILENO, STDERR_FILENO);
    int rc = posix_spawnp(pid, argv[0], &fa, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&fa);
    if (rc)
        fprintf(stderr, "bench_run: %s: %s\n", argv[0], strerror(rc));
    return rc;
}

static int run_once(char **argv, const char *out, struct figures *f)
{
    struct rusage u, v; /* of the children waited for so far, and of theirs */
    siginfo_t info;
    pid_t pid;
    int status;
    getrusage(RUSAGE_CHILDREN, &u);
    const double wall = wall_s();
    if (spawn(argv, out, &pid) || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT))
        return -1;
    f->wall_s[f->n] = wall_s() - wall;
    count_bytes(pid, f);
    waitpid(pid, &status, 0);
    getrusage(RUSAGE_CHILDREN, &v);
    const double sys = time_s(v.ru_stime) - time_s(u.ru_stime),
                 cpu = time_s(v.ru_utime) - time_s(u.ru_utime) + sys;
    if (f->n == 0 || cpu < f->least_s) {
        f->least_s = cpu;
        f->sys_s = sys;
    }
    f->cpu_s[f->n++] = cpu;
    f->rss_mb = 1024e-6 * (double)v.ru_maxrss;
    if (status)
        fprintf(stderr, "bench_run: status %d: %s\n",
                WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), argv[0]);
    return status;
}

static int prepare(const char *shell)
{
    char name[] = "sh", option[] = "-ec", *argv[] = {name, option, strdup(shell), NULL};
    pid_t pid;
    int status = 1;
    if (argv[2] && !spawn(argv, "/dev/null", &pid))
        waitpid(pid, &status, 0);
    if (status)
        fprintf(stderr, "bench_run: cannot prepare: %s\n", shell);
    free(argv[2]);
    return status;
}

static void show(const char *path)
{
    char buf[4096];
    size_t n;
    FILE *in = fopen(path, "r");
    while (in && (n = fread(buf, 1, sizeof buf, in)) > 0)
        fwrite(buf, 1, n, stderr);
    if (in)
        fclose(in);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(struct figures *f)
{
    qsort(f->wall_s, (size_t)f->n, sizeof *f->wall_s, ascending);
    qsort(f->cpu_s, (size_t)f->n, sizeof *f->cpu_s, ascending);
    printf("cpu=%.4f sys=%.4f wall=%.4f cpu_median=%.4f wall_median=%.4f ", f->least_s, f->sys_s,
           f->wall_s[0], f->cpu_s[f->n / 2], f->wall_s[f->n / 2]);
    printf("rss=%.1f read=%.1f written=%.1f stored=%.1f runs=%d\n", f->rss_mb, f->read_mb, f->written_mb,
           f->stored_mb, f->n);
}

int main(int argc, char **argv)
{
    struct figures f = {0};
    const char *before = NULL, *out = "/dev/null";
    int most = 3, c;
    double limit_s = 1e9, sum_s = 0;
    while ((c = getopt(argc, argv, "+n:t:p:o:")) != -1)
        switch (c) {
        case 'n':
            most = atoi(optarg);
            break;
        case 't':
            limit_s = atof(optarg);
            break;
        case 'p':
            before = optarg;
            break;
        case 'o':
            out = optarg;
            break;
        default:
            return 64;
        }
    if (optind == argc || most < 1 || most > MOST) {
        fprintf(stderr, "usage: bench_run [-n 1..%d] [-t SECONDS] [-p SHELL] [-o FILE] COMMAND...\n", MOST);
        return 64;
    }
    while (f.n < most && sum_s < limit_s) {
        if (before && prepare(before))
            return 1;
        if (run_once(argv + optind, out, &f)) {
            show(out);
            return 1;
        }
        sum_s += f.cpu_s[f.n - 1];
    }
    print(&f);
    return 0;
}
