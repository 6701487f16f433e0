/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_PRIV_H
#define PC_IO_FITS_PRIV_H

#include "base/err.h"

#include <fitsio.h>

/* FITS files on their own through CFITSIO, shared by fits_*.c. */

/* The sentence of a CFITSIO status; PC_EX_DATA. Returns -1. */
int pc_fits_error(const char *path, int status, struct pc_err *err);
/* At its first image, compressed by tiles or not. PC_EX_NOINPUT, PC_EX_DATA. */
int pc_fits_open_image(const char *path, fitsfile **f, struct pc_err *err) PC_MUST_CHECK;

/* Which axes of an image (from 0) are spectral and Stokes: beyond the second, longer than 1, and not STOKES
 * or STOKES; -1: none. The last one counts when there are several. */
struct pc_fits_axes {
    int naxis, spectral, stokes;
    LONGLONG n[9];
};
int pc_fits_axes_read(fitsfile *f, const char *path, struct pc_fits_axes *axes,
                      struct pc_err *err) PC_MUST_CHECK;

#endif
