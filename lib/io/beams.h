/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_BEAMS_H
#define PC_IO_BEAMS_H

#include "image/beam.h"
#include "base/text.h"

/* The BEAMS binary table of a cube, as CASA writes it: a row per plane with BMAJ, BMIN (arcsec), BPA (deg),
 * CHAN and POL (from 0). */

/* A blank plane, which has no beam, gets that of the nearest channel that has one (of its Stokes plane, else
 * of another): casacore refuses tables with zeros, NaNs or missing rows, spectral-cube those with missing
 * rows, and a beam that is there already does not widen a common one. Where no plane has a beam none gets
 * one. beam[p * nchan + k] is that of channel k, Stokes plane p. */
void pc_beams_fill(struct pc_beam *beam, int64_t nchan, int npol);

/* Appends the whole extension, header and data. */
int pc_beams_format(const struct pc_beam *beam, int64_t nchan, int npol, struct pc_text *out,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
