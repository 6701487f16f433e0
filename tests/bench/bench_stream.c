/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/bundle.h"
#include "io/fdio.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How fast planes go through a filter between two pipes, against a plain copy between the same pipes:
 * feeder (reads a tar file) | middle | drain. The middle is a copy of bytes; a pass that only forwards; a
 * pass that reads each plane, swapped, and writes it back, swapped and summed, under its name. */

enum { SIDE = 4096, NCHAN = 8 };
static const char *tar_path;

static int feed(void)
{
    struct pc_err err = {0};
    char *buf = malloc(PC_FD_CHUNK);
    int fd = open(tar_path, O_RDONLY);
    ssize_t n = 0;
    pc_fd_widen_pipe(STDOUT_FILENO);
    while (buf && fd >= 0 && (n = pc_fd_read(fd, buf, PC_FD_CHUNK, "feed", &err)) > 0)
        if (pc_fd_write(STDOUT_FILENO, buf, (size_t)n, "feed", &err))
            return 1;
    free(buf);
    return n != 0 || fd < 0;
}

static int copy(void)
{
    struct pc_err err = {0};
    char *buf = malloc(PC_FD_CHUNK);
    ssize_t n = 0;
    pc_fd_widen_pipe(STDOUT_FILENO);
    while (buf && (n = pc_fd_read(STDIN_FILENO, buf, PC_FD_CHUNK, "copy", &err)) > 0)
        if (pc_fd_write(STDOUT_FILENO, buf, (size_t)n, "copy", &err))
            return 1;
    free(buf);
    return n != 0;
}

static int filter(bool touch)
{
    static const struct pc_use none[] = {{NULL, 0}};
    static const struct pc_use take[] = {{"residual.fits", PC_TAKE | PC_MAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = "-", .dst = "-", .uses = touch ? take : none, .mem_byte = 1};
    struct pc_err err = {0};
    struct pc_image im = {0};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    int rc = pc_pass_open(&pass, &conf, &err);
    while (!rc && pc_pass_channel(pass, &chan, &err) > 0)
        while (!rc && pc_pass_member(pass, &m, &err) > 0)
            rc = pc_pass_image(pass, &im, &err) || pc_pass_put_image(pass, m.name, &im, NULL, &err);
    if (!rc)
        rc = pc_pass_close(pass, &err);
    if (rc)
        fprintf(stderr, "bench_stream: %s\n", err.msg);
    pc_image_fini(&im);
    return rc != 0;
}

static int middle(int mode)
{
    return mode == 0 ? copy() : filter(mode == 2);
}

static pid_t spawn(int in, int out, int unused, int mode)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    close(in);
    close(out);
    close(unused);
    _exit(mode < 0 ? feed() : middle(mode));
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time of the children waited for so far. */
static double children_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* GB/s of one run; *cpu: GB per second of the middle's processor time, which a busy machine changes less. */
static double run(int mode, double *cpu)
{
    int p[2], q[2], status = 0;
    struct pc_err err = {0};
    int64_t total = 0;
    ssize_t n;
    char *buf = malloc(PC_FD_CHUNK);
    if (!buf || pipe(p) || pipe(q))
        return 0;
    double start = now_s();
    pid_t a = spawn(STDIN_FILENO, p[1], p[0], -1);
    close(p[1]);
    pid_t b = spawn(p[0], q[1], q[0], mode);
    close(p[0]);
    close(q[1]);
    while ((n = pc_fd_read(q[0], buf, PC_FD_CHUNK, "drain", &err)) > 0)
        total += n;
    double seconds = now_s() - start;
    close(q[0]);
    free(buf);
    waitpid(a, &status, 0);
    double before = children_s();
    waitpid(b, &status, 0);
    *cpu = 1e-9 * (double)total / (children_s() - before);
    return status ? 0 : 1e-9 * (double)total / seconds;
}

static int make_tar(void)
{
    struct pc_pass_conf conf = {.dst = tar_path};
    struct pc_record cube = {0}, plane = {0};
    struct pc_image im = {.head = {.nx = SIDE, .ny = SIDE, .npol = 1, .stokes = {1}}};
    struct pc_err err = {0};
    struct pc_pass *pass;
    im.pix = pc_mem_new((int64_t)SIDE * SIDE, sizeof *im.pix, "a plane", &err);
    if (!im.pix || pc_pass_open(&pass, &conf, &err))
        return -1;
    for (int i = 0; i < SIDE * SIDE; i++)
        im.pix[i] = (float)i;
    int rc = pc_record_setf(&cube, &err, "nchan", "%d", NCHAN) || pc_pass_set_cube(pass, &cube, &err);
    for (int i = 0; !rc && i < NCHAN; i++)
        rc = pc_record_setf(&plane, &err, "index", "%d", i) || pc_pass_begin_channel(pass, i, &plane, &err) ||
             pc_pass_put_image(pass, "residual.fits", &im, NULL, &err) || pc_pass_commit(pass, &err);
    if (!rc)
        rc = pc_pass_close(pass, &err);
    if (rc)
        fprintf(stderr, "bench_stream: %s\n", err.msg);
    pc_record_free(&cube);
    pc_record_free(&plane);
    pc_image_fini(&im);
    return rc;
}

int main(void)
{
    static const char *const name[3] = {"plain copy", "pass, forwarded", "pass, read and written"};
    tar_path = access("/dev/shm", W_OK) ? "/tmp/pc-bench-stream.tar" : "/dev/shm/pc-bench-stream.tar";
    if (make_tar())
        return 1;
    double best[3] = {0}, best_cpu[3] = {0};
    for (int round = 0; round < 3; round++)
        for (int mode = 0; mode < 3; mode++) {
            double cpu = 0, rate = run(mode, &cpu);
            best_cpu[mode] = cpu > best_cpu[mode] ? cpu : best_cpu[mode];
            best[mode] = rate > best[mode] ? rate : best[mode];
        }
    for (int mode = 0; mode < 3; mode++)
        printf("%-24s %6.2f GB/s  %5.2f of a plain copy  %6.2f GB per second of its processor time\n",
               name[mode], best[mode], best[mode] / best[0], best_cpu[mode]);
    unlink(tar_path);
    return best[2] > 0 ? 0 : 1;
}
