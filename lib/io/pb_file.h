/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PB_FILE_H
#define PC_IO_PB_FILE_H

#include "image/image.h"

/* The plane of a FITS image of a primary beam that serves a channel.
 *
 * Of several planes it is the one whose frequency is nearest to freq_hz, and head.freq_hz is set to that
 * plane's. Where the file gives no frequencies (no spectral axis, or velocities without a rest frequency) it
 * is plane `index`, 65 when there is none, and head.freq_hz is 0; a single plane without a frequency serves
 * all channels. Errors as pc_fits_load(). */
int pc_pb_file_load(const char *path, double freq_hz, int index, struct pc_image *im,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
