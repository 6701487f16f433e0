/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURN_IMPL_H
#define PC_CASA_TURN_IMPL_H

#include "casa/scratch.h"
#include "casa/turn.h"

/* Where things are in the scratch, for turn.c, which fills it, and turn_put.c, which reads it. First come uvw
 * and row of every block, then for every wanted plane the vis and weight of every block; all big-endian. */

struct pc_turn_feed {
    const struct pc_ms_window *w;
    int *chan; /* [nplane][nper] */
    int nper;
    int lo, nspan; /* channels lo .. lo + nspan - 1 are read */
    int64_t rows_per_block;
    int block0;                /* its first block */
    struct pc_contsub contsub; /* nchan 0: none */
};

struct pc_turn_block {
    int feed;
    int64_t first, nrow;       /* rows of the window */
    int64_t uvw_at, row_at;    /* offsets in the scratch */
    int64_t vis_at, weight_at; /* offsets in a plane */
    uint32_t uvw_sum, row_sum; /* DATASUM */
};

struct pc_turn_sum { /* of one block in one plane */
    uint32_t vis, weight;
    double total; /* of the weights */
};

struct pc_turn {
    struct pc_turn_conf conf;
    struct pc_turn_feed *feed; /* [gather->n] */
    struct pc_turn_block *block;
    int nblock;
    struct pc_turn_sum *sum; /* [nwanted][nblock] */
    int64_t planes_at, plane_byte;
    struct pc_scratch *scratch;
    struct pc_turn_count count;
    int first_put; /* channel whose uvw.fits others link to; -1: none yet */
};

static inline int64_t pc_turn_plane_at(const struct pc_turn *t, int i)
{
    return t->planes_at + (int64_t)i * t->plane_byte;
}

/* Samples of one row of a block. */
static inline int64_t pc_turn_row_size(const struct pc_turn_feed *f)
{
    return (int64_t)f->nper * f->w->ncorr;
}

#endif
