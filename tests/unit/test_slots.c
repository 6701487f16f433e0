/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which samples along frequency a channel of the data comes from. */
#include "casa/slots.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>

static void fill(struct pc_slots *s, int n, const double *freq_hz, double width_hz)
{
    struct pc_err err = {0};
    ok(pc_slots_init(s, n, &err) == 0, "%d slots", n);
    for (int i = 0; i < n; i++) {
        s->freq_hz[i] = freq_hz[i];
        s->width_hz[i] = width_hz;
    }
    pc_slots_sort(s);
}

static bool is(struct pc_slot_pick p, int a, int b, double share)
{
    return p.a == a && p.b == b && fabs(p.share - share) < 1e-12;
}

static void test_between(void)
{
    const double at[] = {30, 10, 20}, chan[] = {4, 5, 9.995, 12, 20.005, 25, 34.9, 35.1},
                 width[8] = {1, 1, 5, 5, 5, 5, 1, 1};
    struct pc_slots s;
    struct pc_slot_pick p[8];
    fill(&s, 3, at, 10);
    ok(s.order[0] == 1 && s.order[1] == 2 && s.order[2] == 0, "sorted");
    pc_slots_pick(&s, chan, width, 1, 8, p);
    ok(is(p[0], -1, -1, 0), "more than half a width below the first: none");
    ok(is(p[1], 1, 1, 0), "half a width below: the first");
    ok(is(p[2], 1, 1, 0) && is(p[4], 2, 2, 0), "within 1e-3 of the channel's width: that one alone");
    ok(is(p[3], 1, 2, 0.2), "between two: the line");
    ok(is(p[5], 2, 0, 0.5), "in the middle");
    ok(is(p[6], 0, 0, 0) && is(p[7], -1, -1, 0), "above the last, within and beyond half a width");
    const double down[] = {25, 12}, wide[] = {-5, -5};
    pc_slots_pick(&s, down, wide, 1, 2, p);
    ok(is(p[0], 2, 0, 0.5) && is(p[1], 1, 2, 0.2), "descending channels, negative widths");
    const double moved[] = {25 / 1.25, 12 / 1.25};
    pc_slots_pick(&s, moved, wide, 1.25, 2, p);
    ok(is(p[0], 2, 0, 0.5) && is(p[1], 1, 2, 0.2), "channels in another frame");
    pc_slots_fini(&s);
}

static void test_gap(void)
{
    const double at[] = {10, 20, 50}, chan[] = {24, 30, 46}, width[] = {1, 1, 1}, broad[] = {30, 30, 30};
    struct pc_slots s;
    struct pc_slot_pick p[3];
    fill(&s, 3, at, 10);
    pc_slots_pick(&s, chan, width, 1, 3, p);
    ok(is(p[0], 1, 1, 0) && is(p[1], -1, -1, 0) && is(p[2], 2, 2, 0), "nothing is drawn across a gap");
    pc_slots_pick(&s, chan, broad, 1, 3, p);
    ok(is(p[1], 1, 2, 1.0 / 3), "unless the channels are as wide");
    pc_slots_fini(&s);
}

int main(void)
{
    test_between();
    test_gap();
    return tap_done();
}
