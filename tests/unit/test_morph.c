/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/morph.h"
#include "tests/unit/tap.h"

#include <stdint.h>

/* Pruning against a flood fill, growing against one loop per pass, on random masks of many densities. */

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
            struct pc_err err;
            int kept;
            fill(a, d / 20.0);
            memcpy(b, a, N);
            int n = naive_prune(b, min_px, &kept);
            wrong += pc_morph_prune(a, NX, NY, min_px, &before, &after, &err) != 0 || memcmp(a, b, N) != 0;
            miscounted += before != n || after != kept;
            cases++;
        }
    ok(wrong == 0, "pruning is a flood fill's, %d masks (%d differ)", cases, wrong);
    ok(miscounted == 0, "so are the regions counted (%d differ)", miscounted);
    unsigned char diagonal[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    int64_t before, after;
    struct pc_err err;
    ok(!pc_morph_prune(diagonal, 3, 3, 1, &before, &after, &err) && before == 3, "corners do not join");
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
                struct pc_err err;
                fill(m, 0.05 * d * d / 10);
                fill(allow, a / 10.0);
                memcpy(n, m, N);
                naive_dilate(n, allow, passes[k]);
                wrong += pc_morph_dilate(m, allow, NX, NY, passes[k], &err) || memcmp(m, n, N) != 0;
                cases++;
            }
    ok(wrong == 0, "growing is that of one loop per pass, %d masks (%d differ)", cases, wrong);
    unsigned char m[5] = {0, 0, 1, 0, 0}, allow[5] = {1, 1, 0, 1, 1};
    struct pc_err err;
    ok(!pc_morph_dilate(m, allow, 5, 1, 9, &err) && m[2] && !m[1] && !m[3],
       "what is not allowed does not spread");
}

int main(void)
{
    test_prune();
    test_dilate();
    return tap_done();
}
