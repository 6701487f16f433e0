/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PSF_LOOK_H
#define PC_IMAGE_PSF_LOOK_H

#include "image/beam.h"

#include <stdbool.h>

/* A psf that is looked at while its rows are made, so that it need not be held: it is divided by its peak,
 * its clean beam is fitted and its highest sidelobe found (spec/casa-imaging.md section 4.2).
 *
 * CASA divides by the largest value, if that is above 1e-7. Here that is the value of the centre, pixel
 * (nx/2, ny/2), which no other exceeds where all weights are positive, but for the gridder's error. Rows
 * about it are kept until it is there; then the beam is known, and what it leaves of the other rows is looked
 * at as they come. */

struct pc_psf_look_conf {
    int nx, ny;
    double cell_rad[2], cutoff; /* of the beam's fit */
    bool wide;                  /* rows are of doubles; else of floats */
    int nthread;
    int kept; /* rows to either side of the centre there is room for, PC_BEAM_NEAR or more */
    int band; /* rows that come at a time, at most */
};

struct pc_psf_look;
int pc_psf_look_new(struct pc_psf_look **l, const struct pc_psf_look_conf *conf,
                    struct pc_err *err) PC_MUST_CHECK;
void pc_psf_look_free(struct pc_psf_look *l);
/* Rows y0 .. y0+nrow-1 as they were made; `thread` is one at a time. Normalised, in the thread's own room;
 * NULL before centre(), when they are kept. */
const void *pc_psf_look_rows(struct pc_psf_look *l, int thread, int y0, int nrow, const void *rows);
/* All rows within PC_BEAM_NEAR of the centre have come: those kept, normalised, are rows *y0 .. *y0+*nrow-1.
 */
const void *pc_psf_look_centre(struct pc_psf_look *l, int *y0, int *nrow);
/* The clean beam, once centre() has been called; maj 0, and the reason, where none could be fitted. */
const struct pc_beam *pc_psf_look_beam(const struct pc_psf_look *l, const char **why);
/* When all rows have come; 0 without a beam. */
double pc_psf_look_sidelobe(const struct pc_psf_look *l);

#endif
