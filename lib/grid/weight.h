/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_WEIGHT_H
#define PC_GRID_WEIGHT_H

#include "grid/gridder.h"
#include "grid/taper.h"
#include "image/uvdensity.h"
#include "image/vis.h"

/* Imaging weights: spec/casa-imaging.md section 2. The density of samples in the uv plane as CASA counts it
 * for mfs and for all channels of a cube together (2.3), or for one channel of a cube by itself (2.5). */

enum pc_weighting {
    PC_WEIGHT_NATURAL,
    PC_WEIGHT_UNIFORM,
    PC_WEIGHT_BRIGGS,
    PC_WEIGHT_SUPERUNIFORM,
    PC_WEIGHT_RADIAL,
    PC_WEIGHT_BRIGGSABS,
    PC_WEIGHT_BRIGGSBWTAPER
};
/* Their names, "natural" first, as tclean has them. */
const char *pc_weighting_name(enum pc_weighting scheme);
bool pc_weighting_has_density(enum pc_weighting scheme);

struct pc_weight_conf {
    enum pc_weighting scheme;
    double robust;
    bool cube; /* density per channel as CASA's perchanweightdensity=True (2.5), else as for mfs (2.3); never
                  with superuniform */
    int nhand; /* hands that make the plane, 1 or 2: in a cube CASA's density counts each (casa-ref, note 7)
                */
    bool pseudo;     /* pseudoI: a sample counts its hands that are not flagged, see pc_natural_weight() */
    int npixels;     /* as in tclean, 0: its default. Superuniform and densities per channel: cells to each
                        side that a sample counts in; else the cells of the density are those of an image of
                        npixels x npixels */
    double noise_jy; /* of briggsabs */
    double fracbw;   /* of briggsbwtaper: bandwidth of the cube over its frequency */
    struct pc_taper taper;
};

/* PC_EX_USAGE when the configuration makes no sense for images of that geometry. */
int pc_weight_check(const struct pc_geom *geom, const struct pc_weight_conf *conf,
                    struct pc_err *err) PC_MUST_CHECK;

/* What became of the samples of the blocks weighed. */
struct pc_weight_count {
    int64_t nsample, nflagged, noutside; /* outside: beyond the grid of the image, weight 0 */
    double sumweight;                    /* of the imaging weights */
};

/* Density of all blocks of a channel, then weights into block->imweight (allocated when NULL). _new:
 * PC_EX_USAGE when the configuration makes no sense. */
struct pc_density;
int pc_density_new(struct pc_density **d, const struct pc_geom *geom, const struct pc_weight_conf *conf,
                   struct pc_err *err) PC_MUST_CHECK;
int pc_density_add(struct pc_density *d, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
int pc_density_weigh(struct pc_density *d, struct pc_visblock *b, struct pc_weight_count *count,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_density_free(struct pc_density *d);
/* Bytes a density holds at most, INT64_MAX for what no machine has; max_v: of its samples, wavelengths, 0: it
 * is not known. */
int64_t pc_density_mem_byte(const struct pc_geom *geom, const struct pc_weight_conf *conf, double max_v);

/* A density made once and used by many: its cells, borrowed, to be kept somewhere ... */
void pc_density_cells(struct pc_density *d, struct pc_uvdensity *cells);
/* ... and, after the cells that another density's pc_density_cells() gave have been filled again, in the
 * place of pc_density_add(). */
void pc_density_filled(struct pc_density *d, double deposited);

#endif
