/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_TAPER_H
#define PC_GRID_TAPER_H

#include "base/err.h"

#include <stdbool.h>

/* A Gaussian taper of the imaging weights, tclean's uvtaper: spec/casa-imaging.md section 2.6. */

struct pc_taper {
    bool on;               /* false: 1 everywhere */
    double a, b;           /* exponents along the two axes, per wavelength squared */
    double sin_pa, cos_pa; /* of the position angle, north through east */
};

/* "400klambda" (half width at half maximum in the uv plane) or "0.3arcsec" (full width at half maximum in the
 * image); major axis, minor axis and position angle when it is elliptic, in brackets or not. A bare position
 * angle is in degrees; a width needs its unit. NULL, "" and "[]": none. PC_EX_USAGE when it is no taper. */
int pc_taper_parse(const char *s, struct pc_taper *t, struct pc_err *err) PC_MUST_CHECK;
/* What the weight of a sample at u, v (wavelengths) is multiplied by. */
double pc_taper_at(const struct pc_taper *t, double u, double v);

#endif
