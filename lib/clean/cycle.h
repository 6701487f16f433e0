/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_CYCLE_H
#define PC_CLEAN_CYCLE_H

#include "clean/control.h"
#include "clean/minor.h"

/* One turn of pc-clean on the planes of a channel: test whether cleaning stops, else one minor cycle, as
 * tclean's loop between two major cycles (spec/casa-imaging.md sections 1 and 5).
 *
 * Before the first minor cycle the test is made without a mask and then with it; later once, with it. Pixels
 * where the residual is not finite, or pb is not above pblimit, belong to nothing. The model with the lowest
 * peak so far is kept as `best`; stop codes 5 and 6 bring it back. Not thread-safe on the same planes. */

struct pc_clean_conf {
    struct pc_control_conf control;
    const struct pc_deconvolver *deconvolver;
    double gain;
    double sidelobe;    /* largest PSF sidelobe */
    double pbmask;      /* noise is measured where pb > pbmask */
    bool fastnoise;     /* noise over that whole region; else after clipping, or outside the mask */
    bool nsigma_median; /* the n-sigma level has the median added, as with automatic masks */
    bool whole_plane;   /* see pc_minor_in */
};

/* All [npol][ny][nx], the caller's. */
struct pc_clean_planes {
    int nx, ny, npol;
    float *residual; /* used up: outside pb it is blanked, and then cleaned */
    const float *psf;
    const float *pb;           /* NULL: 1 everywhere */
    double pblimit;            /* < 0: pb bounds nothing */
    const unsigned char *mask; /* the mask to clean with; NULL: everywhere */
    float *model;              /* the model the residual belongs to; components are added */
    float *best;               /* the best model before this one */
};

struct pc_clean_result {
    enum pc_stop stop;
    bool cleaned;       /* a minor cycle was run; it is state's last */
    bool model_changed; /* components added, or the best model restored */
    bool best_changed;  /* best is now the model as it came */
    double nsigma_jy;
};

/* Updates state, whose stopcode must be 0. */
int pc_clean_cycle(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes,
                   struct pc_state *state, struct pc_clean_result *result, struct pc_err *err) PC_MUST_CHECK;

#endif
