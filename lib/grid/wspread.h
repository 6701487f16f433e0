/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_WSPREAD_H
#define PC_GRID_WSPREAD_H

#include "image/vis.h"

/* How the power of a channel's samples spreads over |w|: most have a |w| far below the largest, and a
 * relative L2 accuracy is what all of them make together. */

enum { PC_WSPREAD_BINS = 256 };
struct pc_wspread {
    double step;                /* wavelengths a bin; 0: there is nothing yet */
    double of[PC_WSPREAD_BINS]; /* sum of squared imaging weights of the samples of that |w| */
};

/* Adds the samples of a block by their imaging weight, those of weight 0 left out. Steps double as w grows.
 */
void pc_wspread_add(struct pc_wspread *s, const struct pc_visblock *b);
void pc_wspread_sample(struct pc_wspread *s, double w_lambda, double weight);

#endif
