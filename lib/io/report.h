/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_REPORT_H
#define PC_IO_REPORT_H

#include "io/workdir.h"

/* The short summary of a run for people: aligned columns, a line per channel. With a table of what is truly
 * in the sky (pc-mock's: lines "channel l_rad m_rad flux_jy", # begins a comment) the flux put in stands
 * beside the flux found. */
int pc_report(const struct pc_workdir *w, const char *truth_path, const char *(*stop_words)(int code),
              struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;

#endif
