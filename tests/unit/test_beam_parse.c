/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam_parse.h"
#include "tap.h"

static const double ARCSEC = 3.14159265358979323846 / 648000, DEG = 3.14159265358979323846 / 180;

static void is_beam(const char *s, double maj, double min, double pa)
{
    struct pc_beam b;
    struct pc_err err = {0};
    ok(!pc_beam_parse(s, &b, &err) && fabs(b.maj_rad / ARCSEC - maj) < 1e-12 &&
           fabs(b.min_rad / ARCSEC - min) < 1e-12 && fabs(b.pa_rad / DEG - pa) < 1e-12,
       "%s", s);
}

static void is_none(const char *s)
{
    struct pc_beam b;
    struct pc_err err = {0};
    ok(pc_beam_parse(s, &b, &err) < 0 && err.code == PC_EX_USAGE, "'%s': %s", s, err.msg);
}

int main(void)
{
    is_beam("0.5arcsec", 0.5, 0.5, 0);
    is_beam("0.5", 0.5, 0.5, 0);
    is_beam("500mas,0.25arcsec,-11.5deg", 0.5, 0.25, -11.5);
    is_beam("[0.5, 0.25, 30]", 0.5, 0.25, 30);
    is_none("");
    is_none("1,2");
    is_none("1arcsec,2arcsec,0deg");
    is_none("0");
    is_none("-1");
    is_none("1,1,1,1");
    is_none("1Jy");
    is_none("1,1,GHz");
    is_none("common");
    is_none("[]");
    is_none("11111111111111111111111111111111111111111111111111111111111");
    return tap_done();
}
