/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_SPARSE_H
#define PC_CLEAN_SPARSE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Planes that are zero almost everywhere, as the runs of pixels that are not: how a model is kept without a
 * plane. What is dense takes little more than its pixels. Every bit comes back, a -0 too. */

struct pc_sparse_run {
    int64_t at, first, n; /* pixels at .. at + n - 1 are value[first ...] */
};
struct pc_sparse {
    int64_t nrun, nvalue, cap_run, cap_value;
    struct pc_sparse_run *run; /* ascending */
    float *value;
};

/* Whether any of n pixels would be kept. */
bool pc_sparse_any(const float *pix, int64_t n);
/* Adds pixels first .. first + n - 1, beyond all that were added before; s is zeroed at the start. */
int pc_sparse_add(struct pc_sparse *s, int64_t first, const float *pix, int64_t n,
                  struct pc_err *err) PC_MUST_CHECK;
/* Whether any of these pixels is there; then pix gets them, zeros between them. */
bool pc_sparse_fill(const struct pc_sparse *s, int64_t first, int64_t n, float *pix);
/* All of a plane. */
int pc_sparse_pack(struct pc_sparse *s, const float *pix, int64_t npix, struct pc_err *err) PC_MUST_CHECK;
void pc_sparse_unpack(const struct pc_sparse *s, float *pix, int64_t npix);
void pc_sparse_fini(struct pc_sparse *s);

#endif
