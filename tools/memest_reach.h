/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_REACH_H
#define PC_TOOLS_MEMEST_REACH_H

#include "io/fits.h"

/* How far baselines reach: the largest |u|, |v| and |w| of the uvw.fits of blocks, metres. Channels of a
 * directory share these files: each is read once, known again by its DATASUM and rows. Zeroed before use. */
struct memest_reach {
    struct memest_span {
        uint32_t datasum;
        int64_t nrow;
        double most_m[3];
    } * span;
    int n, cap;
};

/* The member whose header has just been read, of nrow rows: most_m[3] is raised to its. */
int memest_reach_raise(struct memest_reach *r, struct pc_pass *pass, uint32_t datasum, int64_t nrow,
                       double *most_m, struct pc_err *err) PC_MUST_CHECK;
void memest_reach_free(struct memest_reach *r);

#endif
