/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_CYCLE_H
#define PC_CLEAN_CYCLE_H

#include "clean/control.h"
#include "clean/minor.h"
#include "image/image.h"

/* One turn of pc-clean on the planes of a channel: test whether cleaning stops, else one minor cycle, as
 * tclean's loop between two major cycles (spec/casa-imaging.md sections 1 and 5).
 *
 * Before the first minor cycle the test is made without a mask and then with it; later once, with it. Pixels
 * where the residual is not finite, or that are outside the primary beam, belong to nothing. Not thread-safe
 * on the same planes. */

struct pc_clean_conf {
    struct pc_control_conf control;
    const struct pc_deconvolver *deconvolver;
    double gain;
    double sidelobe;    /* largest PSF sidelobe */
    bool fastnoise;     /* noise from all of its region; else after clipping, or outside the mask */
    bool nsigma_median; /* the n-sigma level has the median added, as with automatic masks */
    bool whole_plane;   /* see pc_minor_in */
    struct pc_minor_options options;
};

/* What a primary beam says of a pixel. */
enum {
    PC_CLEAN_INSIDE = 1, /* pb > pblimit: may be cleaned, counts */
    PC_CLEAN_NOISE = 2   /* pb > pbmask: tells the noise */
};
/* pblimit < 0 bounds nothing, pbmask <= 0 neither; a blank pb is outside. */
void pc_clean_inside(const float *pb, double pblimit, double pbmask, int64_t n, unsigned char *inside);

/* All [npol][ny][nx], the caller's. */
struct pc_clean_planes {
    int nx, ny, npol;
    float *residual; /* used up: outside the primary beam it is blanked, and then cleaned */
    const float *psf;
    const unsigned char *inside; /* bits as above; NULL: all set everywhere */
    const unsigned char *mask;   /* the mask to clean with; NULL: everywhere */
    float *model;                /* the model the residual belongs to; components are added */
    const int *stokes;           /* [npol] codes, for the history; NULL: not known */
};

struct pc_clean_result {
    enum pc_stop stop;
    bool best;                 /* the model as it came has the lowest peak so far: it is to be kept */
    bool restore;              /* diverged: the best model before is to be brought back */
    double nsigma_jy, peak_jy; /* the highest of the planes' */
    double plane_nsigma_jy[PC_MAX_POL]; /* how deep each plane is cleaned; all with the first's, if jointly */
    int64_t masksum;
};

/* Tests, and notes in state what was found; state's stopcode must be 0. The model is not looked at. */
int pc_clean_test(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes,
                  struct pc_state *state, struct pc_clean_result *result, struct pc_err *err) PC_MUST_CHECK;
/* The minor cycle after a test that did not stop; it becomes state's last. */
int pc_clean_minor(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes,
                   const struct pc_clean_result *test, struct pc_state *state,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
