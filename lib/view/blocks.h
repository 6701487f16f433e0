/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_BLOCKS_H
#define PC_VIEW_BLOCKS_H

#include "view/draw.h"

/* Pictures in the characters of a terminal: half blocks, whose two colours are two pixels. */

/* A layout of n panels for a terminal: side counts pixels, two of them make a row of characters. */
void pc_blocks_layout(int n, int ncol, const struct pc_output *o, struct pc_layout *l);
int pc_blocks_figure(const struct pc_figure *f, const struct pc_output *o, struct pc_err *err) PC_MUST_CHECK;
/* Width of a text in characters of a terminal, where no letter is a wide one. */
int pc_blocks_width(const char *s);
/* A plain graph of n values: columns of eighth blocks, NaN a gap. */
int pc_blocks_graph(const double *y, int n, const char *title, const char *left, const char *right,
                    const char *unit, const struct pc_output *o, struct pc_err *err) PC_MUST_CHECK;

#endif
