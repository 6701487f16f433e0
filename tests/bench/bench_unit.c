/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_unit N: the units that stages are measured in, as one line of key=value.
 *
 * f: seconds of one real-to-complex transform of N x N pixels by FFTW (single precision, ESTIMATE, one
 * thread, 2 MiB-aligned buffers, not the first execution); copy, scan: GB/s of a copy of a plane of 256 MB
 * (read and written bytes counted) and of a scan for its maximum. Processor time, the best of several, so
 * that other jobs disturb little; f_wall is by the clock. */
#include "base/mem.h"
#include "image/fft.h"

#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NPIX = 64000000, NLANE = 16, ROUNDS = 4 };

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void keep_less(double *best, double x)
{
    if (*best == 0 || x < *best)
        *best = x;
}

static void fill(float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = (float)((i * 2654435761u) % 65536u) - 32768;
}

static int transform(int n, double *cpu, double *wall, struct pc_err *err)
{
    int rc = -1;
    float *in = pc_mem_new((int64_t)n * n, sizeof *in, "a plane", err);
    fftwf_complex *out = in ? pc_mem_new((int64_t)n * (n / 2 + 1), sizeof *out, "its transform", err) : NULL;
    fftwf_plan plan = out ? fftwf_plan_dft_r2c_2d(n, n, in, out, FFTW_ESTIMATE) : NULL;
    if (!plan)
        goto out;
    fill(in, (int64_t)n * n);
    fftwf_execute(plan);
    for (int i = 0; i < ROUNDS; i++) {
        double c = seconds(CLOCK_PROCESS_CPUTIME_ID), w = seconds(CLOCK_MONOTONIC);
        fftwf_execute(plan);
        keep_less(cpu, seconds(CLOCK_PROCESS_CPUTIME_ID) - c);
        keep_less(wall, seconds(CLOCK_MONOTONIC) - w);
    }
    rc = 0;
out:
    fftwf_destroy_plan(plan);
    pc_mem_free(out);
    pc_mem_free(in);
    return rc;
}

/* In lanes, as the compiler needs it to use vectors. */
static float maximum(const float *pix)
{
    float best[NLANE];
    memcpy(best, pix, sizeof best);
    for (int64_t i = 0; i < NPIX; i += NLANE)
        for (int k = 0; k < NLANE; k++)
            best[k] = pix[i + k] > best[k] ? pix[i + k] : best[k];
    for (int k = 1; k < NLANE; k++)
        best[0] = best[k] > best[0] ? best[k] : best[0];
    return best[0];
}

static int memory(double *copy_s, double *scan_s, struct pc_err *err)
{
    volatile float sink;
    float *a = pc_mem_new(NPIX, sizeof *a, "a plane", err);
    float *b = a ? pc_mem_new(NPIX, sizeof *b, "a plane", err) : NULL;
    if (b) {
        fill(a, NPIX);
        memcpy(b, a, NPIX * sizeof *a);
        for (int i = 0; i < ROUNDS; i++) {
            double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
            memcpy(b, a, NPIX * sizeof *a);
            double u = seconds(CLOCK_PROCESS_CPUTIME_ID);
            sink = maximum(b);
            keep_less(copy_s, u - t);
            keep_less(scan_s, seconds(CLOCK_PROCESS_CPUTIME_ID) - u);
            a[i] = sink;
        }
    }
    pc_mem_free(a);
    pc_mem_free(b);
    return b ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct pc_err err = {0};
    double cpu = 0, wall = 0, copy_s = 0, scan_s = 0;
    const int n = argc == 2 ? atoi(argv[1]) : 0;
    if (n < 1 || n > 32768) {
        fprintf(stderr, "usage: bench_unit PIXELS\n");
        return 64;
    }
    if (transform(n, &cpu, &wall, &err) || memory(&copy_s, &scan_s, &err)) {
        fprintf(stderr, "bench_unit: %s\n", err.msg);
        return 1;
    }
    printf("f=%.6f f_wall=%.6f copy=%.2f scan=%.2f\n", cpu, wall, 8e-9 * NPIX / copy_s, 4e-9 * NPIX / scan_s);
    return 0;
}
