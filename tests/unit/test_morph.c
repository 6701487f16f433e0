/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/morph.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <stdint.h>

/* Pruning against a flood fill, growing against one loop per pass, on random masks of many densities; sets of
 * pixels as runs. */

enum { NX = 37, NY = 23, N = NX * NY };
static uint64_t seed = 7;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void fill(unsigned char *m, double density)
{
    for (int i = 0; i < N; i++)
        m[i] = uniform() < density;
}

static int flood(const unsigned char *m, int *label, int i, int l)
{
    if (i < 0 || i >= N || !m[i] || label[i])
        return 0;
    label[i] = l;
    int n = 1 + flood(m, label, i - NX, l) + flood(m, label, i + NX, l);
    if (i % NX > 0)
        n += flood(m, label, i - 1, l);
    if (i % NX < NX - 1)
        n += flood(m, label, i + 1, l);
    return n;
}

static struct pc_runs runs_of(const unsigned char *m, int nx, int ny)
{
    struct pc_runs r = {0};
    struct pc_err err;
    for (int y = 0; y < ny; y++)
        if (pc_runs_add_bytes(&r, y, 0, m + y * nx, nx, &err))
            diag("%s", err.msg);
    return r;
}

/* A mask becomes what is left of it. */
static int prune(unsigned char *m, int nx, int ny, double min_px, int64_t *before, int64_t *after)
{
    struct pc_runs r = runs_of(m, nx, ny);
    struct pc_err err;
    int bad = pc_morph_prune(&r, min_px, before, after, &err);
    memset(m, 0, (size_t)(nx * ny));
    pc_runs_paint(&r, nx, 1, m);
    pc_runs_free(&r);
    return bad;
}

/* A mask becomes what it grows to where `allow` is. */
static int grow(unsigned char *m, const unsigned char *allow, int nx, int ny, int passes)
{
    static float pix[N];
    struct pc_runs from = runs_of(m, nx, ny), to = {0};
    struct pc_err err;
    for (int i = 0; i < nx * ny; i++)
        pix[i] = allow[i] ? 1 : i % 3 ? -1 : NAN;
    int bad = pc_morph_grow(&from, pix, 0, nx, ny, passes, &to, &err);
    memset(m, 0, (size_t)(nx * ny));
    pc_runs_paint(&to, nx, 1, m);
    pc_runs_free(&from);
    pc_runs_free(&to);
    return bad;
}

static int naive_prune(unsigned char *m, double min_px, int *kept)
{
    static int label[N];
    int nlabel = 0;
    memset(label, 0, sizeof label);
    *kept = 0;
    for (int i = 0; i < N; i++) {
        int size = flood(m, label, i, nlabel + 1);
        if (size == 0)
            continue;
        nlabel++;
        *kept += size >= min_px;
        for (int k = 0; size < min_px && k < N; k++)
            if (label[k] == nlabel)
                m[k] = 0;
    }
    return nlabel;
}

