/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam_deconvolve.h"

#include <math.h>

/* Second moments (times a constant) along north, east and across. */
struct moments {
    double north, east, cross;
};

static struct moments moments_of(const struct pc_beam *b)
{
    double maj = b->maj_rad * b->maj_rad, min = b->min_rad * b->min_rad;
    double c = cos(b->pa_rad), s = sin(b->pa_rad);
    return (struct moments){maj * c * c + min * s * s, maj * s * s + min * c * c, 2 * (min - maj) * s * c};
}

enum pc_deconvolved pc_beam_deconvolve(const struct pc_beam *to, const struct pc_beam *from,
                                       struct pc_beam *diff)
{
    struct moments a = moments_of(to), b = moments_of(from);
    double north = a.north - b.north, east = a.east - b.east, cross = a.cross - b.cross;
    double s = north + east, t = hypot(north - east, cross);
    double least = fmin(to->min_rad, from->min_rad), limit = 0.1 * least * least;
    *diff = (struct pc_beam){0, 0, 0};
    if (north < 0 || east < 0 || s < t)
        return 0.5 * (s - t) < limit && north > -limit && east > -limit ? PC_DECONVOLVED_POINT
                                                                        : PC_DECONVOLVED_NOT;
    diff->maj_rad = sqrt(0.5 * (s + t));
    diff->min_rad = sqrt(0.5 * (s - t));
    diff->pa_rad = t == 0 ? 0 : 0.5 * atan2(-cross, north - east);
    return PC_DECONVOLVED;
}
