/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometry suggested for new data. */
#include "image/fft.h"
#include "image/suggest.h"
#include "tests/unit/tap.h"

static const double ARCSEC_RAD = M_PI / 648000;

int main(void)
{
    /* 1 km at 230 GHz: 767 kilolambda; a fifth of its reciprocal is 0.0538 arcsec */
    double bmax = 1000 * 230e9 / 299792458.0;
    struct pc_suggestion s = pc_suggest(bmax, 230e9, 12, 100000);
    is_near(s.cell_rad / ARCSEC_RAD, 0.053, 1e-12, "cell, two digits, rounded down");
    /* 1.13 lambda/D = 25.3 arcsec, 0.2 at 1.52 times that across: 726 pixels */
    is_int(s.imsize_px, 750, "out to a primary beam of 0.2, a good size (726 is needed)");
    is_int(s.wanted_px, 750, "wanted is what is given");
    s = pc_suggest(bmax, 230e9, 12, 599);
    is_int(s.imsize_px, 576, "the largest good size within the limit");
    is_int(s.wanted_px, 750, "and what was wanted");
    s = pc_suggest(bmax, 230e9, 0, 100000);
    is_int(s.imsize_px, 256, "unknown dish");
    s = pc_suggest(1e9, 1e9, 25, 100000);
    ok(s.imsize_px <= 100000 && pc_fft_good_size(s.imsize_px, 1) == s.imsize_px, "%d: huge is cut",
       s.imsize_px);
    s = pc_suggest(10, 1e9, 25, 100000);
    is_int(s.imsize_px, 64, "never tiny");
    return tap_done();
}
