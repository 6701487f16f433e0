/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_MASK_AUTOMASK_H
#define PC_MASK_AUTOMASK_H

#include "base/log.h"
#include "image/beam.h"
#include "image/runs.h"
#include "mask/survey.h"

#include <stdbool.h>
#include <stdint.h>

/* auto-multithresh, one plane at a time: Kepley et al. 2020 PASP 132 024505; CASA's order of operations and
 * constants: spec/casa-imaging.md section 7. Masks are runs: beside the residual nothing is as
 * large as the image, but for a byte per pixel while noise is looked for in a part of it. */

struct pc_automask_conf {
    double sidelobethreshold, noisethreshold, lownoisethreshold, negativethreshold;
    double smoothfactor, minbeamfrac, cutthreshold;
    int64_t growiterations;
    bool dogrowprune, fastnoise;
    double minpercentchange;
    double pbmask; /* 0: none; the caller's, who makes `central` of it */
};

struct pc_automask_in {
    int nx, ny;
    double cell_rad[2];
    const float *residual;          /* NaN where nothing is valid, never infinite */
    const struct pc_survey *survey; /* of it */
    const struct pc_runs *central; /* where noise is looked for, and what bounds the mask; NULL: everywhere */
    const struct pc_runs *prev;    /* previous mask; NULL: none yet */
    struct pc_beam beam;
    double sidelobe;                        /* largest PSF sidelobe */
    int64_t iterdone;                       /* growing needs > 0 */
    double cyclethreshold_jy, threshold_jy; /* for the done flag */
};

struct pc_automask_out {
    struct pc_runs mask; /* the caller's to free */
    bool done;           /* CASA's "this channel needs no new mask" flag */
    double median, sigma_jy, threshold_pos_jy, threshold_low_jy, threshold_neg_jy;
    bool noise_limited; /* the noise threshold ruled, not the sidelobes */
    int64_t n_threshold, n_pruned, n_smoothed, n_grown, n_negative, n_final; /* pixels after each step */
    int64_t nregion, nregion_kept;
};

int pc_automask(const struct pc_automask_conf *conf, const struct pc_automask_in *in,
                struct pc_automask_out *out, struct pc_log *log, struct pc_err *err) PC_MUST_CHECK;

#endif
