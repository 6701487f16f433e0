/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CONCAT_EXPORT_H
#define PC_TOOLS_CONCAT_EXPORT_H

#include "io/cube.h"

/* pc-concat's products in other forms than plain FITS: CASA images, and FITS compressed by tiles. They are
 * made of the finished cubes. */

enum concat_format { CONCAT_FITS, CONCAT_CASA, CONCAT_BOTH };
enum concat_compress { CONCAT_NONE, CONCAT_SMALL, CONCAT_GZIP, CONCAT_RICE };
#define CONCAT_FORMATS "fits|casa|both"
#define CONCAT_COMPRESS "none|small|gzip|rice"

struct concat_export {
    enum concat_format format;
    enum concat_compress compress;
    const char *imagename;
    bool overwrite;
    char keep[128]; /* products of which there will be no plain FITS file, comma-separated */
};

/* Fills keep; 73 when something of a name to come exists and may not be replaced: what this very cube was
 * exported as before may be. */
int concat_export_prepare(struct concat_export *e, const struct pc_cube *cube,
                          struct pc_err *err) PC_MUST_CHECK;
/* After pc_cube_finish(). */
int concat_export(const struct concat_export *e, const struct pc_cube *cube,
                  struct pc_err *err) PC_MUST_CHECK;

#endif
