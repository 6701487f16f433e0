/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_SUGGEST_H
#define PC_IMAGE_SUGGEST_H

/* A geometry to begin with: what somebody types who looks at new data for the first time. */

struct pc_suggestion {
    double cell_rad;
    int imsize_px;
    int wanted_px; /* what the primary beam asks for; more than imsize_px when the limit cut it */
};

/* Five pixels across the narrowest beam the data can give, 1/(2 bmax) / 2.5, rounded down to two digits in
 * arcsec; an image that reaches to where the primary beam of a dish of that diameter has fallen to 0.2, as a
 * good FFT size of at most max_px. dish_m 0: unknown, 256 pixels. */
struct pc_suggestion pc_suggest(double bmax_lambda, double freq_hz, double dish_m, int max_px);

#endif
