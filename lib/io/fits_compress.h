/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_COMPRESS_H
#define PC_IO_FITS_COMPRESS_H

#include "base/err.h"

/* A FITS file's images compressed by tiles (a row each; FITS standard 4.0 section 10.1), through CFITSIO.
 * Tables are copied. The same bytes each time: dithering has a fixed seed, and no card says when. */

enum pc_fits_compress {
    PC_COMPRESS_GZIP, /* lossless */
    PC_COMPRESS_RICE  /* bytes: lossless; floats: in steps of 1/16 of a row's noise, dithered; NaN and 0 are
                         kept, rows without noise are lossless */
};
/* dst gets its name when it is complete. */
int pc_fits_compress(const char *src, const char *dst, enum pc_fits_compress how,
                     struct pc_err *err) PC_MUST_CHECK;

#endif
