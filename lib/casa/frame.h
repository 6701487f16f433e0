/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_FRAME_H
#define PC_CASA_FRAME_H

#include "casa/ms.h"

/* Frames of spectral axes. A change of frame is a factor, the same for all frequencies; it depends on the
 * time, the place of the array and the direction that is looked at: the field's phase centre. Not thread-safe
 * (casacore is not). */

/* FITS's word (SPECSYS; WCS paper III, table 12) for CASA's or its own: "TOPO", "TOPOCENT"; "LSRK" ... NULL:
 * there is no such frame. */
const char *pc_frame_specsys(const char *name);
/* The same for casacore's code of a frame (MEAS_FREQ_REF). */
const char *pc_frame_of_code(int code);
/* All of CASA's words, for sentences. */
extern const char *const pc_frame_names;

/* From here on every window of the MS (after pc_ms_select) has its frequencies in this frame: the factors of
 * its epochs, by casacore's measures, and info.specsys. */
int pc_ms_set_frame(struct pc_ms *ms, const char *specsys, struct pc_err *err) PC_MUST_CHECK;

#endif
