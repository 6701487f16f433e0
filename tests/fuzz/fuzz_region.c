/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "image/region_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FUZZ_TEXT_SEEDS(
    "#CRTFv0\nglobal coord=J2000\n-circle[[12h34m56s, -40d30m00s], 3arcsec], range=[1chan, 3chan]\n",
    "ann box[[1pix,2pix],[3pix,4pix]], label=\"x\"\npoly[[1deg,2deg],[1deg,3deg],[2.5deg,3deg]]",
    "ellipse[[1:2:3, -4.5.6.7], [3arcmin, 2arcmin], 1.5rad], corr=[I, V], frame=BARY, veltype=RADIO",
    "rotbox[[1pix, 2pix], [3pix, 4pix], 30deg]\nannulus[[5pix, 5pix], [2pix, 4pix]], range=[1GHz,2GHz]",
    "# Region file format: DS9\nglobal color=green\nfk5;circle(1:2:3,-4:5:6,7\")\nimage\n-box(1,2,3,4,5) # a",
    "icrs; annulus(1,2,3',4',5') ; polygon(1d 2d 3d 4d 5d 6d); ellipse 1 2 3 4", "circle(4,4,2)")

/* What is read has finite places and can be painted; what is not says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pc_region_set set = {0};
    struct pc_err err = {0};
    struct pc_imhead h = {.nx = 9,
                          .ny = 8,
                          .npol = 1,
                          .stokes = {1},
                          .crpix = {5, 5},
                          .cell_rad = {-0.01, 0.01},
                          .freq_hz = 1.5e9,
                          .width_hz = 1e6,
                          .restfreq_hz = 1.5e9,
                          .radesys = "ICRS"};
    unsigned char *mask = calloc(72, 1);
    char *s = malloc(size + 1);
    if (mask && s) {
        memcpy(s, data, size);
        s[size] = '\0';
        pc_region_text_is_option(s, size);
        if (pc_region_parse(&set, s, 0, size, "fuzz", PC_EX_DATA, &err))
            fuzz_check(err.code == PC_EX_DATA || err.code == PC_EX_NOMEM);
        for (int i = 0; i < set.npoint; i++)
            fuzz_check(isfinite(set.point[i][0]) && isfinite(set.point[i][1]));
        if (pc_region_set_paint(&set, &h, 1, 0, mask, &err))
            fuzz_check(err.code == PC_EX_DATA && err.msg[0]);
        for (int i = 0; i < 72; i++)
            fuzz_check(mask[i] <= 1);
    }
    pc_region_set_fini(&set);
    free(mask);
    free(s);
    return 0;
}
