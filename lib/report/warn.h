/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_WARN_H
#define PC_REPORT_WARN_H

#include "report/runinfo.h"

/* What somebody who uses the cube should know first, as sentences, one a line: channels that failed, are
 * blank or not done; cleaning that ended before its threshold; channels that stand out by their noise or
 * beam; what took more than was predicted; the tools' own warnings, each once. Nothing when all is well. */
int pc_report_warnings(const struct pc_runinfo *r, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;

#endif
