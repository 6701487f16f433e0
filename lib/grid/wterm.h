/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_WTERM_H
#define PC_GRID_WTERM_H

#include "grid/gridder.h"
#include "grid/wspread.h"

/* The w-term as a sum of few products of a factor per sample and a factor per pixel. With c the middle of the
 * range of n-1 over the image, h half of it, a = w/max_w and b = (n-1-c)/h, both in [-1, 1], X = 2 pi max_w
 * h:
 *
 *   exp(-2 pi i w (n-1)) = exp(-2 pi i w c) [J_0(X a) + 2 sum_k>0 (-i)^k J_k(X a) T_k(b)]
 *
 * (Jacobi and Anger; Abramowitz & Stegun 9.1.44 f.). A term costs a real transform of the half-plane. Terms
 * beyond k = X fall faster than exponentially: there are about X + 2 X^(1/3) + 10, where stacking in w by a
 * kernel (Arras et al. 2021, A&A 646, A58) takes 2 (1.5 X/pi + 8) real transforms, and each sample costs as
 * many spreads as there are terms: much the same at the largest X, half as much or less at small ones. */

struct pc_wterm {
    struct pc_geom geom;
    double max_w;    /* wavelengths */
    double half_n;   /* h */
    double turn_rad; /* X */
    int nterm;
    int term;       /* the one chosen */
    int nstep;      /* of the table, over [0, X] */
    double *bessel; /* [nstep + 6]: of the term chosen, from two steps before 0 to three beyond X */
};

/* Whether the accuracy needs it: the largest phase neglected is above it. */
int pc_wterm_needed(const struct pc_geom *geom, double max_w, double accuracy);
/* How many terms samples spread over |w| like that need for a relative L2 accuracy over all of them; one that
 * is rare may err by more. spread NULL: as many as one of the largest |w| needs. */
int pc_wterm_count(const struct pc_geom *geom, double max_w, double accuracy,
                   const struct pc_wspread *spread);
/* nterm 0: what pc_wterm_count() says without a spread. */
int pc_wterm_init(struct pc_wterm *w, const struct pc_geom *geom, double max_w, double accuracy, int nterm,
                  struct pc_err *err) PC_MUST_CHECK;
void pc_wterm_fini(struct pc_wterm *w);

/* Term k from now on: its Bessel function is tabulated. */
void pc_wterm_choose(struct pc_wterm *w, int k);
/* The factor of a sample, times `weight`: exp(-2 pi i w c) (-i)^k (2 or 1) J_k(X a). */
void pc_wterm_sample(const struct pc_wterm *w, double w_lambda, double weight, double *re, double *im);
/* T_k(b) of row y of the image; `beyond` where there is no sky: l^2 + m^2 >= 1. Thread-safe. */
void pc_wterm_row(const struct pc_wterm *w, int k, int y, double beyond, double *factor);

#endif
