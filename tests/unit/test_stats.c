/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/stats.h"
#include "tests/unit/tap.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Statistics against the plain way: copy, sort, pick. */

enum { MAXN = 20000, LARGE = (1 << 20) + 777 };
static float pix[LARGE];
static unsigned char where[LARGE];
static double copy[LARGE];
static uint64_t seed = 42;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(1 - uniform())) * cos(2 * 3.14159265358979323846 * uniform());
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return n == 0 ? NAN : n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

static int gather(const unsigned char *w, int n, double lo, double hi)
{
    int m = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(pix[i]) && (!w || w[i]) && (double)pix[i] >= lo && (double)pix[i] <= hi)
            copy[m++] = (double)pix[i];
    return m;
}

static void naive_median_mad(const unsigned char *w, int n, double lo, double hi, double *med, double *mad)
{
    int m = gather(w, n, lo, hi);
    *med = sorted_median(copy, m);
    for (int i = 0; i < m; i++)
        copy[i] = fabs(copy[i] - *med);
    *mad = sorted_median(copy, m);
}

static void check_median(const unsigned char *w, int n, const char *name)
{
    struct pc_err err;
    double med, mad, want_med, want_mad;
    naive_median_mad(w, n, -INFINITY, INFINITY, &want_med, &want_mad);
    int rc = pc_stats_median_mad(pix, w, n, &med, &mad, &err);
    char line[200];
    snprintf(line, sizeof line, "median of %d, %s", n, name);
    is_near(rc ? NAN : med, want_med, 0, line);
    snprintf(line, sizeof line, "MAD of %d, %s", n, name);
    is_near(rc ? NAN : mad, want_mad, 0, line);
}

static void test_medians(void)
{
    static const int sizes[] = {0, 1, 2, 3, 4, 17, 1000, 1001, MAXN};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n = sizes[k];
        for (int i = 0; i < n; i++) {
            pix[i] = (float)(1e-3 * normal() - 2e-4);
            where[i] = uniform() < 0.7;
        }
        check_median(NULL, n, "noise");
        check_median(where, n, "noise, some of it");
        for (int i = 0; i < n; i++)
            pix[i] = uniform() < 0.1 ? NAN : uniform() < 0.1 ? (float)(1 / (uniform() - 0.5)) : pix[i];
        check_median(where, n, "with blanks and outliers");
        for (int i = 0; i < n; i++)
            pix[i] = (float)floor(4 * normal());
        check_median(NULL, n, "few distinct values");
        for (int i = 0; i < n; i++)
            pix[i] = (float)(1000 + 1e-4 * normal());
        check_median(NULL, n, "on a high level");
        for (int i = 0; i < n; i++)
            pix[i] = i % 2 ? -0.0F : 0.0F;
        check_median(NULL, n, "zeros of both signs");
    }
    pix[0] = INFINITY;
    pix[1] = -INFINITY;
    pix[2] = 3;
    check_median(NULL, 3, "infinities do not count");
}

/* Where a median is looked for between values of a sample. */
static void test_large_medians(void)
{
    for (int i = 0; i < LARGE; i++) {
        pix[i] = (float)(1e-3 * normal() + 1e-5);
        where[i] = i % 1000 > 300 && i % 1000 < 903; /* whole blocks, parts of them */
    }
    memset(where + 50000, 0, 30000);
    memset(where + 90000, 1, 30000);
    check_median(NULL, LARGE, "noise");
    check_median(where, LARGE, "noise, some of it");
    for (int i = 0; i < LARGE; i += 7)
        pix[i] = i % 2 ? NAN : i % 3 ? INFINITY : -INFINITY;
    check_median(NULL, LARGE, "noise with blanks and infinities");
    memset(where, 0, sizeof where);
    check_median(where, LARGE, "nothing counts");
    memset(where, 7, 500);
    check_median(where, LARGE, "500 count");
    for (int i = 0; i < LARGE; i++)
        pix[i] = i < LARGE / 2 ? 1e8F : i % 3 ? (float)normal() : -1e8F;
    check_median(NULL, LARGE, "the centre far from what is about it");
    for (int i = 0; i < LARGE; i++)
        pix[i] = uniform() < 0.1 ? 1 : 0;
    check_median(NULL, LARGE, "a mask");
    for (int i = 0; i < LARGE; i++)
        pix[i] = i % 2 ? 0 : 1 + (float)uniform();
    check_median(NULL, LARGE, "half of it zero");
    for (int i = 0; i < LARGE; i++)
        pix[i] = i < LARGE / 2 ? -1 - (float)uniform() : 3;
    check_median(NULL, LARGE, "two halves");
    for (int i = 0; i < LARGE; i++)
        pix[i] = (float)(-log(1 - uniform()));
    check_median(NULL, LARGE, "an exponential: the deviations are on one side");
    for (int i = 0; i < LARGE; i++)
        pix[i] = (float)(i % 3 ? normal() : 4 + 0.1 * normal());
    check_median(NULL, LARGE, "two populations");
    for (int i = 0; i < LARGE; i++)
        pix[i] = (float)(floor(40 * normal()) / 40);
    check_median(NULL, LARGE, "noise in steps");
    for (int i = 0; i < LARGE; i++)
        pix[i] = (float)(2 * (i % 1000 < 500) - 1) * (1 + 1e-3F * (float)uniform());
    check_median(NULL, LARGE, "nothing near the median");
}

