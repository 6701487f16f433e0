/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_CONTSUB_H
#define PC_CASA_CONTSUB_H

#include "base/err.h"

#include <stdint.h>

/* Continuum subtraction, as CASA's uvcontsub does it: from each spectrum (a row and correlation) the
 * polynomial in frequency is taken away that fits its line-free channels best, by their weights, in the real
 * and the imaginary part. Polynomials are built to be orthogonal on the very channels and weights (Forsythe
 * 1957, J. SIAM 5, 74), so that no order is ill-conditioned. Thread-safe once initialised. */

struct pc_contsub {
    int order, nchan;
    double *x;          /* [nchan] frequency, -1 .. 1 */
    unsigned char *fit; /* [nchan] whether it is free of lines */
};

/* Spectra that could not be fitted as was wished: added to. */
struct pc_contsub_count {
    int64_t
        nlower; /* fewer channels with weight than coefficients: fitted with as many as there are channels */
    int64_t nnone; /* no such channel, although others have weight: these count as flagged (casa/flags.h) */
};

/* fit[nfit]: those of the nchan channels that are free of lines. */
int pc_contsub_init(struct pc_contsub *c, int order, const double *freq_hz, int nchan, const int *fit,
                    int nfit, struct pc_err *err) PC_MUST_CHECK;
void pc_contsub_fini(struct pc_contsub *c);
/* Doubles that pc_contsub_row() works in. */
int64_t pc_contsub_nwork(const struct pc_contsub *c);
/* The spectra of one row: vis_jy [nchan][ncorr][2], weight [nchan][ncorr], of which those above 0 count. */
void pc_contsub_row(const struct pc_contsub *c, int ncorr, float *vis_jy, float *weight, double *work,
                    struct pc_contsub_count *count);

#endif
