/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_QUANTITY_H
#define PC_BASE_QUANTITY_H

#include "base/err.h"

/* Numbers with units as CASA's users type them: "0.0046arcsec", "4mJy", "268.5GHz", "10km/s", "16GB". Parsed
 * to SI, Jy, radians and bytes; a bare number takes the unit CASA gives it (angle: arcsec; flux: Jy;
 * frequency: Hz; velocity: m/s; bytes: byte). Nothing else in pc parses units. Unknown units are PC_EX_USAGE
 * and list the right ones. */

enum pc_dim {
    PC_DIM_NONE = 0,
    PC_DIM_ANGLE,     /* rad: deg arcmin arcsec mas uas ' " rad mrad */
    PC_DIM_FLUX,      /* Jy: Jy mJy uJy kJy, each also with /beam */
    PC_DIM_FREQUENCY, /* Hz kHz MHz GHz */
    PC_DIM_VELOCITY,  /* m/s km/s */
    PC_DIM_BYTE,      /* B kB MB GB TB (1000) KiB MiB GiB TiB (1024), k M G T (1024) */
    PC_DIM_TIME,      /* s: s min h d ms */
    PC_DIM_UV         /* wavelengths: lambda klambda Mlambda */
};

/* The whole string must be one number and at most one unit. */
int pc_quantity_parse(const char *s, enum pc_dim dim, double *value_si, struct pc_err *err) PC_MUST_CHECK;
/* The dimension whose unit the string ends in; PC_DIM_NONE for a bare number; -1 when no unit is known by
 * that name. */
int pc_quantity_dim(const char *s);
/* The unit that parsed values are in: "rad", "Jy", "Hz", "m/s", "B", "s", "lambda"; "" for PC_DIM_NONE. */
const char *pc_dim_unit(enum pc_dim dim);
/* The best right name for a wrong one by edit distance, NULL when none is near. `names` ends with NULL. */
const char *pc_nearest_name(const char *wrong, const char *const *names);

#endif
