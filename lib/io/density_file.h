/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_DENSITY_FILE_H
#define PC_IO_DENSITY_FILE_H

#include "base/text.h"
#include "image/uvdensity.h"

/* A density of visibilities as a file of a run: FITS, (nx, ny) float64, with the pixel of the image (CELL1,
 * CELL2, rad), the box (DENSBOX) and the sum of all cells (DENSSUM) in its header. */

/* Whole under its name, or not there: written beside it, fsync, rename. history: lines. */
int pc_density_file_save(const char *path, const struct pc_uvdensity *d, const char *history,
                         struct pc_err *err) PC_MUST_CHECK;
/* Fills d->cell and d->deposited. d says what geometry is wanted; a file of another one, and damage, is
 * PC_EX_DATA. */
int pc_density_file_load(const char *path, struct pc_uvdensity *d, struct pc_err *err) PC_MUST_CHECK;

#endif
