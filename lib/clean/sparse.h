/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_SPARSE_H
#define PC_CLEAN_SPARSE_H

#include "base/err.h"

#include <stdint.h>

/* A plane that is zero almost everywhere, as the pixels that are not: how a model is kept without a second
 * plane. */

struct pc_sparse {
    int64_t n, cap;
    int64_t *at;
    float *value;
};

/* s is zeroed before. */
int pc_sparse_pack(struct pc_sparse *s, const float *pix, int64_t npix, struct pc_err *err) PC_MUST_CHECK;
void pc_sparse_unpack(const struct pc_sparse *s, float *pix, int64_t npix);
void pc_sparse_fini(struct pc_sparse *s);

#endif
