/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_IMAGE_FILE_H
#define PC_IO_IMAGE_FILE_H

#include "image/image.h"

/* The plane that serves a channel, of an image that somebody else made: a mask, a model, a primary beam. It
 * may be a FITS file, or the directory of a CASA image, which pc-image turns into FITS (an unlinked file in
 * tmpdir; of several channels only the one). */

struct pc_image_want {
    double freq_hz;     /* the channel with the nearest frequency; 0: by index alone */
    int index;          /* the channel, counted from 0, of images without frequencies */
    const char *tmpdir; /* NULL: /tmp */
};

/* A directory with a table in it, or a list of images. */
bool pc_image_file_is_casa(const char *path);

/* All Stokes planes of one channel, in pix. An image of one channel serves all. Of several it is the one
 * whose frequency is nearest to freq_hz, and head.freq_hz is set to that channel's; where the file gives no
 * frequencies (no spectral axis, or velocities without a rest frequency), or freq_hz is 0, it is channel
 * `index`, 65 when there is none, and of unknown frequencies head.freq_hz is 0. *nchan (may be NULL): how
 * many channels the file has. Errors as pc_fits_load(); 69 when pc-image, beside this program or in PATH, is
 * not there; its own exit status when it fails, and its sentence is on stderr by then. */
int pc_image_file_load(const char *path, const struct pc_image_want *want, struct pc_image *im, int *nchan,
                       struct pc_err *err) PC_MUST_CHECK;

/* A FITS file becomes a CASA image; pc-image does it. What exists is 73 without `overwrite`. 69 and its own
 * exit status as above. */
int pc_image_file_to_casa(const char *fits, const char *casa, bool overwrite,
                          struct pc_err *err) PC_MUST_CHECK;
/* All of a CASA image becomes a FITS file. */
int pc_image_file_to_fits(const char *casa, const char *fits, struct pc_err *err) PC_MUST_CHECK;

#endif
