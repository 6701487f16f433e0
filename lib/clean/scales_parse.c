/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int pc_scales_parse(const char *text, struct pc_minor_options *o, struct pc_err *err)
{
    const char *p = text + strspn(text, "[ ");
    o->nscale = 0;
    for (;;) {
        char *end;
        double size = strtod(p, &end);
        if (end == p || !(size >= 0) || isinf(size))
            return pc_err_set(err, PC_EX_USAGE, "'%s': a size in pixels, 0 or more, belongs at '%s'", text,
                              p);
        if (o->nscale == PC_SCALES_MAX)
            return pc_err_set(err, PC_EX_USAGE, "'%s': more than %d sizes", text, PC_SCALES_MAX);
        o->scale_px[o->nscale++] = size;
        p = end + strspn(end, " ");
        if (*p != ',')
            break;
        p++;
    }
    if (p[strspn(p, "] ")] != '\0')
        return pc_err_set(err, PC_EX_USAGE, "'%s': '%s' is left over", text, p);
    qsort(o->scale_px, (size_t)o->nscale, sizeof o->scale_px[0], by_size);
    return 0;
}
