/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam_parse.h"

#include "base/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int pc_beam_split(const char *s, char part[3][PC_BEAM_PART])
{
    size_t len = strlen(s);
    int n = 0;
    if (len >= 2 && s[0] == '[' && s[len - 1] == ']')
        s++, len -= 2;
    while (n < 3) {
        size_t k = strcspn(s, ",");
        k = k < len ? k : len;
        if (k >= PC_BEAM_PART)
            return 4;
        snprintf(part[n++], PC_BEAM_PART, "%.*s", (int)k, s);
        if (k == len)
            return n;
        s += k + 1;
        len -= k + 1;
    }
    return 4;
}

int pc_beam_parse_angle(const char *s, const char *unit, double *rad, struct pc_err *err)
{
    char with_unit[PC_BEAM_PART + 8];
    snprintf(with_unit, sizeof with_unit, "%s%s", s, pc_quantity_dim(s) == PC_DIM_NONE ? unit : "");
    return pc_quantity_parse(with_unit, PC_DIM_ANGLE, rad, err);
}

int pc_beam_parse(const char *s, struct pc_beam *beam, struct pc_err *err)
{
    char part[3][PC_BEAM_PART];
    int n = pc_beam_split(s, part);
    *beam = (struct pc_beam){0, 0, 0};
    if (n != 1 && n != 3)
        return pc_err_set(err, PC_EX_USAGE,
                          "'%s' is no beam: give its width, or major axis, minor axis and position angle", s);
    if (pc_beam_parse_angle(part[0], "arcsec", &beam->maj_rad, err))
        return -1;
    beam->min_rad = beam->maj_rad;
    if (n == 3 && (pc_beam_parse_angle(part[1], "arcsec", &beam->min_rad, err) ||
                   pc_beam_parse_angle(part[2], "deg", &beam->pa_rad, err)))
        return -1;
    if (!(beam->min_rad > 0) || !(beam->maj_rad >= beam->min_rad) || !isfinite(beam->maj_rad))
        return pc_err_set(err, PC_EX_USAGE, "'%s' is no beam: the axes must be above 0, the major one first",
                          s);
    return 0;
}

char *pc_beam_text(const struct pc_beam *beam, char s[PC_BEAM_TEXT])
{
    const double arcsec = M_PI / 648000, degree = M_PI / 180;
    double maj = beam->maj_rad / arcsec, min = beam->min_rad / arcsec;
    snprintf(s, PC_BEAM_TEXT, "%.12garcsec,%.12garcsec,%.12gdeg", maj, min, beam->pa_rad / degree);
    return s;
}
