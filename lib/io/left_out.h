/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_LEFT_OUT_H
#define PC_IO_LEFT_OUT_H

#include "base/text.h"

/* What of the visibilities does not count, and why: as 00plane says it of a channel, and WORK/selected of a
 * run. */

/* Why a sample does not count. */
enum pc_left_out {
    PC_LEFT_ZERO,    /* a weight of 0 */
    PC_LEFT_FLAGGED, /* FLAG, FLAG_ROW */
    PC_LEFT_NAN,     /* a visibility that is not finite */
    PC_LEFT_WEIGHT,  /* a weight that is negative or not finite */
    PC_LEFT_OUTSIDE, /* no selected channel of the data is there */
    PC_LEFT_NREASON
};

/* "flagged" and so on: keys of 00plane, and of the records made of it. */
extern const char *const pc_left_out_name[PC_LEFT_NREASON];

/* From 00plane into another record: "visibilities", and those of each reason; what is not there (a bundle
 * that pc-select did not make) is left out. */
int pc_left_out_copy(const struct pc_record *plane, struct pc_record *out, struct pc_err *err) PC_MUST_CHECK;

/* A record of sums, as pc-select's last line has them, in a sentence that begins "of 1200 visibilities"
 * without a full stop; nothing when it has no "visibilities". */
void pc_left_out_words(const struct pc_record *total, struct pc_text *out);

#endif
