/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_ACTIVE_H
#define PC_CLEAN_ACTIVE_H

#include "base/err.h"
#include "clean/psf.h"

#include <stdbool.h>
#include <stdint.h>

/* The active pixels of a plane: those a minor cycle looks at, as runs along rows in scan order (y outer, x
 * inner), and in tiles. A subtraction is only noted. Each tile knows a bound of its largest |value|, which
 * grows by what is noted, and is brought up to date when the bound says that it may have the peak: then all
 * that was noted since is subtracted, pixel by pixel in the order of the notes, while its pixels are in the
 * first cache. Blank (NaN or infinite) pixels are never active. Peaks, and pixels after pc_active_flush(),
 * equal those of a plain double loop over the plane to the last bit. One list, one thread. */

struct pc_run {
    int32_t y, x0, x1; /* pixels x0 <= x < x1 of row y, all in one tile */
};
struct pc_tile {
    int32_t x, y, nx, ny; /* its first pixel, and its size as far as it lies on the plane */
    int64_t first, end;   /* its runs, in by_tile */
    int64_t done;         /* notes that have been subtracted */
};
struct pc_note {
    const struct pc_psf *psf;
    int32_t x, y;
    float flux;
};
struct pc_active {
    int nx, ny;
    float *pix; /* borrowed: [ny][nx] */
    struct pc_run *run;
    int64_t nrun, cap, npix;
    int32_t *by_tile; /* numbers of runs, tile by tile, in scan order in each */
    struct pc_tile *tile;
    float *bound; /* of each tile: at least its largest |value|; exact when all notes are done */
    int64_t ntile;
    struct pc_note *note;
    int64_t nnote, cap_note;
};

/* Finite pixels where mask is (inside) or is not (!inside) set; a NULL mask is set everywhere. */
int pc_active_init(struct pc_active *a, float *pix, const unsigned char *mask, bool inside, int nx, int ny,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_active_fini(struct pc_active *a);

/* Largest |value|; 0 when nothing is active. Its position, the first in scan order, in *at (index into pix;
 * -1). */
float pc_active_peak(struct pc_active *a, int64_t *at);
/* pix -= flux * psf with its peak on pixel `at`, over the overlap, in single precision. The psf is borrowed
 * until the next flush. */
int pc_active_subtract(struct pc_active *a, const struct pc_psf *psf, int64_t at, float flux,
                       struct pc_err *err) PC_MUST_CHECK;
/* Brings all pixels up to date. */
void pc_active_flush(struct pc_active *a);

#endif
