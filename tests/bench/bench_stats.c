/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/stats.h"
#include "io/fits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What statistics, DATASUM and the swap of a plane of 8000 x 8000 pixels cost, in processor time, and as
 * multiples of a plain search for its maximum in the same run. */

enum { SIDE = 8000, ROUNDS = 5 };

struct plane {
    float *pix, *other;
    unsigned char *where; /* within a circle, as a primary beam limits it */
    int64_t n;
};

static double used_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double search(struct plane *p)
{
    float max[64];
    for (int k = 0; k < 64; k++)
        max[k] = -INFINITY;
    for (int64_t i = 0; i < p->n; i += 64)
        for (int k = 0; k < 64; k++)
            max[k] = p->pix[i + k] > max[k] ? p->pix[i + k] : max[k];
    return (double)max[0];
}

static double basic(struct plane *p)
{
    struct pc_stats s;
    pc_stats_basic(p->pix, NULL, p->n, &s);
    return s.sum;
}

static double basic_where(struct plane *p)
{
    struct pc_stats s;
    pc_stats_basic(p->pix, p->where, p->n, &s);
    return s.sum;
}

static double median(struct plane *p)
{
    struct pc_err err;
    double median, mad;
    return pc_stats_median_mad(p->pix, NULL, p->n, &median, &mad, &err) ? NAN : mad;
}

static double median_where(struct plane *p)
{
    struct pc_err err;
    double median, mad;
    return pc_stats_median_mad(p->pix, p->where, p->n, &median, &mad, &err) ? NAN : mad;
}

static double chauvenet(struct plane *p)
{
    struct pc_err err;
    struct pc_chauvenet c;
    return pc_stats_chauvenet(p->pix, p->where, p->n, -1, 5, &c, &err) ? NAN : c.stddev;
}

static double datasum(struct plane *p)
{
    return pc_datasum_f32(0, p->pix, p->n);
}

static double swap(struct plane *p)
{
    pc_swap_f32(p->other, p->pix, p->n);
    return (double)p->other[p->n / 2];
}

static int make(struct plane *p, struct pc_err *err)
{
    uint64_t seed = 1;
    p->n = (int64_t)SIDE * SIDE;
    p->pix = pc_mem_new(p->n, sizeof *p->pix, "a plane", err);
    p->other = pc_mem_new0(p->n, sizeof *p->other, "a plane", err);
    p->where = pc_mem_new(p->n, 1, "a mask", err);
    if (!p->pix || !p->other || !p->where)
        return -1;
    for (int64_t i = 0; i < p->n; i++) {
        double x = (double)(i % SIDE - SIDE / 2), y = (double)(i / SIDE - SIDE / 2), sum = -6;
        for (int k = 0; k < 3; k++) { /* nearly normal */
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            sum += (double)(seed >> 48) / 32768 + (double)(seed >> 32 & 0xffff) / 32768;
        }
        p->pix[i] = (float)(1e-3 * sum);
        p->where[i] = x * x + y * y < 0.19 * SIDE * SIDE;
    }
    return 0;
}

int main(void)
{
    static const struct {
        const char *name;
        double (*run)(struct plane *p);
    } work[] = {{"search for the maximum", search},
                {"sum, rms, extremes", basic},
                {"the same, in a circle", basic_where},
                {"median and MAD", median},
                {"the same, in a circle", median_where},
                {"Chauvenet, in a circle", chauvenet},
                {"DATASUM", datasum},
                {"swap", swap}};
    enum { NWORK = sizeof work / sizeof *work };
    struct plane p = {0};
    struct pc_err err;
    double best[NWORK], check = 0;
    int rc = make(&p, &err);
    for (int i = 0; i < NWORK; i++)
        best[i] = INFINITY;
    for (int round = 0; !rc && round < ROUNDS; round++)
        for (int i = 0; i < NWORK; i++) {
            double start = used_s();
            check += work[i].run(&p);
            best[i] = fmin(best[i], used_s() - start);
        }
    if (!rc)
        printf("\n%d x %d pixels, in processor time\n", SIDE, SIDE);
    for (int i = 0; !rc && i < NWORK; i++)
        printf("%-24s %6.1f ms  %5.2f searches\n", work[i].name, 1e3 * best[i], best[i] / best[0]);
    pc_mem_free(p.pix);
    pc_mem_free(p.other);
    pc_mem_free(p.where);
    return rc || isnan(check);
}
