/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_STARTMODEL_H
#define PC_IO_STARTMODEL_H

#include "image/regrid.h"

/* A model to begin cleaning with (tclean's startmodel; spec/casa-imaging.md section 1): an image of any grid,
 * FITS or CASA, in Jy/pixel, as tclean wants it since CAS-14732. Its flux goes to the channel's grid without
 * loss (image/regrid.h), Stokes plane by Stokes plane of the same code. */

struct pc_startmodel_tally {
    struct pc_regrid_tally flux; /* of all planes */
    int nabsent;                 /* cubes whose channels end before this one: nothing of them was added */
};

/* What can be said before there is a channel: 66 when it is not there; 65 when it is neither a FITS image nor
 * the directory of a CASA image, or a FITS image in another unit. */
int pc_startmodel_check(const char *path, struct pc_err *err) PC_MUST_CHECK;

/* Adds the plane of channel `index` with the header `head` to pix[npol][ny][nx] and to the tally: of a cube
 * that of the nearest frequency, if the channel is within half a channel (the wider's) of it; where the file
 * has no frequencies that of the same index; an image of one channel serves all. 65: the unit is not
 * Jy/pixel, no Stokes plane is one of head's, no channel `index`, or a grid that pc_regrid_add() refuses.
 * Else as pc_image_file_load(). */
int pc_startmodel_add(const char *path, const struct pc_imhead *head, int index, const char *tmpdir,
                      float *pix, struct pc_startmodel_tally *tally, struct pc_err *err) PC_MUST_CHECK;

#endif
