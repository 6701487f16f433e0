/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/taper.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <string.h>

/* The taper of imaging weights: widths mean what they say, along the axis they should. */

static struct pc_err err;

static struct pc_taper of(const char *s)
{
    struct pc_taper t;
    ok(pc_taper_parse(s, &t, &err) == 0 && t.on, "\"%s\" is a taper", s);
    return t;
}

static void refused(const char *s, const char *word)
{
    struct pc_taper t;
    int rc = pc_taper_parse(s, &t, &err);
    ok(rc == -1 && err.code == PC_EX_USAGE && strstr(err.msg, word) && !t.on, "\"%s\" is refused: %s", s,
       rc ? err.msg : "not");
}

int main(void)
{
    struct pc_taper t = of("400klambda");
    is_near(pc_taper_at(&t, 4e5, 0), 0.5, 1e-12, "half at that many wavelengths");
    is_near(pc_taper_at(&t, -2.4e5, 3.2e5), 0.5, 1e-12, "in every direction");
    is_near(pc_taper_at(&t, 0, 0), 1, 0, "1 at the origin");
    t = of("500klambda,250klambda");
    is_near(pc_taper_at(&t, 0, 5e5), 0.5, 1e-12, "at position angle 0 the major axis is along v");
    is_near(pc_taper_at(&t, 2.5e5, 0), 0.5, 1e-12, "and the minor one along u");
    t = of("[0.5Mlambda, 250klambda, 30]");
    is_near(pc_taper_at(&t, 2.5e5, 5e5 * sqrt(0.75)), 0.5, 1e-12, "turned by 30 degrees, through east");
    is_near(pc_taper_at(&t, -2.5e5 * sqrt(0.75), 1.25e5), 0.5, 1e-12, "and the minor axis with it");
    struct pc_taper same = of("500klambda,250klambda,30deg");
    is_near(pc_taper_at(&t, 1e5, 2e5), pc_taper_at(&same, 1e5, 2e5), 1e-15,
            "units and brackets are the same");
    /* a Gaussian of that width in the image: its transform exp(-pi^2 w^2 q^2 / (4 ln 2)) */
    t = of("0.3arcsec");
    double w = 0.3 * M_PI / 648000, q = 2e5;
    is_near(pc_taper_at(&t, q, 0), exp(-M_PI * M_PI * w * w * q * q / (4 * M_LN2)), 1e-12,
            "an angle is the full width in the image");
    t = of("300mas,0.15arcsec,90deg");
    is_near(pc_taper_at(&t, q, 0), exp(-M_PI * M_PI * w * w * q * q / (4 * M_LN2)), 1e-12,
            "with its major axis to the east");
    ok(pc_taper_parse(NULL, &t, &err) == 0 && !t.on && pc_taper_at(&t, 1e6, 1e6) == 1, "none is 1");
    ok(pc_taper_parse("", &t, &err) == 0 && !t.on, "an empty one too");
    ok(pc_taper_parse("[]", &t, &err) == 0 && !t.on, "as is []");
    refused("400", "klambda");
    refused("400kl", "klambda");
    refused("3GHz", "klambda");
    refused("klambda", "klambda");
    refused("0klambda", "above 0");
    refused("-1arcsec", "above 0");
    refused("1e-200lambda", "above 0");
    refused("1arcsec,2klambda", "one in the image");
    refused("1arcsec,", "klambda");
    refused("1arcsec,2arcsec,3klambda", "klambda");
    refused("1arcsec,1arcsec,0deg,0", "no uv taper");
    return tap_done();
}
