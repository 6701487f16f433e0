/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_IMAGE_H
#define PC_CASA_IMAGE_H

#include "base/err.h"

#include <stdbool.h>

/* CASA images (directories) to FITS and back, by casacore's converter: pixels, coordinates, units, beams
 * (those of each channel in a BEAMS table) and what else headers say. The pixels that a CASA image masks are
 * NaN in FITS, and the other way about. A product grows under a temporary name beside its own and gets its
 * name when it is complete. */

struct pc_casaimage_conf {
    const char *src, *dst; /* dst "-": FITS to the standard output */
    bool overwrite;        /* else what exists is not touched: 73 */
    bool one;              /* to FITS: one channel only; keyword NCHAN then says how many there were */
    double freq_hz;        /* that with the nearest frequency; 0, and where the image has none: by number */
    int channel;           /* its number, counted from 0; an image of one channel serves for any */
    const char *version;   /* for ORIGIN */
    const char *tmpdir;    /* for what goes to the standard output; NULL: /tmp */
};

/* src is a CASA image of floats or doubles; axes RA, Dec, frequency, Stokes in FITS. */
int pc_casaimage_to_fits(const struct pc_casaimage_conf *conf, struct pc_err *err) PC_MUST_CHECK;
/* src is a FITS file: its first image. */
int pc_casaimage_from_fits(const struct pc_casaimage_conf *conf, struct pc_err *err) PC_MUST_CHECK;

#endif
