/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_when.h"

#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcsmath.h>

#include <stdio.h>

int pc_fits_when_derive(const char *date, const double obsgeo_m[3], struct pc_fits_when *when,
                        struct pc_err *err)
{
    struct wcsprm wcs = {.flag = -1};
    *when = (struct pc_fits_when){0};
    if (wcsini(1, 2, &wcs))
        return pc_err_set(err, PC_EX_NOMEM, "no memory for coordinates");
    if (date[0]) {
        snprintf(wcs.dateobs, sizeof wcs.dateobs, "%s", date);
        when->has_mjd = datfix(&wcs) <= 0 && !undefined(wcs.mjdobs);
        when->mjd = when->has_mjd ? wcs.mjdobs : 0;
    }
    if (obsgeo_m[0] != 0 || obsgeo_m[1] != 0 || obsgeo_m[2] != 0) {
        for (int i = 0; i < 3; i++)
            wcs.obsgeo[i] = obsgeo_m[i];
        when->has_site = obsfix(0, &wcs) <= 0 && !undefined(wcs.obsgeo[3]);
    }
    if (when->has_site) {
        when->longitude_deg = wcs.obsgeo[3];
        when->latitude_deg = wcs.obsgeo[4];
        when->height_m = wcs.obsgeo[5];
    }
    wcsfree(&wcs);
    return 0;
}
