/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_BEAM_PARSE_H
#define PC_IMAGE_BEAM_PARSE_H

#include "image/beam.h"

/* A beam as the user types it: "0.24arcsec" (round) or "0.24arcsec,0.19arcsec,-11.4deg", in brackets or not.
 * As in CASA bare numbers are arcsec for the axes and degrees for the position angle. PC_EX_USAGE when it is
 * none. */
int pc_beam_parse(const char *s, struct pc_beam *beam, struct pc_err *err) PC_MUST_CHECK;

/* The same way round, with 12 digits: "0.24arcsec,0.19arcsec,-11.4deg"; returns s. */
enum { PC_BEAM_TEXT = 96 };
char *pc_beam_text(const struct pc_beam *beam, char s[PC_BEAM_TEXT]);

/* The pieces of such a text. Cuts at commas, takes brackets off; returns the number of parts, 4 when there
 * are too many or one is too long. */
enum { PC_BEAM_PART = 40 };
int pc_beam_split(const char *s, char part[3][PC_BEAM_PART]);
/* An angle; a bare number is in `unit`. */
int pc_beam_parse_angle(const char *s, const char *unit, double *rad, struct pc_err *err) PC_MUST_CHECK;

#endif
