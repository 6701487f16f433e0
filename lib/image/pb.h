/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_H
#define PC_IMAGE_PB_H

#include "base/log.h"
#include "image/image.h"

/* Primary beams (power patterns), spec/casa-imaging.md section 4.3: tables of 10000 samples whose index
 * truncates, as in CASA, to which the ALMA, ACA and SMA images agree within 2e-7, but for single pixels on
 * the edge of a sample (2e-4).
 *
 * Beams are round and the same for all correlations. The VLA's two hands look 6 % of a beam apart (squint),
 * to either side of the pointing and turning with the parallactic angle; CASA's imager leaves that out of .pb
 * unless told otherwise (its default is no squint), and in Stokes I it is an effect of second order, below
 * 0.3 % of the peak. So do we. */

enum pc_pb_kind { PC_PB_NONE, PC_PB_AIRY, PC_PB_SPHEROIDAL, PC_PB_EVLA };
struct pc_pb {
    enum pc_pb_kind kind;
    double dish_m, block_m; /* Airy; block 0: unblocked */
    double maxrad_1ghz_rad; /* zero beyond, scaled by 1 GHz / freq */
    const char *name;
};
/* The model CASA's standard gridder takes for that telescope and dish diameter (m; 0: unknown). Another
 * telescope: an unblocked Airy of the dish, or of the diameter that telescope is known to have; no dish
 * either: PC_PB_NONE, pb = 1, with a warning to the log. */
void pc_pb_choose(const char *telescop, double dish_m, struct pc_pb *pb, struct pc_log *log);
bool pc_pb_same(const struct pc_pb *a, const struct pc_pb *b);
/* CASA's table of the power pattern, power[PC_PB_TABLE]: out to maxrad_1ghz_rad, an angle at 1 GHz. Of
 * PC_PB_NONE there is none.
 */
enum { PC_PB_TABLE = 10000 };
void pc_pb_table(const struct pc_pb *pb, double freq_hz, float *power);
/* The voltage pattern, 1 in the middle, negative in every other sidelobe: v[i] at i * reach_rad / (n-1), an
 * angle at 1 GHz; 0 beyond the model's own reach. Of a model of the power it is the root. freq_hz counts for
 * the EVLA alone. */
void pc_pb_voltage(const struct pc_pb *pb, double freq_hz, double reach_rad, int n, double *v);

/* Fills one plane [ny][nx] for a pointing centre at (ra, dec); values <= |pblimit| become 0; peak <= 1. All
 * of it is 0 when the pointing is beyond the horizon of the phase centre. */
int pc_pb_fill(const struct pc_pb *pb, const struct pc_imhead *head, double freq_hz,
               const double pointing_rad[2], double pblimit, float *plane, struct pc_err *err) PC_MUST_CHECK;
/* Adds `scale` times the beam, without a limit: a plane of zeros and a scale of 1 make what fill makes. */
int pc_pb_add(const struct pc_pb *pb, const struct pc_imhead *head, double freq_hz,
              const double pointing_rad[2], double scale, float *plane, struct pc_err *err) PC_MUST_CHECK;

#endif
