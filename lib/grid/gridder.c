/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/gridder.h"

#include "grid/engines.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct pc_gridder_ops *const engine[] = {&pc_gridder_2d, &pc_gridder_w};

const struct pc_gridder_ops *pc_gridder_find(const char *name)
{
    for (size_t i = 0; i < sizeof engine / sizeof engine[0]; i++)
        if (strcmp(engine[i]->name, name) == 0)
            return engine[i];
    return NULL;
}

int pc_geom_holds(const struct pc_geom *geom, double u, double v)
{
    return fabs(u * geom->cell_rad[0]) <= 0.5 && fabs(v * geom->cell_rad[1]) <= 0.5;
}

double pc_geom_wphase_rad(const struct pc_geom *geom, double max_w)
{
    double l = (double)(geom->nx / 2) * geom->cell_rad[0], m = (double)(geom->ny / 2) * geom->cell_rad[1];
    double r2 = fmin(l * l + m * m, 1);
    return 2 * M_PI * max_w * (r2 / (1 + sqrt(1 - r2))); /* 1-n without cancellation */
}
