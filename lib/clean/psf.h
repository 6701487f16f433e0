/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_PSF_H
#define PC_CLEAN_PSF_H

#include "base/err.h"

#include <stdint.h>

/* A psf to subtract at many places, or the part of one around its peak that can reach the pixels that matter:
 * with the largest |value| of its parts, which bounds what a component does to a tile of pixels without
 * looking at them. */

enum {
    PC_TILE_NX = 1024,
    PC_TILE_NY = 4
}; /* stays in the first cache with rows of psfs; long, to be fetched ahead */

struct pc_psf {
    const float *pix; /* borrowed: [ny][nx] */
    int nx, ny;
    int x, y; /* the pixel of its peak */
    /* largest[j * nbx + i]: of what a tile can see whose first pixel lies in the block from
     * ((i - lead) * block) on, counted from the psf's first pixel */
    float *largest;
    int nbx, nby;
};

int pc_psf_init(struct pc_psf *p, const float *pix, int nx, int ny, int x, int y,
                struct pc_err *err) PC_MUST_CHECK;
void pc_psf_fini(struct pc_psf *p);
/* At least the largest |psf| under the tile of pixels from (x, y) on when its peak is at (at_x, at_y); 0 when
 * they do not meet. */
float pc_psf_bound(const struct pc_psf *p, int x, int y, int at_x, int at_y);

#endif
