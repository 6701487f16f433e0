/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/suggest.h"

#include "image/fft.h"

#include <math.h>

static const double LIGHT_MPS = 299792458.0;
static const double ARCSEC_RAD = M_PI / 648000;

static double round_down_2_digits(double v)
{
    double unit = pow(10, floor(log10(v)) - 1);
    return floor(v / unit + 1e-9) * unit;
}

struct pc_suggestion pc_suggest(double bmax_lambda, double freq_hz, double dish_m, int max_px)
{
    enum { UNKNOWN_DISH_PX = 256, SMALLEST_PX = 64 };
    struct pc_suggestion s = {.wanted_px = UNKNOWN_DISH_PX};
    s.cell_rad = round_down_2_digits(1 / (5 * bmax_lambda) / ARCSEC_RAD) * ARCSEC_RAD;
    if (dish_m > 0) {
        /* a Gaussian of FWHM 1.13 lambda/D is 0.2 at 1.52 half-widths from its centre */
        double width_rad = 1.52 * 1.13 * LIGHT_MPS / freq_hz / dish_m;
        double px = fmax(SMALLEST_PX, fmin(width_rad / s.cell_rad, 1e6));
        s.wanted_px = pc_fft_good_size((int)ceil(px), 1);
    }
    s.imsize_px = s.wanted_px < max_px ? s.wanted_px : max_px & ~1;
    while (s.imsize_px > SMALLEST_PX && pc_fft_good_size(s.imsize_px, 1) != s.imsize_px)
        s.imsize_px -= 2;
    return s;
}
