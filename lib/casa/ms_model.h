/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MS_MODEL_H
#define PC_CASA_MS_MODEL_H

#include "casa/ms.h"

/* MODEL_DATA of a MeasurementSet, written. The table is locked for the whole time: one writer (73 for
 * another, and where it cannot be written to). A column that is missing is made, of zeros, and is on disk
 * whole before its first value is written: ended at any moment, the MeasurementSet stays valid, with some
 * samples written and others not. Not thread-safe. */

/* Locked; for pc_ms_select(), pc_ms_close() and what follows. */
int pc_ms_open_for_model(struct pc_ms **ms, const char *path, struct pc_err *err) PC_MUST_CHECK;
/* Whether n rows of a window are what row.fits says ([n][4]); 65 when they are not. */
int pc_ms_model_check(struct pc_ms *ms, int window, const double *row, int64_t n,
                      struct pc_err *err) PC_MUST_CHECK;
/* Makes the column when it is missing. */
int pc_ms_model_begin(struct pc_ms *ms, struct pc_err *err) PC_MUST_CHECK;

int pc_ms_model_uvw(struct pc_ms *ms, const double *row, int64_t n, double *uvw_m,
                    struct pc_err *err) PC_MUST_CHECK;
/* Channels chan0 .. chan0 + nchan - 1 of these rows, [n][nchan][ncorr][2]. */
int pc_ms_model_get(struct pc_ms *ms, int window, const double *row, int64_t n, int chan0, int nchan,
                    float *vis_jy, struct pc_err *err) PC_MUST_CHECK;
int pc_ms_model_put(struct pc_ms *ms, int window, const double *row, int64_t n, int chan0, int nchan,
                    float *vis_jy, struct pc_err *err) PC_MUST_CHECK;
/* To disk; 74 when that fails. */
int pc_ms_model_flush(struct pc_ms *ms, struct pc_err *err) PC_MUST_CHECK;

#endif
