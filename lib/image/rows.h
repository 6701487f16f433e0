/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_ROWS_H
#define PC_IMAGE_ROWS_H

#include "base/err.h"

/* A plane as one who wants its rows sees it: held, sparse, in a file. */

struct pc_rows {
    /* Row y, nx pixels: 1; or 0 when all of them are 0, and pix may be left as it was; -1: failed. */
    int (*row)(void *ctx, int y, float *pix, struct pc_err *err);
    void *ctx;
};

#endif
