/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_CUBE_H
#define PC_IO_FITS_CUBE_H

#include "image/beam.h"

/* What a FITS cube on its own says beyond one plane's header (pc_fits_load): how many channels there are, the
 * beam of each from a BEAMS table (columns BMAJ, BMIN, BPA, CHAN, POL; arcsec, deg), and its frequency from a
 * FREQ table, which cubes of ours have when their channels are not evenly spaced. Reads headers and the
 * tables only. */

struct pc_fits_cube {
    int nchan, npol;
    struct pc_beam *beam; /* [npol][nchan]; maj 0: none. NULL without a BEAMS table */
    double *freq_hz;      /* [nchan]; NULL without a FREQ table: the header's axis is right */
};

int pc_fits_cube_load(const char *path, struct pc_fits_cube *cube, struct pc_err *err) PC_MUST_CHECK;
void pc_fits_cube_fini(struct pc_fits_cube *cube);

#endif
