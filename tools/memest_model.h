/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_MODEL_H
#define PC_TOOLS_MEMEST_MODEL_H

#include "grid/stokes.h"
#include "grid/weight.h"

#include <stdbool.h>
#include <stdint.h>

/* What the programs of a channel hold at their peaks: planes, masks and the engines' own figures. Upper
 * bounds where nothing better is known: the uv plane is filled, masks span the image, models are dense. */

enum { MEMEST_PSF, MEMEST_GRID, MEMEST_MASK, MEMEST_CLEAN, MEMEST_RESTORE, MEMEST_NSTAGE };

extern const char *const memest_stages[MEMEST_NSTAGE];

/* The visibilities of a channel. */
struct memest_vis {
    int64_t nsample;
    int64_t bundle_byte;         /* members, all of them */
    int64_t psf_byte, grid_byte; /* what pc-psf and pc-grid hold of them when there is room */
    int64_t block_byte;          /* the same of the largest block: held even when there is none */
};
/* Of nsample samples in nrow rows of one block; row.fits is held by pc-psf only where dishes differ. */
void memest_vis_of(struct memest_vis *vis, int64_t nrow, int64_t nsample, int ncorr, bool dishes_differ);

struct memest_in {
    int64_t process_byte; /* of a program's code and libraries, as this one's */
    int nx, ny;
    double cell_rad[2];             /* counts only where max_u or max_v are known */
    double max_u, max_v, max_w;     /* how far samples reach, wavelengths; max_u 0: not known */
    int64_t nchan, niter, mem_byte; /* mem_byte: visibilities held in memory */
    struct memest_vis vis;
    int npol, nthread;       /* Stokes planes; threads of pc-psf and pc-grid */
    struct pc_planes planes; /* these */
    struct pc_err mismatch;  /* code 0: the visibilities make these planes; else which they lack */
    double accuracy;
    bool wide;  /* they grid in double precision */
    bool wterm; /* and with the w-term, in several terms, for all that is known */
    enum pc_weighting weighting;
    int npixels;
    const char *deconvolver;
    int nscale; /* of multiscale */
    bool masked, automask, nsigma, pbcor;
    bool rebeam; /* pc-restore brings the residual to another beam */
};
struct memest {
    int64_t mem_byte[MEMEST_NSTAGE]; /* peak of each program; 0: it is not needed */
    bool bound[MEMEST_NSTAGE];       /* it may be far less: for want of knowing better, an upper bound */
    int64_t peak_byte;               /* the largest of these */
    double time_s[MEMEST_NSTAGE];    /* of one call, rough */
    double channel_s;                /* of all calls of a channel */
    int64_t bundle_byte, product_byte;
    int block; /* channels for one job, so that starting programs is a small part of it */
};
void memest_model(const struct memest_in *in, struct memest *out);
/* channel_s of time_s, and block of channel_s. */
void memest_channel_time(const struct memest_in *in, struct memest *out);
void memest_block(struct memest *out);

/* CASA's rule for one channel (spec/casa-imaging.md section 3.7: nine planes, padded by 1.2), and what pclean
 * takes. */
int64_t memest_tclean_byte(int nx, int ny);
int64_t memest_pclean_byte(int nx, int ny);

#endif
