/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_TABLE_H
#define PC_CLEAN_TABLE_H

#include "clean/state.h"

/* The cycles of channels as a tab-separated table, one row each. Appends to out (see pc_text_ok()). */

void pc_cycles_header(struct pc_text *out);
void pc_cycles_rows(const char *channel, const struct pc_state *s, struct pc_text *out);

#endif
