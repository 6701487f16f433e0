/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_DIRECTION_H
#define PC_CASA_DIRECTION_H

#include "casa/ms.h"

/* The phase centre of the images to be, where it is not the field's own. Not thread-safe (casacore is not).
 *
 * A direction is written as in tclean: "J2000 10:00:00 +13.16.43", "ICRS 16h00m00s -40d00m00s",
 * "146.9899deg 13.2782deg" (J2000), or the number of a field. As casacore reads them, colons mean hours and
 * dots degrees. J2000 and ICRS stay; other frames of the fixed sky are converted to J2000.
 *
 * Or it is a source that moves, which images then follow from integration to integration: one of the solar
 * system that casacore knows ("JUPITER", "SUN"), an ephemeris table that it can read, or "TRACKFIELD", the
 * ephemeris that the MS has of the field itself. The images are in J2000, where it is at the first time. */

struct pc_direction {
    double rad[2];    /* ra 0 .. 2 pi, dec */
    char radesys[12]; /* FK5 or ICRS */
    char moving[512]; /* the name of a source that moves; else "" */
};

/* fields: the MS whose field numbers are meant. What cannot be understood is 64, a field there is not 66. */
int pc_direction_parse(const char *text, struct pc_ms *fields, struct pc_direction *d,
                       struct pc_err *err) PC_MUST_CHECK;
/* From here on every window of the MS (after pc_ms_select) has its image there, and a `shift`; its directions
 * are in d's frame. A centre below a field's horizon is 64. */
int pc_ms_recenter(struct pc_ms *ms, const struct pc_direction *d, struct pc_err *err) PC_MUST_CHECK;

/* Whether a selected field has an ephemeris in the MS, which its phase centre follows. */
int pc_ms_moves(struct pc_ms *ms, bool *moves, struct pc_err *err) PC_MUST_CHECK;

/* What the headers of all its windows say. */
void pc_ms_set_image(struct pc_ms *ms, const double image_rad[2]);

#endif
