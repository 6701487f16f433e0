/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/taper.h"

#include "base/quantity.h"
#include "image/beam_parse.h"

#include <math.h>
#include <string.h>

/* The exponent of one axis, from its width in wavelengths or as an angle. For the angle the constant of casa6
 * since CAS-13260; before, it was 4 ln 2. */
static int parse_width(const char *s, const char *whole, double *exponent, struct pc_err *err)
{
    const int dim = pc_quantity_dim(s);
    double width = 0;
    if (dim != PC_DIM_UV && dim != PC_DIM_ANGLE)
        return pc_err_set(
            err, PC_EX_USAGE,
            "\"%s\" in the uv taper \"%s\": wanted is a width in the uv plane (lambda, klambda, "
            "Mlambda) or in the image (arcsec, mas, deg ...)",
            s, whole);
    if (pc_quantity_parse(s, (enum pc_dim)dim, &width, err) != 0)
        return -1;
    *exponent = dim == PC_DIM_UV ? M_LN2 / (width * width) : M_PI * M_PI / (4 * M_LN2) * (width * width);
    if (!(width > 0) || !isfinite(*exponent))
        return pc_err_set(err, PC_EX_USAGE, "\"%s\" in the uv taper \"%s\": a width is above 0", s, whole);
    return 0;
}

int pc_taper_parse(const char *s, struct pc_taper *t, struct pc_err *err)
{
    char part[3][PC_BEAM_PART];
    double pa_rad = 0;
    *t = (struct pc_taper){0};
    if (s == NULL || s[0] == '\0' || strcmp(s, "[]") == 0)
        return 0;
    int n = pc_beam_split(s, part);
    if (n > 3)
        return pc_err_set(
            err, PC_EX_USAGE,
            "\"%.80s\" is no uv taper: give its width, or major axis, minor axis and position angle", s);
    if (parse_width(part[0], s, &t->a, err) != 0)
        return -1;
    t->b = t->a;
    if (n > 1) {
        if (parse_width(part[1], s, &t->b, err) != 0)
            return -1;
        if (pc_quantity_dim(part[0]) != pc_quantity_dim(part[1]))
            return pc_err_set(err, PC_EX_USAGE,
                              "the uv taper \"%s\" has one axis in the uv plane and one in the image", s);
    }
    if (n > 2 && pc_beam_parse_angle(part[2], "deg", &pa_rad, err) != 0)
        return -1;
    t->on = true;
    t->sin_pa = sin(pa_rad);
    t->cos_pa = cos(pa_rad);
    return 0;
}

double pc_taper_at(const struct pc_taper *t, double u, double v)
{
    if (!t->on)
        return 1;
    double ru = t->sin_pa * u + t->cos_pa * v, rv = t->sin_pa * v - t->cos_pa * u;
    return exp(-t->a * ru * ru - t->b * rv * rv);
}
