/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_CYCLE_H
#define PC_CLEAN_CYCLE_H

#include "clean/control.h"
#include "clean/minor.h"
#include "image/image.h"
#include "image/stats.h"

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
    double sidelobe;             /* largest PSF sidelobe */
    bool fastnoise;              /* noise from all of its region; else after clipping, or outside the mask */
    bool nsigma_median;          /* the n-sigma level has the median added, as with automatic masks */
    bool whole_plane, peak_only; /* see pc_minor_in */
    struct pc_minor_options options;
};

/* What a primary beam says of a pixel. */
enum {
    PC_CLEAN_INSIDE = 1, /* pb > pblimit: may be cleaned, counts */
    PC_CLEAN_NOISE = 2   /* pb > pbmask: tells the noise */
};
/* pblimit < 0 bounds nothing, pbmask <= 0 neither; a blank pb is outside. */
void pc_clean_inside(const float *pb, double pblimit, double pbmask, int64_t n, unsigned char *inside);

/* All [npol][ny][nx], the caller's: the planes of a channel or, for pc_clean_minor() with a deconvolver that
 * is_local, a rectangle of them. */
struct pc_clean_planes {
    int nx, ny, npol;
    float *residual; /* used up: outside the primary beam it is blanked, and then cleaned */
    const float *psf;
    const unsigned char *inside; /* bits as above; NULL: all set everywhere */
    const unsigned char *mask;   /* the mask to clean with; NULL: everywhere */
    float *model;                /* the model the residual belongs to; components are added */
    struct pc_psf_window window; /* of the psf, as in pc_minor_in */
    const int *stokes;           /* [npol] codes, for the history; NULL: not known */
};

/* What a test has to know of residual and mask. */
struct pc_clean_seen {
    /* of each plane's pixels that count, and of those of them in the mask */
    struct pc_stats_sum all[PC_MAX_POL], within[PC_MAX_POL];
    bool is_masked;
    /* how deep each plane is to be cleaned, as nsigma says: without the mask, and with it */
    double open_nsigma_jy[PC_MAX_POL], nsigma_jy[PC_MAX_POL];
};

/* One plane as it was tested. */
struct pc_clean_plane {
    double peak_jy, peak_nomask_jy, rms_jy; /* peak_jy: within the mask */
    int64_t valid, masksum;                 /* pixels that count, and those in the mask */
};

struct pc_clean_result {
    enum pc_stop stop;
    bool best;                 /* the model as it came has the lowest peak so far: it is to be kept */
    bool restore;              /* diverged: the best model before is to be brought back */
    double nsigma_jy, peak_jy; /* the highest of the planes' */
    double plane_nsigma_jy[PC_MAX_POL]; /* how deep each plane is cleaned; all with the first's, if jointly */
    int64_t valid, masksum;             /* pixels that count, and those in the mask */
    double rms_jy;                      /* of the residual */
    struct pc_clean_plane plane[PC_MAX_POL];
};

/* Looks at a piece of plane `pol`: pieces in order, each but the plane's last a multiple of 2048 pixels,
 * `seen` zeroed before. pb (NULL: none) is what blanks the residual where it is outside; mask NULL: none,
 * or nothing of it is set there (is_masked is for the caller to set then). */
void pc_clean_look(struct pc_clean_seen *seen, int pol, float *residual, const float *pb, double pblimit,
                   const unsigned char *mask, int64_t n);
/* The n-sigma levels, when they are asked for: of whole planes, after they were looked at. `is_first`: no
 * minor cycle came before. */
int pc_clean_noise(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes, bool is_first,
                   struct pc_clean_seen *seen, struct pc_err *err) PC_MUST_CHECK;
/* Tests, and notes in state what was found; state's stopcode must be 0. */
void pc_clean_decide(const struct pc_clean_conf *conf, const struct pc_clean_seen *seen,
                     struct pc_state *state, struct pc_clean_result *result);
/* All of that at once. The model is not looked at. */
int pc_clean_test(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes,
                  struct pc_state *state, struct pc_clean_result *result, struct pc_err *err) PC_MUST_CHECK;
/* The minor cycle after a test that did not stop; it becomes state's last. */
int pc_clean_minor(const struct pc_clean_conf *conf, const struct pc_clean_planes *planes,
                   const struct pc_clean_result *test, struct pc_state *state,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
