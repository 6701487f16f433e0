/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_MODEL_H
#define PC_TOOLS_MEMEST_MODEL_H

#include "grid/weight.h"

#include <stdbool.h>
#include <stdint.h>

/* What the programs of a channel hold at their peaks: planes, masks and the engines' own figures. Upper
 * bounds: the uv plane is taken to be filled, masks to span the image, models to be dense. */

enum { MEMEST_PSF, MEMEST_GRID, MEMEST_MASK, MEMEST_CLEAN, MEMEST_RESTORE, MEMEST_NSTAGE };

struct memest_in {
    int nx, ny;
    int64_t nchan, vis_byte, niter, mem_byte; /* vis_byte: of one channel; mem_byte: of them held in memory */
    int npol, nthread;                        /* Stokes planes; threads of pc-psf and pc-grid */
    double accuracy;
    bool wide; /* they grid in double precision */
    enum pc_weighting weighting;
    int npixels;
    const char *deconvolver;
    int nscale; /* of multiscale */
    bool automask, nsigma, pbcor;
};
struct memest {
    int64_t mem_byte[MEMEST_NSTAGE]; /* peak of each program; 0: it is not needed */
    int64_t peak_byte;               /* the largest of these */
    double time_s[MEMEST_NSTAGE];    /* of one call, rough */
    double channel_s;                /* of all calls of a channel */
    int64_t bundle_byte, product_byte;
};
void memest_model(const struct memest_in *in, struct memest *out);

/* CASA's rule for one channel (spec/casa-imaging.md section 3.7: nine planes, padded by 1.2), and what pclean
 * takes. */
int64_t memest_tclean_byte(int nx, int ny);
int64_t memest_pclean_byte(int nx, int ny);

#endif
