/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_PUTMODEL_H
#define PC_CASA_PUTMODEL_H

#include "casa/ms_model.h"
#include "io/predicted.h"

/* The model's visibilities back into MODEL_DATA, in one pass over the rows of the MeasurementSet for all
 * channels (spec section 3.6).
 *
 * A channel of the data that one of the planes' samples was made from, or one within 1e-3 of its width, gets
 * that sample as it is; one between two samples of neighbouring planes the line through both; one at the edge
 * of the axis, not more than half a sample's width beyond, the nearest. Channels further away, and rows that
 * are not in the bundle, keep what they have. The phase centre is turned back from the image's to the
 * field's. */

struct pc_put_count {
    int64_t nrow;
    int64_t nsample; /* visibilities written, each correlation counted */
};

/* Those sheets whose MS has the name of this one, which is open for its model; it selects. phasecenter: NULL
 * or
 * "", or what pc-select had when the planes followed a source that moves. Sheets that do not belong to the
 * MS, or were turned to another place, are 65, before anything is written. */
int pc_put_model(const struct pc_predicted *p, struct pc_ms *ms, const char *phasecenter, int64_t mem_byte,
                 struct pc_put_count *count, struct pc_err *err) PC_MUST_CHECK;

#endif
