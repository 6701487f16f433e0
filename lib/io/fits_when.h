/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_WHEN_H
#define PC_IO_FITS_WHEN_H

#include "base/err.h"

#include <stdbool.h>

/* When and where, as FITS may say it twice: what follows from DATE-OBS and OBSGEO-X, -Y, -Z by WCSLIB, whose
 * readers (astropy among them) complete the one from the other and say so, unless both are there. */

struct pc_fits_when {
    bool has_mjd, has_site;
    double mjd; /* in the time scale of the date */
    double longitude_deg, latitude_deg, height_m;
};
/* date: "" for none; obsgeo_m: zeros for none. What cannot be read is left out. */
int pc_fits_when_derive(const char *date, const double obsgeo_m[3], struct pc_fits_when *when,
                        struct pc_err *err) PC_MUST_CHECK;

#endif
