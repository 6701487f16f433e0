/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/flags.h"

#include "tap.h"

#include <math.h>
#include <string.h>

enum { n = 37 }; /* no multiple of any lane count */

struct samples {
    unsigned char flag[n];
    float vis[2 * n], weight[n];
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
    pc_flags_apply(n, s->flag, all, s->vis, s->weight);
}

/* What one change of sample k does; everything else must stay. */
static void one(int k, float re, float im, float weight, int flag, float want_weight, const char *name)
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
}

int main(void)
{
    struct samples s = good(), want = good();
    apply(&s, false);
    ok(memcmp(&s, &want, sizeof s) == 0, "good samples stay as they are");
    for (int k = 0; k < n; k += 12) {
        one(k, 1, 2, 3, 1, -PC_LEFT_FLAGGED, "a flag");
        one(k, NAN, 2, 3, 0, -PC_LEFT_NAN, "NaN");
        one(k, 1, -INFINITY, 3, 0, -PC_LEFT_NAN, "infinity");
        one(k, NAN, 2, 3, 1, -PC_LEFT_FLAGGED, "flagged NaN");
        one(k, 1, 2, -3, 0, -PC_LEFT_WEIGHT, "a negative weight");
        one(k, 1, 2, NAN, 0, -PC_LEFT_WEIGHT, "a weight that is NaN");
        one(k, 1, 2, INFINITY, 0, -PC_LEFT_WEIGHT, "an infinite weight");
        one(k, 1, 2, 0, 0, -PC_LEFT_ZERO, "a weight of 0");
        one(k, 3.4e38f, -3.4e38f, 3.4e38f, 0, 3.4e38f, "the largest numbers");
    }
    s = good();
    apply(&s, true);
    for (int i = 0; i < n; i++)
        want.weight[i] = -PC_LEFT_FLAGGED;
    ok(memcmp(s.weight, want.weight, sizeof s.weight) == 0 && memcmp(s.vis, want.vis, sizeof s.vis) == 0,
       "a flagged row has no weights and keeps its visibilities");
    return tap_done();
}
