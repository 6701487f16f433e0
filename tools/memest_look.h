/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_LOOK_H
#define PC_TOOLS_MEMEST_LOOK_H

#include "tools/memest_model.h"

/* What a bundle says of what imaging it takes: fills nchan and vis, from the channel with the most
 * visibilities, how far the samples of all channels reach, and where pc-psf has been at work the image and
 * how it was gridded (else these stay as they are). Pixels and visibilities are not read. */
int memest_look(const char *src, struct memest_in *in, struct pc_err *err) PC_MUST_CHECK;

#endif
