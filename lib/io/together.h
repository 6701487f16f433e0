/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_TOGETHER_H
#define PC_IO_TOGETHER_H

#include "io/bundle.h"

/* Images of one header that are made and written in one walk over their pixels, none of them held. Only where
 * pc_pass_can_amend(); the same bytes as by pc_pass_put_image() one after the other. */

enum { PC_TOGETHER_MAX = 2, PC_TOGETHER_BLOCK = 1 << 15 }; /* pixels; a multiple of PC_LANES_BLOCK */
/* Pixels first .. first + n - 1 of all, image k's into block[k]; asked for from the first to the last. */
typedef int pc_together_fn(void *ctx, int64_t first, int64_t n, float *const block[], struct pc_err *err);
/* The names in travel order. */
int pc_pass_put_together(struct pc_pass *pass, const char *const name[], int nimage,
                         const struct pc_imhead *head, pc_together_fn *make, void *ctx,
                         struct pc_err *err) PC_MUST_CHECK;

#endif
