/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_SLOTS_H
#define PC_CASA_SLOTS_H

#include "base/err.h"

#include <stdint.h>

/* Samples along frequency, and which of them each channel of the data comes from: the way back of the
 * regridding that made them. Pure; what owns memory says so. */

struct pc_slots {
    int n;
    double *freq_hz;  /* [n], in any order */
    double *width_hz; /* [n] */
    int *order;       /* [n] ascending in frequency: set by pc_slots_sort() */
};

int pc_slots_init(struct pc_slots *s, int n, struct pc_err *err) PC_MUST_CHECK;
void pc_slots_fini(struct pc_slots *s);
/* After freq_hz has been filled. A common factor on all frequencies leaves the order as it is. */
void pc_slots_sort(struct pc_slots *s);

/* Where a channel's value comes from. */
struct pc_slot_pick {
    int a, b;     /* slots; a -1: no slot is near */
    double share; /* of b */
};
/* Picks of nchan channels, which must be in order, ascending or descending. */
void pc_slots_pick(const struct pc_slots *s, const double *freq_hz, const double *width_hz, double factor,
                   int nchan, struct pc_slot_pick *pick);

#endif
