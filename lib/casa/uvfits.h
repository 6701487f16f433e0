/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_UVFITS_H
#define PC_CASA_UVFITS_H

#include "base/err.h"

/* UVFITS: visibilities as random groups (AIPS memo 117), made into a MeasurementSet by casacore, as CASA's
 * importuvfits does. Not thread-safe. */

/* 1: random groups; 0: not FITS; -1: FITS without them (65), or it cannot be read (74). */
int pc_uvfits_is(const char *path, struct pc_err *err) PC_MUST_CHECK;
/* `ms` must not be there. Damaged files are 65. */
int pc_uvfits_convert(const char *path, const char *ms, struct pc_err *err) PC_MUST_CHECK;

#endif
