/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MODEL_IN_H
#define PC_TOOLS_MODEL_IN_H

#include "clean/sparse.h"
#include "io/later.h"

/* The model of a channel as it came: the pixels that are not 0, as models go a few; but one that is dense
 * stays where it lies in a file, and is read there. Zeroed before use. */

struct model_in {
    bool there;
    struct pc_later file;    /* its head; and the file, where it stays in one */
    struct pc_sparse sparse; /* empty when is_dense */
    bool is_dense, is_zero;
    uint32_t datasum;
};

/* The member just given. */
int model_in_take(struct model_in *m, struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
/* The most that is held of one that lies in a file. */
int64_t model_in_mem_byte(int64_t npix);
void model_in_fini(struct model_in *m);
/* Pixels first .. first + n - 1, counted through all planes: 1; 0 when all of them are 0, and pix may be left
 * as it was; -1. Of one that is not there all are. */
int model_in_fill(const struct model_in *m, int64_t first, int64_t n, float *pix,
                  struct pc_err *err) PC_MUST_CHECK;

#endif
