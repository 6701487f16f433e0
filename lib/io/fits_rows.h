/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_ROWS_H
#define PC_IO_FITS_ROWS_H

#include "base/err.h"

/* Rows of the planes of an image file, in any order, for what goes through a whole cube: any BITPIX, scaled,
 * compressed by tiles or not, as floats. Blank pixels are NaN. One open file, one thread. */

struct pc_fits_rows;

int pc_fits_rows_open(struct pc_fits_rows **rows, const char *path, struct pc_err *err) PC_MUST_CHECK;
/* n rows from row y of channel k, Stokes plane p, all counted from 0. */
int pc_fits_rows_read(struct pc_fits_rows *rows, int p, int k, int y, int n, float *pix,
                      struct pc_err *err) PC_MUST_CHECK;
void pc_fits_rows_close(struct pc_fits_rows *rows);

#endif
