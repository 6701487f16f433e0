/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_LM_H
#define PC_IMAGE_LM_H

/* Levenberg-Marquardt (Marquardt 1963, J. SIAM 11, 431) for one model: an elliptical Gaussian of height 1 at
 * the origin, exp(-4 ln2 ((t/p0)^2 + (c/(p0 p1))^2)), t = -x sin p2 + y cos p2 and c = x cos p2 + y sin p2.
 * Pure, thread-safe. */

struct pc_lm_point {
    double x, y, v;
};

enum pc_lm_status {
    PC_LM_CONVERGED,
    PC_LM_UNCONVERGED, /* 1000 iterations were not enough, or the solution is no ellipse */
    PC_LM_SINGULAR     /* the normal equations cannot be solved from this start */
};

/* param: start on entry, solution on return. */
enum pc_lm_status pc_lm_gaussian(const struct pc_lm_point *point, int n, double param[3]);

#endif
