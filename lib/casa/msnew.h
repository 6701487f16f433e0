/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MSNEW_H
#define PC_CASA_MSNEW_H

#include "base/err.h"

#include <stdint.h>

/* A MeasurementSet (version 2) being made: one field, one spectral window, ALMA's receptors. It grows under a
 * temporary name beside its own and gets its name when it is complete; what exists already is never
 * overwritten (73). */

struct pc_msnew;

struct pc_msnew_conf {
    const char *path;
    const char *field, *observer, *project;
    double ra_rad, dec_rad; /* J2000 */
    int nant;
    const double *xyz_m;   /* [nant][3], ITRF */
    const double *diam_m;  /* [nant] */
    int nchan, tile_chan;  /* of a tile, whose rows they are the fewer for */
    const double *freq_hz; /* [nchan], LSRK */
    double width_hz, restfreq_hz;
    int ncorr;
    const int *corr; /* FITS codes: -5 XX, -6 YY */
    int64_t nrow;
    double dt_s, time_begin_s, time_end_s;
};

/* Consecutive rows. weight and flag are per row and serve all its correlations and channels. */
struct pc_msnew_rows {
    int64_t first, n;
    const double *uvw_m, *time_s;
    const int *ant1, *ant2;
    float *vis_jy; /* [n][nchan][ncorr][2] */
    const float *weight;
    const unsigned char *flag;
};

int pc_msnew_open(struct pc_msnew **ms, const struct pc_msnew_conf *conf, struct pc_err *err) PC_MUST_CHECK;
int pc_msnew_put(struct pc_msnew *ms, const struct pc_msnew_rows *rows, struct pc_err *err) PC_MUST_CHECK;
/* Flushes and renames. Frees also when it fails. */
int pc_msnew_close(struct pc_msnew *ms, struct pc_err *err) PC_MUST_CHECK;
/* Removes what there is. */
void pc_msnew_abort(struct pc_msnew *ms);

#endif
