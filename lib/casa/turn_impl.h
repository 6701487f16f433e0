/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_TURN_IMPL_H
#define PC_CASA_TURN_IMPL_H

#include "casa/scratch.h"
#include "casa/turn.h"
#include "casa/turning.h"

/* What turn.c plans, turn_fill.c fills (by rows that turn_read.c reads), and turn_put.c writes. In the
 * scratch come first uvw and row of every block, then, unless they are filled into the members of a
 * directory, for every wanted plane the vis and weight of its blocks; all big-endian. */

/* The members of a block, in travel order. */
enum { PC_TURN_UVW, PC_TURN_FREQ, PC_TURN_VIS, PC_TURN_WEIGHT, PC_TURN_ROW, PC_TURN_NMEMBER };
extern const char *const pc_turn_member[PC_TURN_NMEMBER];

struct pc_turn_feed {
    const struct pc_ms_window *w;
    struct pc_resample r;
    int64_t rows_per_block;
    int block0, nblock;        /* its blocks */
    struct pc_contsub contsub; /* nchan 0: none */
};

struct pc_turn_block {
    int feed;
    int64_t first, nrow;       /* rows of the window */
    int64_t uvw_at, row_at;    /* offsets in the scratch */
    uint32_t uvw_sum, row_sum; /* DATASUM */
    int first_chan;            /* the channel that was put first, -1: none yet; and what it is called there */
    int first_name;
    struct pc_visblock shape; /* borrows what it points to */
    struct pc_vis_head head[PC_TURN_NMEMBER];
};

struct pc_turn_share { /* of a block in a plane */
    int64_t at;        /* its vis in the scratch, the weights follow; -1: the plane has no such block */
    int name;          /* the block's number in the plane */
    uint32_t vis, weight;
};

struct pc_turn {
    struct pc_turn_conf conf;
    struct pc_turn_feed *feed; /* [gather->n] */
    struct pc_turn_block *block;
    int nblock;
    struct pc_turn_share *share; /* [nwanted][nblock] */
    struct pc_turn_count *count; /* [nwanted] */
    struct pc_contsub_count unfit;
    struct pc_text history;
    int64_t scratch_byte;
    struct pc_scratch *scratch;
};

/* Samples of one row of a block. */
static inline int64_t pc_turn_row_size(const struct pc_turn_feed *f)
{
    return (int64_t)f->r.nper * f->w->ncorr;
}

static inline struct pc_turn_share *pc_turn_share(const struct pc_turn *t, int q, int block)
{
    return &t->share[(int64_t)q * t->nblock + block];
}

/* ---- reading: turn_read.c ---- */

/* Buffers for as many rows as a chunk has. */
struct pc_turn_chunk {
    int64_t rows;
    double *uvw, *row;
    int *epoch;
    float *vis, *weight;
};

/* Rows of one block that are read together, in a chunk's buffers. */
struct pc_turn_piece {
    const struct pc_turn_feed *f;
    struct pc_turn_block *b;
    int64_t at, n; /* rows of the block */
    const struct pc_turn_chunk *c;
};

/* The way through the MSs: windows take turns, so that each tile of a file is read once. */
struct pc_turn_walk {
    const struct pc_turn *t;
    int64_t chunk_rows, *first; /* of each window, the next row */
    int feed, ms_feed;          /* now; the first of its MS */
    int64_t end;                /* MS rows up to where it goes before the next window's turn */
};

/* The next rows to read, without p->c; false: there are no more. */
bool pc_turn_next(struct pc_turn_walk *k, struct pc_turn_piece *p);
/* Reads them into p->c, and puts what all planes share into the scratch. */
int pc_turn_read(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_err *err) PC_MUST_CHECK;

/* ---- turning: turn_piece.c ---- */

enum { PC_TURN_TILE_ROW = 32 }; /* rows turned at a time: their channels stay in cache */

/* A thread's own place to work. */
struct pc_turn_bench {
    char *stage;         /* the rows of a piece, for the planes of a task, when they go to files */
    float *vis, *weight; /* a tile of interpolated rows */
    struct pc_tap *tap;  /* of one epoch */
    struct pc_turning turning;
};

/* Whether shares go to files, in long pieces. */
bool pc_turn_is_staged(const struct pc_turn *t);
/* Turns rows that have been read into planes q0 .. q1-1; threads may do different planes at a time. */
int pc_turn_piece_do(struct pc_turn *t, const struct pc_turn_piece *p, struct pc_turn_bench *w, int q0,
                     int q1, struct pc_err *err) PC_MUST_CHECK;

#endif
