/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/slots.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static const double same_channel = 1e-3; /* of a channel's width */

int pc_slots_init(struct pc_slots *s, int n, struct pc_err *err)
{
    *s = (struct pc_slots){.n = n};
    s->freq_hz = pc_mem_new(n, sizeof *s->freq_hz, "frequencies", err);
    s->width_hz = s->freq_hz ? pc_mem_new(n, sizeof *s->width_hz, "frequencies", err) : NULL;
    s->order = s->width_hz ? pc_mem_new(n, sizeof *s->order, "frequencies", err) : NULL;
    if (s->order)
        return 0;
    pc_slots_fini(s);
    return -1;
}

void pc_slots_fini(struct pc_slots *s)
{
    pc_mem_free(s->freq_hz);
    pc_mem_free(s->width_hz);
    pc_mem_free(s->order);
    *s = (struct pc_slots){0};
}

/* By insertion: planes come in order, or in reverse. */
void pc_slots_sort(struct pc_slots *s)
{
    for (int i = 0; i < s->n; i++)
        s->order[i] = s->n > 1 && s->freq_hz[s->n - 1] < s->freq_hz[0] ? s->n - 1 - i : i;
    for (int i = 1; i < s->n; i++) {
        const int moving = s->order[i];
        int k = i;
        for (; k > 0 && s->freq_hz[s->order[k - 1]] > s->freq_hz[moving]; k--)
            s->order[k] = s->order[k - 1];
        s->order[k] = moving;
    }
}

/* The last slot in order that is not above freq_hz, from k on; -1: all are above. */
static int advance(const struct pc_slots *s, int k, double freq_hz)
{
    while (k + 1 < s->n && s->freq_hz[s->order[k + 1]] <= freq_hz)
        k++;
    return k;
}

static struct pc_slot_pick pick_one(const struct pc_slots *s, int k, double freq_hz, double width_hz)
{
    const struct pc_slot_pick none = {-1, -1, 0};
    const int a = k >= 0 ? s->order[k] : -1, b = k + 1 < s->n ? s->order[k + 1] : -1;
    const double below = a >= 0 ? freq_hz - s->freq_hz[a] : INFINITY;
    const double above = b >= 0 ? s->freq_hz[b] - freq_hz : INFINITY;
    const int near = below <= above ? a : b;
    const double far = fmin(below, above);
    if (near < 0)
        return none;
    if (far <= same_channel * width_hz)
        return (struct pc_slot_pick){near, near, 0};
    if (a >= 0 && b >= 0 &&
        below + above <= (1 + same_channel) * fmax(width_hz, fmax(s->width_hz[a], s->width_hz[b])))
        return (struct pc_slot_pick){a, b, below / (below + above)};
    if (far <= (0.5 + same_channel) * fmax(s->width_hz[near], width_hz))
        return (struct pc_slot_pick){near, near, 0};
    return none;
}

void pc_slots_pick(const struct pc_slots *s, const double *freq_hz, const double *width_hz, double factor,
                   int nchan, struct pc_slot_pick *pick)
{
    const int down = nchan > 1 && freq_hz[nchan - 1] < freq_hz[0];
    for (int i = 0, k = -1; i < nchan; i++) {
        const int c = down ? nchan - 1 - i : i;
        k = advance(s, k, freq_hz[c] * factor);
        pick[c] = pick_one(s, k, freq_hz[c] * factor, fabs(width_hz[c]) * factor);
    }
}