/* Sums in blocks, extremes in blocks that are whole, have blanks, or are the last. */
static void check_basic(const unsigned char *w, int n, const char *name)
{
    struct pc_stats s;
    double sum = 0, sq = 0;
    int min = 0, max = 0, count = 0;
    for (int i = 0; i < n; i++) {
        if (!isfinite(pix[i]) || (w && !w[i]))
            continue;
        min = count && pix[i] >= pix[min] ? min : i;
        max = count && pix[i] <= pix[max] ? max : i;
        count++;
        sum += (double)pix[i];
        sq += (double)pix[i] * (double)pix[i];
    }
    pc_stats_basic(pix, w, n, &s);
    if (!is_int(s.n, count, name) || count == 0)
        return;
    is_near(s.sum, sum, 1e-12 * n, "sum");
    is_near(s.rms, sqrt(sq / count), 1e-12, "rms");
    is_int(s.imin, min, "position of the minimum");
    is_int(s.imax, max, "position of the maximum");
    ok(s.min == pix[min] && s.max == pix[max], "minimum and maximum");
}

static void test_blocks(void)
{
    static const int sizes[] = {1, 31, 2047, 2048, 2049, 4096, 10000, MAXN};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n = sizes[k];
        for (int i = 0; i < n; i++) {
            pix[i] = (float)normal();
            where[i] = i < 2048 || (i >= 4096 && uniform() < 0.5) ? 255 : 0;
        }
        check_basic(NULL, n, "all of it counts");
        check_basic(where, n, "some of it counts");
        pix[n / 2] = 77;
        pix[n / 3] = -77;
        pix[n - 1] = 77;
        check_basic(NULL, n, "twice the same extreme");
        for (int i = 1; i < n; i += 1 + (int)(3000 * uniform()))
            pix[i] = i % 2 ? NAN : i % 3 ? INFINITY : -INFINITY;
        check_basic(NULL, n, "with blanks and infinities");
        check_basic(where, n, "some of it, with blanks");
        pix[0] = FLT_MAX;
        check_basic(NULL, n, "the largest float");
    }
}

static void test_basic(void)
{
    struct pc_stats s;
    int n = 1003;
    double sum = 0, sq = 0;
    for (int i = 0; i < n; i++) {
        pix[i] = (float)normal();
        where[i] = uniform() < 0.6;
    }
    pix[5] = pix[77] = 99;
    pix[100] = -98;
    pix[3] = NAN;
    pix[4] = INFINITY;
    where[5] = 0;
    where[77] = where[100] = where[3] = where[4] = 1;
    int m = gather(where, n, -INFINITY, INFINITY);
    for (int i = 0; i < m; i++) {
        sum += copy[i];
        sq += copy[i] * copy[i];
    }
    pc_stats_basic(pix, where, n, &s);
    is_int(s.n, m, "blank and excluded pixels do not count");
    is_near(s.sum, sum, 1e-10, "sum");
    is_near(s.rms, sqrt(sq / m), 1e-12, "rms");
    ok(s.max == 99 && s.imax == 77, "maximum, and its first position among those that count");
    ok(s.min == -98 && s.imin == 100, "minimum and its position");
    pc_stats_basic(pix, where, 0, &s);
    ok(s.n == 0 && isnan(s.min) && isnan(s.max), "nothing counts");
    pix[0] = NAN;
    pc_stats_basic(pix, NULL, 1, &s);
    ok(s.n == 0 && isnan(s.rms) && s.imax == -1, "a blank plane");
}

/* n erfc(z/sqrt 2) = 1/2 by bisection. */
static double naive_z(double n)
{
    double lo = 0, hi = 40;
    for (int i = 0; i < 200; i++) {
        double z = 0.5 * (lo + hi);
        *(n * erfc(z / sqrt(2)) > 0.5 ? &lo : &hi) = z;
    }
    return lo;
}

static void test_chauvenet(int n, double outliers, double zscore, int rounds)
{
    struct pc_err err;
    struct pc_chauvenet c;
    double lo = -INFINITY, hi = INFINITY, med, mad, mean = 0, dev = 0;
    int before = -1, m = 0;
    for (int i = 0; i < n; i++)
        pix[i] = (float)(normal() + (uniform() < outliers ? 20 * uniform() : 0));
    for (int round = 0; round <= rounds + 1; round++) {
        m = gather(NULL, n, lo, hi);
        mean = dev = 0;
        for (int i = 0; i < m; i++)
            mean += copy[i] / m;
        for (int i = 0; i < m; i++)
            dev += (copy[i] - mean) * (copy[i] - mean);
        dev = sqrt(dev / (m - 1));
        if (m == before || round == rounds + 1)
            break;
        before = m;
        double z = zscore < 0 ? naive_z(m) : zscore;
        lo = mean - z * dev;
        hi = mean + z * dev;
    }
    naive_median_mad(NULL, n, lo, hi, &med, &mad);
    char line[100];
    snprintf(line, sizeof line, "Chauvenet, %d values, z %g, %d rounds:", n, zscore, rounds);
    diag("%s %d left", line, m);
    if (!ok(!pc_stats_chauvenet(pix, NULL, n, zscore, rounds, &c, &err), "%s", line))
        return;
    is_int(c.n, m, "values left");
    is_near(c.mean, mean, 1e-9, "mean");
    is_near(c.stddev, dev, 1e-9, "standard deviation");
    is_near(c.median, med, 0, "median");
    is_near(c.mad, mad, 0, "MAD");
}

int main(void)
{
    test_basic();
    test_blocks();
    test_medians();
    test_large_medians();
    test_chauvenet(MAXN, 0, -1, 5);
    test_chauvenet(MAXN, 0.1, -1, 5);
    test_chauvenet(MAXN, 0.1, -1, 0);
    test_chauvenet(500, 0.3, 2.0, 3);
    test_chauvenet(11, 0.3, -1, 5);
    return tap_done();
}
