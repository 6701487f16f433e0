/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_STOKES_H
#define PC_GRID_STOKES_H

#include "image/image.h"
#include "image/vis.h"

/* Stokes: which planes tclean's --stokes asks for, how the correlations of a block make them, and what
 * correlations a model of them predicts. spec/casa-imaging.md sections 2.1 and 2.7: XX = I+Q, YY = I-Q,
 * XY = U+iV, YX = U-iV; RR = I+V, LL = I-V, RL = Q+iU, LR = Q-iU. */

struct pc_planes {
    int n;
    int code[PC_MAX_POL]; /* FITS codes, see image.h */
    bool pseudo;          /* pseudoI: I of the hands that are not flagged */
};

/* Of a name in tclean's list, upper or lower case: I Q U V IV QU IQU IQUV RR LL RRLL XX YY XXYY pseudoI.
 * PC_EX_USAGE for others. */
int pc_stokes_planes(const char *name, struct pc_planes *p, struct pc_err *err) PC_MUST_CHECK;

/* Coefficients are real, imaginary.
 * from: plane = sum over correlations of from[plane][corr] * visibility. Planes of I, Q, U and V take two
 *       correlations each, linear ones where the block has them; XX, RR ... take themselves. Correlations may
 *       come in any order, and those of no use are not looked at.
 * to:   visibility = sum over planes of to[corr][plane] * plane; Stokes that are not among the planes are 0,
 *       and a plane XX or RR predicts itself only.
 * Both are real unless planes U or V take XY and YX, or U takes RL and LR. */
struct pc_mix {
    struct pc_planes planes;
    int ncorr;
    float from[PC_MAX_POL][PC_MAX_CORR][2];
    float to[PC_MAX_CORR][PC_MAX_POL][2];
    int pair[PC_MAX_POL][2]; /* correlations that a plane takes; twice the same: one */
    int hands_sum; /* how often sumwt counts a sample: 2 with I or pseudoI alone, whose two hands CASA puts on
                      one plane, else 1 */
};

/* PC_EX_DATA when the correlations needed are not there; the sentence says what it takes, what the block has
 * and which --stokes would do. */
int pc_mix_find(struct pc_mix *m, const struct pc_planes *planes, const struct pc_visinfo *info,
                struct pc_err *err) PC_MUST_CHECK;

/* The natural weight of a sample (row and channel) from those of its correlations.
 *
 * Not pseudo: the mean of the first and the last, as CASA has it; 0 when any is flagged (not above 0, or not
 * finite).
 * Pseudo: half the sum of the two hands of I, a flagged hand adds 0, cross hands do not matter. So a sample
 * with one good hand has half the weight, which is to count that hand once where a whole sample, times
 * hands_sum, counts two; its visibility is that hand's. Densities and imaging weights made of it follow. */
struct pc_natural {
    int ncorr;
    bool pseudo;
    int hand[2];
};
/* PC_EX_DATA when pseudo and there is no pair of hands. */
int pc_natural_find(struct pc_natural *n, bool pseudo, const struct pc_visinfo *info,
                    struct pc_err *err) PC_MUST_CHECK;
/* weight[ncorr] */
float pc_natural_weight(const struct pc_natural *n, const float *weight);
/* Whether the weight of a correlation is no flag. */
bool pc_natural_good(float weight);

#endif
