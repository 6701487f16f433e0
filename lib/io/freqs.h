/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FREQS_H
#define PC_IO_FREQS_H

#include "base/text.h"

/* The FREQ binary table of a cube whose channels are not evenly spaced: a row per channel with CHAN (from 0)
 * and FREQ (Hz). Appends the whole extension. */
int pc_freqs_format(const double *freq_hz, int nchan, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;

#endif
