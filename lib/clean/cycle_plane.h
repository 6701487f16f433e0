/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_CYCLE_PLANE_H
#define PC_CLEAN_CYCLE_PLANE_H

#include "clean/cycle.h"

/* What a channel's history says of one Stokes plane that is cleaned by itself: what the test before its minor
 * cycle saw of it, and completed after that. */

void pc_cycle_plane_begin(const struct pc_clean_planes *p, const struct pc_clean_result *test, int pol,
                          struct pc_cycle_plane *out);
void pc_cycle_plane_end(const struct pc_minor_out *minor, struct pc_cycle_plane *out);
/* The names of planes [first, first + n), one after the other: "IQUV"; "" when they are not known. */
void pc_cycle_stokes(const struct pc_clean_planes *p, int first, int n, char out[PC_CYCLE_STOKES]);

#endif
