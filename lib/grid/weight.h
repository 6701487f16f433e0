/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_WEIGHT_H
#define PC_GRID_WEIGHT_H

#include "grid/gridder.h"
#include "image/vis.h"

/* Imaging weights: spec/casa-imaging.md section 2. */

enum pc_weighting { PC_WEIGHT_NATURAL, PC_WEIGHT_UNIFORM, PC_WEIGHT_BRIGGS };

struct pc_weight_conf {
    enum pc_weighting scheme;
    double robust;
    bool cube; /* density per channel as CASA's perchanweightdensity=True (2.5), else as for mfs (2.3) */
};

/* Density of all blocks of a channel, then weights into block->imweight (allocated when NULL). */
struct pc_density;
int pc_density_new(struct pc_density **d, const struct pc_geom *geom, const struct pc_weight_conf *conf,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_density_add(struct pc_density *d, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
int pc_density_weigh(struct pc_density *d, struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
void pc_density_free(struct pc_density *d);

#endif
