/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_STATE_H
#define PC_CLEAN_STATE_H

#include "base/text.h"
#include "image/image.h"

#include <stdint.h>

/* The member "state" of a channel: how far its cleaning is. Written anew by pc-psf, updated by pc-grid
 * (nmajor, residual_model) and pc-clean (the rest). Text form: a record, keys as the fields here, one line
 * "cycle=" per minor cycle whose value is "iterdone=19 startpeak_jy=0.35 ...", after it one line
 * "cycleplane=" for each Stokes plane that was cleaned by itself; see pc-stream(5). Unknown keys are kept. */

enum { PC_CYCLE_STOKES = 16 };

/* One Stokes plane in a cycle, fields as below. */
struct pc_cycle_plane {
    int64_t iterdone;
    double startpeak_jy, startpeak_nomask_jy, peakres_jy, peakres_nomask_jy, modelflux_jy, rms_jy, nsigma_jy;
    int64_t masksum;
    int stop;
    char stokes[PC_CYCLE_STOKES];
};

/* startpeak_jy and rms_jy (about zero) are of the residual it began with, peakres of the one it ended with.
 */
struct pc_cycle {
    int64_t iterdone; /* of this minor cycle */
    double startpeak_jy, peakres_jy, peakres_nomask_jy, modelflux_jy, cyclethreshold_jy, rms_jy;
    int64_t masksum; /* pixels of the mask it used */
    int stop;        /* enum pc_minor_stop */
    double startpeak_nomask_jy;
    double nsigma_jy;             /* the highest level of its planes; 0: not asked for */
    char stokes[PC_CYCLE_STOKES]; /* "I", "IQUV"; "": not known */
    int nplane; /* planes cleaned by themselves; 0: there is one, or they were cleaned jointly */
    struct pc_cycle_plane plane[PC_MAX_POL];
};

struct pc_state {
    int64_t iterdone;  /* minor iterations so far */
    int nmajor;        /* residuals made so far, the first included (CASA's nmajordone) */
    int stopcode;      /* 0: go on; -1: no data; else CASA's global codes (spec section 5) */
    double peakres_jy; /* of the residual, within the mask, as last tested by pc-clean */
    double cyclethreshold_jy;
    double peak_prev_jy;     /* peak of the residual without mask at the last major cycle; < 0: none yet */
    double peak_min_jy;      /* lowest of these so far (modelbest's); < 0: none yet */
    char residual_model[24]; /* DATASUM of the model the residual belongs to; "0": of no model; "": no
                                residual yet */
    struct pc_cycle *cycle;  /* owned */
    int ncycle;
    struct pc_record other; /* keys this version does not know */
};

void pc_state_init(struct pc_state *s); /* nothing done yet */
/* s is uninitialised before, and afterwards empty on failure (PC_EX_DATA names the bad key). An absent key
 * keeps its value of pc_state_init(). */
int pc_state_parse(struct pc_state *s, const struct pc_record *r, struct pc_err *err) PC_MUST_CHECK;
/* r is uninitialised before; the caller frees it. */
int pc_state_format(const struct pc_state *s, struct pc_record *r, struct pc_err *err) PC_MUST_CHECK;
int pc_state_add_cycle(struct pc_state *s, const struct pc_cycle *c, struct pc_err *err) PC_MUST_CHECK;
void pc_state_fini(struct pc_state *s);

#endif
