/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CONCAT_SMOOTH_H
#define PC_TOOLS_CONCAT_SMOOTH_H

#include "tools/tool.h"

/* pc-concat --smooth-to: finished cubes with another beam. */

struct concat_smooth {
    const char *beam; /* as the user said it; "common": one for all the cubes */
    const char *imagename;
    bool overwrite;
};
/* The operands are FITS files or CASA images; IMAGENAME.PRODUCT.fits of each whose name ends in a product's,
 * else IMAGENAME.image.fits. */
int concat_smooth(const struct concat_smooth *s, struct pc_run *r, struct pc_err *err) PC_MUST_CHECK;

#endif
