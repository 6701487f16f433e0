/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MOCK_H
#define PC_CASA_MOCK_H

#include "base/err.h"

#include <stdint.h>

/* A simulated observation: an ALMA-like array, a sky of point components in each channel, and
 *     V(u,v,w) = sum of flux exp(+2 pi i nu/c (ul + vm + w(n-1))) + noise,
 * UVW in metres as a MeasurementSet stores them. No primary beam: fluxes are apparent ones. Random numbers
 * are counted by row and channel (casa/portable.h): the same seed gives the same data everywhere, in any
 * order. */

enum pc_mock_sky { PC_MOCK_DISC, PC_MOCK_POINTS, PC_MOCK_SHELL, PC_MOCK_EMPTY };

struct pc_mock_conf {
    int nant, nchan, ncorr;
    int64_t ntime;
    double bmax_m;            /* diameter of the array */
    double freq_hz, width_hz; /* centre of the axis, where the line is; signed step */
    double dt_s, hours;       /* length of an integration; of the track, centred on transit */
    double dec_rad;
    double noise_jy; /* rms of real and imaginary part where the relative weight is 1 */
    double flagged;  /* fraction of rows */
    uint64_t seed;
    int sky; /* enum pc_mock_sky */
};

/* Components, channel by channel: those of channel c are start[c] .. start[c+1]-1. */
struct pc_mock_points {
    int nchan;
    int64_t *start; /* [nchan+1] */
    double *l_rad, *m_rad, *flux_jy;
};

int pc_mock_points_init(struct pc_mock_points *p, const struct pc_mock_conf *conf,
                        struct pc_err *err) PC_MUST_CHECK;
void pc_mock_points_fini(struct pc_mock_points *p);

double pc_mock_freq(const struct pc_mock_conf *conf, int chan);
extern const double pc_mock_ra_rad; /* of the field */
/* ITRF, [nant][3]. */
void pc_mock_antennas(const struct pc_mock_conf *conf, double *xyz_m);
/* Time-ordered; within a time all pairs antenna 1 < antenna 2. */
int64_t pc_mock_row_count(const struct pc_mock_conf *conf);
/* Times (MJD) of the first and last integration. */
void pc_mock_span(const struct pc_mock_conf *conf, double *begin_s, double *end_s);

/* Rows first .. first+n-1 of the observation, into the caller's arrays. */
struct pc_mock_rows {
    int64_t first, n;
    double *uvw_m;       /* [n][3] */
    double *time_s;      /* [n], MJD */
    int *ant1, *ant2;    /* [n] */
    float *vis_jy;       /* [n][nchan][ncorr][2] */
    float *weight;       /* [n], 1/Jy^2 (relative when there is no noise) */
    unsigned char *flag; /* [n] */
};
void pc_mock_make_rows(const struct pc_mock_conf *conf, const struct pc_mock_points *sky, const double *xyz_m,
                       struct pc_mock_rows *rows);

#endif
