/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_VIEW_INPUT_H
#define PC_TOOLS_VIEW_INPUT_H

#include "base/err.h"

/* An image that is looked at, as a FITS file: itself, or what pc-image made of a CASA image, in a directory
 * below TMPDIR that is gone when it is closed. */
struct view_input {
    const char *path; /* of the FITS file */
    char dir[4096], made[4200];
};

/* path NULL: there is none. */
int view_input_open(struct view_input *in, const char *path, struct pc_err *err) PC_MUST_CHECK;
void view_input_close(struct view_input *in);

#endif
