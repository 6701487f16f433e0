/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_WEIGHT_H
#define PC_GRID_WEIGHT_H

#include "grid/gridder.h"
#include "image/vis.h"

/* Imaging weights: spec/casa-imaging.md section 2. Natural, uniform and Briggs; the density of samples in the
 * uv plane as CASA counts it for mfs (2.3), or for one channel of a cube by itself (2.5). */

enum pc_weighting { PC_WEIGHT_NATURAL, PC_WEIGHT_UNIFORM, PC_WEIGHT_BRIGGS };

struct pc_weight_conf {
    enum pc_weighting scheme;
    double robust;
    bool cube; /* density per channel as CASA's perchanweightdensity=True (2.5), else as for mfs (2.3) */
    int nhand; /* hands that make the plane, 1 or 2: in a cube CASA's density counts each (casa-ref, note 7)
                */
};

/* What became of the samples of the blocks weighed. */
struct pc_weight_count {
    int64_t nsample, nflagged, noutside; /* outside: beyond the grid of the image, weight 0 */
    double sumweight;                    /* of the imaging weights */
};

/* Density of all blocks of a channel, then weights into block->imweight (allocated when NULL). */
struct pc_density;
int pc_density_new(struct pc_density **d, const struct pc_geom *geom, const struct pc_weight_conf *conf,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_density_add(struct pc_density *d, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
int pc_density_weigh(struct pc_density *d, struct pc_visblock *b, struct pc_weight_count *count,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_density_free(struct pc_density *d);
/* Bytes a density holds, INT64_MAX for what no machine has. */
int64_t pc_density_mem_byte(const struct pc_geom *geom, const struct pc_weight_conf *conf);

#endif
