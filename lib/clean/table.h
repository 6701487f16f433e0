/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_TABLE_H
#define PC_CLEAN_TABLE_H

#include "clean/state.h"

/* The cycles of channels as a tab-separated table: a row per cycle, after it one for each Stokes plane that
 * was cleaned by itself (their names in the column stokes). Append to out (see pc_text_ok()). What is not
 * known is nan. */

void pc_cycles_header(struct pc_text *out);
/* stopcode and stop in a channel's last row are its own, in those before 0. A channel that stopped before any
 * cycle has a row of cycle 0. newpeak is that of the residual that was made after the cycle, and tested. */
void pc_cycles_rows(const char *channel, const struct pc_state *s, struct pc_text *out);
/* A minor stop code in words: "cyclethreshold". */
const char *pc_minor_stop_words(int stop);

#endif
