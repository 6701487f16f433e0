/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_CONTROL_H
#define PC_CLEAN_CONTROL_H

#include "clean/state.h"

#include <stdbool.h>
#include <stdint.h>

/* The control of cycles: when cleaning stops, and how deep the next minor cycle goes. CASA's rules for one
 * plane: spec/casa-imaging.md section 5. Comparisons and thresholds are in single precision, as CASA's are:
 * fed the same peaks they give the same bits. Pure functions. */

/* Why a channel's cleaning stopped. */
enum pc_stop {
    PC_STOP_NO_DATA = -1,
    PC_STOP_NOT = 0,
    PC_STOP_NITER = 1,
    PC_STOP_THRESHOLD = 2,
    PC_STOP_FORCED = 3,
    PC_STOP_NO_CHANGE = 4,
    PC_STOP_DIVERGING = 5,
    PC_STOP_DIVERGED = 6,
    PC_STOP_ZERO_MASK = 7,
    PC_STOP_NSIGMA = 8,
    PC_STOP_NMAJOR = 9
};
const char *pc_stop_words(int stop); /* "threshold reached"; "unknown" */

struct pc_control_conf {
    int64_t niter;
    int64_t cycleniter; /* < 0: niter */
    int64_t nmajor;     /* < 0: any number */
    double threshold_jy, nsigma, cyclefactor, minpsffraction, maxpsffraction;
    double cyclethreshold_jy; /* >= 0: take this one, made for a whole cube, instead of the channel's own */
    bool forced;              /* the user says stop */
};

/* The residual as it is now. */
struct pc_control_in {
    double peak_jy; /* largest |residual| within the mask; of the whole plane while there is none or it is
                       empty */
    double peak_nomask_jy; /* of the whole plane */
    int64_t masksum;       /* pixels of the mask; < 0: there is no mask yet */
    double nsigma_jy;      /* what nsigma comes to; 0: not asked for */
};

/* What state (of the cycles so far: iterdone, nmajor, the peaks of the residual before) and residual say. */
enum pc_stop pc_control_stop(const struct pc_control_conf *conf, const struct pc_state *state,
                             const struct pc_control_in *in);
/* Remembers the residual's peaks in state, for the next test. Returns whether this is the lowest peak so far.
 */
bool pc_control_note(struct pc_state *state, const struct pc_control_in *in);

/* max(threshold, peak * clamp(sidelobe * cyclefactor, minpsffraction, maxpsffraction)). */
double pc_control_cyclethreshold(const struct pc_control_conf *conf, double peak_jy, double sidelobe);
/* Components of the next minor cycle. */
int64_t pc_control_cycleniter(const struct pc_control_conf *conf, int64_t iterdone);

#endif
