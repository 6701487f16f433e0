/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_MINOR_H
#define PC_CLEAN_MINOR_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A deconvolver: one minor cycle on the planes of one channel. Chosen by name: hogbom, clark,
 * clarkstokes, multiscale, asp.
 * Algorithms and their stops: spec/casa-imaging.md sections 5 and 6. Blank (not finite) pixels of the
 * residual are never cleaned. All arrays are the caller's. Single-threaded; calls on different planes may run
 * at the same time. */

enum { PC_SCALES_MAX = 32 };

/* What some algorithms want to know beside the planes. */
struct pc_minor_options {
    double beam_px;                 /* clark: the larger width of the beam (FWHM); 0: not known */
    int nscale;                     /* multiscale: none is the same as one scale of 0 */
    double scale_px[PC_SCALES_MAX]; /* ascending, >= 0; 0 is a point */
    double smallscalebias;          /* -1 to 1 */
    double psf_px;                  /* asp: mean of the beam's two widths (FWHM); 0: taken from the psf */
    double fusedthreshold_jy;       /* asp: only points below this peak */
    double largestscale_px; /* asp: sigma of the largest Gaussian; <= 0: 8 times the width of the psf */
};

/* A part of a psf, [npol][ny][nx]: (x, y) is the pixel of its peak. */
struct pc_psf_window {
    int nx, ny, x, y;
};

struct pc_minor_in {
    int nx, ny, npol;
    float *residual;  /* [npol][ny][nx]; is worked on in place and left as the minor cycle's residual:
                         within the mask, and elsewhere when whole_plane is set */
    const float *psf; /* [npol][ny][nx], peak 1 at (nx/2, ny/2); finite, else PC_EX_DATA */
    const unsigned char *mask; /* [npol][ny][nx] 0/1; pixels to clean (already bounded by pb); NULL: all */
    float *model;              /* [npol][ny][nx]; components are added */
    double gain;
    double threshold_jy; /* stop when the peak within the mask falls below */
    int64_t cycleniter;  /* at most this many components, per plane */
    bool whole_plane;    /* subtract outside the mask too, for peakres_nomask: a pass per component */
    struct pc_minor_options options;
    struct pc_psf_window window; /* which part of the psf it is instead; nx 0: all of it, as above */
    bool peak_only;              /* the residual is not looked at afterwards: it may be left as it comes */
};

/* CASA's minor stop codes (section 5). PC_MINOR_NSIGMA is the caller's to set: a deconvolver knows one
 * threshold. */
enum pc_minor_stop {
    PC_MINOR_SKIPPED = 0,
    PC_MINOR_CYCLENITER = 1,
    PC_MINOR_THRESHOLD = 2,
    PC_MINOR_ZERO_ITER = 3,
    PC_MINOR_DIVERGING = 4,
    PC_MINOR_NONE = 5,
    PC_MINOR_NSIGMA = 6
};
struct pc_minor_out {
    int64_t iterdone;
    double peakres_jy;        /* largest |residual| within the mask after it; of clark: as far as it looked */
    double peakres_nomask_jy; /* and over all pixels; NaN when that was not asked for and is not the same */
    double modelflux_jy;      /* sum of the model, all planes */
    enum pc_minor_stop stop;
};

struct pc_deconvolver {
    const char *name;
    /* held beside the arrays of pc_minor_in, for pc-memest */
    int64_t (*mem_byte)(int nx, int ny, int npol, int nscale);
    int (*minor)(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err);
    bool joint; /* looks at all planes together; else each by itself, as in calls of one plane */
    /* What it needs: of residual and model no more than a rectangle around the mask's pixels (as a smaller
     * plane), of the psf no more than can reach from one of them to another. */
    bool is_local, needs_part_of_psf;
};
/* NULL when none has that name. */
const struct pc_deconvolver *pc_deconvolver_find(const char *name);

/* ---- for the engines ---- */
extern const struct pc_deconvolver pc_hogbom, pc_clark, pc_clarkstokes, pc_multiscale, pc_asp;
/* CASA checks for divergence after every call of an algorithm, and cuts long cycles into calls of this
 * many.
 */
int64_t pc_minor_step(int64_t cycleniter);
/* Why an algorithm that made `iterdone` iterations is done, by CASA's order of tests; `lowest` is the
 * lowest peak at the end of any call before, the start included. PC_MINOR_NONE when nothing says so. */
enum pc_minor_stop pc_minor_why(const struct pc_minor_in *in, int64_t iterdone, float peak, float lowest);
/* The psf's window, also when it is all of it, and where plane k of it begins. */
struct pc_psf_window pc_minor_window(const struct pc_minor_in *in);
const float *pc_minor_psf(const struct pc_minor_in *in, int k);
/* Sum of a plane, in scan order: a pass over the zeros, an addition for each other pixel. */
double pc_minor_flux(const float *model, int64_t npix);
/* Adds the outcome of one plane to that of the planes before it. */
void pc_minor_merge(struct pc_minor_out *total, const struct pc_minor_out *plane);
/* PC_EX_DATA when a psf has a value that is not finite, or nothing at its centre. */
int pc_minor_check_psf(const struct pc_minor_in *in, struct pc_err *err) PC_MUST_CHECK;
/* And PC_EX_USAGE when gain is outside (0, 1]. */
int pc_minor_check(const struct pc_minor_in *in, struct pc_err *err) PC_MUST_CHECK;

#endif
