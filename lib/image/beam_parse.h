/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_PARSE_H
#define PC_IMAGE_BEAM_PARSE_H

#include "image/beam.h"

/* A beam as the user types it: "0.24arcsec" (round) or "0.24arcsec,0.19arcsec,-11.4deg", in brackets or not.
 * As in CASA bare numbers are arcsec for the axes and degrees for the position angle. PC_EX_USAGE when it is
 * none. */
int pc_beam_parse(const char *s, struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

#endif
