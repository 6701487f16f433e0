/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_BEAMS_H
#define PC_IO_BEAMS_H

#include "image/beam.h"
#include "base/text.h"

/* The BEAMS binary table of a cube, as CASA writes it: a row per plane with BMAJ, BMIN (arcsec), BPA (deg),
 * CHAN and POL (from 0). A plane without a beam has zeros. */

/* Appends the whole extension, header and data; beam[p * nchan + k] is that of channel k, Stokes plane p. */
int pc_beams_format(const struct pc_beam *beam, int64_t nchan, int npol, struct pc_text *out,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
