/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBE_COPY_H
#define PC_IO_CUBE_COPY_H

#include "io/cubefile.h"
#include "io/later.h"

/* The planes of a member to their place in a cube, block after block: no plane is held. Those that are not
 * changed on the way are copied as they are, by the kernel alone where it can (pc_fd_copy()); their sum is
 * then what their header says. What does not agree with its DATASUM stays so, and pc-check finds it in the
 * cube as in the bundle. */

/* NaN where the primary beam is not above the limit. A pb of fewer Stokes planes counts for all. */
struct pc_cube_blank {
    const struct pc_later *pb; /* NULL: nothing is blanked */
    double limit;
};

/* Writes channel k of all Stokes planes; sum[p] gets the DATASUM of each as if it stood alone. datasum: the
 * member's, 0 when it is not known. */
int pc_cube_copy(struct pc_cubefile *f, int64_t k, const struct pc_later *im, uint32_t datasum,
                 const struct pc_cube_blank *blank, uint32_t *sum, struct pc_err *err) PC_MUST_CHECK;

#endif