static void test_prune(void)
{
    int wrong = 0, miscounted = 0, cases = 0;
    for (int d = 0; d <= 20; d++)
        for (double min_px = 0; min_px < 30; min_px += 3.3) {
            unsigned char a[N], b[N];
            int64_t before, after;
            int kept;
            fill(a, d / 20.0);
            memcpy(b, a, N);
            int n = naive_prune(b, min_px, &kept);
            wrong += prune(a, NX, NY, min_px, &before, &after) != 0 || memcmp(a, b, N) != 0;
            miscounted += before != n || after != kept;
            cases++;
        }
    ok(wrong == 0, "pruning is a flood fill's, %d masks (%d differ)", cases, wrong);
    ok(miscounted == 0, "so are the regions counted (%d differ)", miscounted);
    unsigned char diagonal[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    int64_t before, after;
    ok(!prune(diagonal, 3, 3, 1, &before, &after) && before == 3, "corners do not join");
}

static void naive_dilate(unsigned char *m, const unsigned char *allow, int passes)
{
    for (int p = 0; p < passes; p++) {
        unsigned char old[N];
        memcpy(old, m, N);
        for (int i = 0; i < N; i++) {
            if (!allow[i])
                continue;
            m[i] |= i >= NX && old[i - NX] && allow[i - NX];
            m[i] |= i + NX < N && old[i + NX] && allow[i + NX];
            m[i] |= i % NX > 0 && old[i - 1] && allow[i - 1];
            m[i] |= i % NX < NX - 1 && old[i + 1] && allow[i + 1];
        }
    }
}

static void test_dilate(void)
{
    static const int passes[] = {0, 1, 2, 5, 75};
    int wrong = 0, cases = 0;
    for (int d = 0; d < 10; d++)
        for (int a = 0; a <= 10; a++)
            for (int k = 0; k < 5; k++) {
                unsigned char m[N], n[N], allow[N];
                fill(m, 0.05 * d * d / 10);
                fill(allow, a / 10.0);
                memcpy(n, m, N);
                naive_dilate(n, allow, passes[k]);
                for (int i = 0; i < N; i++)
                    n[i] &= allow[i];
                wrong += grow(m, allow, NX, NY, passes[k]) || memcmp(m, n, N) != 0;
                cases++;
            }
    ok(wrong == 0, "growing is that of one loop per pass, %d masks (%d differ)", cases, wrong);
    unsigned char m[5] = {0, 0, 1, 0, 0}, allow[5] = {1, 1, 0, 1, 1};
    ok(!grow(m, allow, 5, 1, 9) && !memchr(m, 1, 5), "what is not allowed does not spread, nor stay");
}

/* Sets of pixels against the same on bytes, on masks of many densities. */
static void test_sets(void)
{
    int wrong_or = 0, wrong_and = 0, wrong_count = 0, cases = 0;
    for (int i = 0; i <= 10; i++)
        for (int k = 0; k <= 10; k++, cases++) {
            unsigned char a[N], b[N], both[N] = {0}, either[N] = {0};
            struct pc_runs out_or = {0}, out_and = {0};
            struct pc_err err;
            int64_t count = 0;
            fill(a, i / 10.0);
            fill(b, k / 10.0);
            struct pc_runs p = runs_of(a, NX, NY), q = runs_of(b, NX, NY);
            if (pc_runs_or(&out_or, &p, &q, &err) || pc_runs_and(&out_and, &p, &q, &err))
                diag("%s", err.msg);
            pc_runs_paint(&out_or, NX, 1, either);
            pc_runs_paint(&out_and, NX, 1, both);
            for (int n = 0; n < N; n++) {
                wrong_or += either[n] != (a[n] | b[n]);
                wrong_and += both[n] != (a[n] & b[n]);
                count += a[n];
            }
            wrong_count += count != pc_runs_count(&p);
            for (int64_t n = 1; n < out_or.n; n++)
                wrong_or +=
                    out_or.run[n].y == out_or.run[n - 1].y && out_or.run[n].x0 <= out_or.run[n - 1].x1;
            pc_runs_free(&p);
            pc_runs_free(&q);
            pc_runs_free(&out_or);
            pc_runs_free(&out_and);
        }
    ok(wrong_or == 0, "or of two sets, %d pairs (%d pixels differ)", cases, wrong_or);
    ok(wrong_and == 0, "and of two sets (%d pixels differ)", wrong_and);
    ok(wrong_count == 0, "their pixels counted");
}

/* Rows longer than the lanes that are tested at once, begun anywhere and cut anywhere. */
static void test_levels(void)
{
    enum { LONG = 1000 };
    static float v[LONG];
    int wrong = 0;
    for (int round = 0; round < 30; round++) {
        unsigned char above[LONG] = {0}, below[LONG] = {0}, finite[LONG] = {0};
        struct pc_runs a = {0}, b = {0}, f = {0};
        struct pc_err err;
        double often = round / 30.0;
        for (int i = 0; i < LONG; i++) {
            double u = uniform();
            v[i] = u < 0.01   ? NAN
                   : u < 0.02 ? INFINITY
                   : u < 0.03 ? -INFINITY
                   : u < 0.3  ? 0.5F
                              : uniform() < often;
        }
        for (int at = 0, n; at < LONG; at += n) {
            n = 1 + (int)(uniform() * 300);
            n = n < LONG - at ? n : LONG - at;
            if (pc_runs_add_above(&a, 0, at, v + at, n, 0.5F, &err) ||
                pc_runs_add_below(&b, 0, at, v + at, n, 0.5F, &err) ||
                pc_runs_add_finite(&f, 0, at, v + at, n, &err))
                diag("%s", err.msg);
        }
        pc_runs_paint(&a, LONG, 1, above);
        pc_runs_paint(&b, LONG, 1, below);
        pc_runs_paint(&f, LONG, 1, finite);
        for (int i = 0; i < LONG; i++)
            wrong += above[i] != (v[i] > 0.5F) || below[i] != (v[i] < 0.5F) || finite[i] != !!isfinite(v[i]);
        pc_runs_free(&a);
        pc_runs_free(&b);
        pc_runs_free(&f);
    }
    is_int(wrong, 0, "pixels above and below a level, and the finite ones (pixels that differ)");
}

int main(void)
{
    test_prune();
    test_dilate();
    test_sets();
    test_levels();
    return tap_done();
}
