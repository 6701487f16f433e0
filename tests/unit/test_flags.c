/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/flags.h"

#include "tap.h"

#include <math.h>
#include <string.h>

enum { n = 37 }; /* no multiple of any lane count */

struct samples {
    unsigned char flag[n];
    float vis[2 * n], weight[n];
    int64_t nnan, nneg;
};

static struct samples good(void)
{
    struct samples s = {0};
    for (int i = 0; i < n; i++) {
        s.vis[2 * i] = (float)i - 5;
        s.vis[2 * i + 1] = -(float)i;
        s.weight[i] = (float)(1 + i);
    }
    return s;
}

static void apply(struct samples *s, bool all)
{
    pc_flags_apply(n, s->flag, all, s->vis, s->weight, &s->nnan, &s->nneg);
}

/* What one change of sample k does; everything else must stay. */
static void one(int k, float re, float im, float weight, int flag, float want_weight, int nnan, int nneg,
                const char *name)
{
    struct samples s = good(), want = good();
    s.vis[2 * k] = re;
    s.vis[2 * k + 1] = im;
    s.weight[k] = weight;
    s.flag[k] = (unsigned char)flag;
    const bool finite = isfinite(re) && isfinite(im);
    want.vis[2 * k] = finite ? re : 0;
    want.vis[2 * k + 1] = finite ? im : 0;
    want.weight[k] = want_weight;
    apply(&s, false);
    ok(memcmp(s.vis, want.vis, sizeof s.vis) == 0 && memcmp(s.weight, want.weight, sizeof s.weight) == 0,
       "%s at %d", name, k);
    ok(s.nnan == nnan && s.nneg == nneg, "%s is counted as it should be", name);
}

int main(void)
{
    struct samples s = good(), want = good();
    apply(&s, false);
    ok(memcmp(&s, &want, sizeof s) == 0, "good samples stay as they are");
    for (int k = 0; k < n; k += 12) {
        one(k, 1, 2, 3, 1, 0, 0, 0, "a flag");
        one(k, NAN, 2, 3, 0, 0, 1, 0, "NaN");
        one(k, 1, -INFINITY, 3, 0, 0, 1, 0, "infinity");
        one(k, NAN, 2, 3, 1, 0, 0, 0, "flagged NaN");
        one(k, 1, 2, -3, 0, 0, 0, 1, "a negative weight");
        one(k, 1, 2, NAN, 0, 0, 0, 1, "a weight that is NaN");
        one(k, 1, 2, INFINITY, 0, 0, 0, 1, "an infinite weight");
        one(k, 1, 2, 0, 0, 0, 0, 0, "a weight of 0");
        one(k, 3.4e38f, -3.4e38f, 3.4e38f, 0, 3.4e38f, 0, 0, "the largest numbers");
    }
    s = good();
    apply(&s, true);
    memset(want.weight, 0, sizeof want.weight);
    ok(memcmp(s.weight, want.weight, sizeof s.weight) == 0 && memcmp(s.vis, want.vis, sizeof s.vis) == 0,
       "a flagged row has weights of 0 and keeps its visibilities");
    return tap_done();
}
