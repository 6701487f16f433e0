/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"
#include "base/text.h"
#include "tap.h"

#include <stdlib.h>

#define PI 3.14159265358979323846

static void good(const char *s, enum pc_dim dim, double want)
{
    struct pc_err err = {0};
    double got = NAN;
    int rc = pc_quantity_parse(s, dim, &got, &err);
    if (!ok(rc == 0 && fabs(got - want) <= 4e-16 * fabs(want), "\"%s\" is %g", s, want))
        diag("got %.17g: %s", got, err.msg);
}

static void bad(const char *s, enum pc_dim dim, const char *piece)
{
    struct pc_err err = {0};
    double got = 7;
    int rc = pc_quantity_parse(s, dim, &got, &err);
    if (!ok(rc == -1 && err.code == PC_EX_USAGE && strstr(err.msg, piece), "\"%s\" is refused: %s", s, piece))
        diag("got %g: %s", got, err.msg);
    ok(got == 7, "\"%s\" leaves the value alone", s);
}

static void every_unit(void)
{
    good("1deg", PC_DIM_ANGLE, PI / 180);
    good("30arcmin", PC_DIM_ANGLE, PI / 360);
    good("0.0046arcsec", PC_DIM_ANGLE, 0.0046 * PI / 648000);
    good("5mas", PC_DIM_ANGLE, 5e-3 * PI / 648000);
    good("7uas", PC_DIM_ANGLE, 7e-6 * PI / 648000);
    good("2'", PC_DIM_ANGLE, 2 * PI / 10800);
    good("2\"", PC_DIM_ANGLE, 2 * PI / 648000);
    good("0.5rad", PC_DIM_ANGLE, 0.5);
    good("0.5mrad", PC_DIM_ANGLE, 0.5e-3);
    good("3Jy", PC_DIM_FLUX, 3);
    good("4mJy", PC_DIM_FLUX, 4e-3);
    good("4mJy/beam", PC_DIM_FLUX, 4e-3);
    good("4uJy", PC_DIM_FLUX, 4e-6);
    good("4kJy", PC_DIM_FLUX, 4e3);
    good("2Hz", PC_DIM_FREQUENCY, 2);
    good("2kHz", PC_DIM_FREQUENCY, 2e3);
    good("2MHz", PC_DIM_FREQUENCY, 2e6);
    good("268.5GHz", PC_DIM_FREQUENCY, 268.5e9);
    good("10m/s", PC_DIM_VELOCITY, 10);
    good("-10km/s", PC_DIM_VELOCITY, -10e3);
    good("5s", PC_DIM_TIME, 5);
    good("5ms", PC_DIM_TIME, 5e-3);
    good("5min", PC_DIM_TIME, 300);
    good("5h", PC_DIM_TIME, 18000);
    good("5d", PC_DIM_TIME, 432000);
}

static void bytes(void)
{
    static const char *const decimal[] = {"B", "kB", "MB", "GB", "TB"},
                             *const binary[] = {"", "KiB", "MiB", "GiB", "TiB"},
                             *const letter[] = {"", "k", "M", "G", "T"};
    for (int i = 0; i < 5; i++) {
        char s[16];
        snprintf(s, sizeof s, "3%s", decimal[i]);
        good(s, PC_DIM_BYTE, 3 * pow(1000, i));
        snprintf(s, sizeof s, "3%s", binary[i]);
        good(s, PC_DIM_BYTE, 3 * pow(1024, i));
        snprintf(s, sizeof s, "3%s", letter[i]);
        good(s, PC_DIM_BYTE, 3 * pow(1024, i));
    }
}

static void forms(void)
{
    good("2", PC_DIM_ANGLE, 2 * PI / 648000);
    good("2", PC_DIM_FLUX, 2);
    good("1.5", PC_DIM_FREQUENCY, 1.5);
    good("7", PC_DIM_VELOCITY, 7);
    good("-0.5", PC_DIM_NONE, -0.5);
    good("+.5", PC_DIM_NONE, 0.5);
    good("1.", PC_DIM_NONE, 1);
    good("1.5e-3 GHz", PC_DIM_FREQUENCY, 1.5e6);
    good("  2 Jy ", PC_DIM_FLUX, 2);
    good("1e3Jy", PC_DIM_FLUX, 1000);
    bad("", PC_DIM_FLUX, "does not begin with a number");
    bad("Jy", PC_DIM_FLUX, "does not begin with a number");
    bad("nan", PC_DIM_FLUX, "does not begin with a number");
    bad("inf", PC_DIM_NONE, "does not begin with a number");
    bad("0x10", PC_DIM_NONE, "not a number without a unit");
    bad("1e999", PC_DIM_NONE, "too large");
    bad("1e300TB", PC_DIM_BYTE, "too large");
    bad("3 4", PC_DIM_NONE, "not a number without a unit");
    bad("1Jy2", PC_DIM_FLUX, "unit \"Jy2\" is not one of Jy, mJy, uJy, kJy");
    bad("4mJy", PC_DIM_NONE, "not a number without a unit");
    bad("4asec", PC_DIM_ANGLE, "did you mean arcsec?");
    bad("4mjy", PC_DIM_FLUX, "did you mean mJy?");
    bad("4yJ", PC_DIM_FLUX, "did you mean Jy?");
    bad("2Ghz", PC_DIM_FREQUENCY, "did you mean GHz?");
    bad("2Jy", PC_DIM_ANGLE, "is not one of deg, arcmin, arcsec, mas, uas, rad, mrad");
    bad("2arcsec/beam", PC_DIM_ANGLE, "is not one of");
}

static void dimensions(void)
{
    is_int(pc_quantity_dim("3"), PC_DIM_NONE, "a bare number has no dimension");
    is_int(pc_quantity_dim("3GHz"), PC_DIM_FREQUENCY, "3GHz is a frequency");
    is_int(pc_quantity_dim("3 km/s"), PC_DIM_VELOCITY, "3 km/s is a velocity");
    is_int(pc_quantity_dim("3parsec"), -1, "3parsec is nothing we know");
    is_int(pc_quantity_dim("GHz"), -1, "a unit is no quantity");
    is_str(pc_dim_unit(PC_DIM_ANGLE), "rad", "angles are in rad");
    is_str(pc_dim_unit(PC_DIM_TIME), "s", "times are in s");
}

static void nearest(void)
{
    static const char *const names[] = {"imsize", "cell", "threshold", "usemask", "robust", NULL};
    is_str(pc_nearest_name("imszie", names), "imsize", "letters that changed places");
    is_str(pc_nearest_name("thres", names), "threshold", "a beginning");
    is_str(pc_nearest_name("Cell", names), "cell", "letter case");
    is_str(pc_nearest_name("use-mask", names), "usemask", "a dash too many");
    is_str(pc_nearest_name("robuts", names), "robust", "robuts");
    is_str(pc_nearest_name("wavelength", names), NULL, "nothing is near");
    is_str(pc_nearest_name("", names), NULL, "nothing is near an empty name");
    char longname[200];
    memset(longname, 'a', sizeof longname - 1);
    longname[sizeof longname - 1] = '\0';
    is_str(pc_nearest_name(longname, names), NULL, "a very long name is no trouble");
}

static void doubles_read_back(void)
{
    static const double values[] = {0,    0.1,    1.0 / 3,    2.2301498e-8, 268.5e9,
                                    1e22, 5e-324, 1.7976e308, -0.5,         123456789.123456789};
    int wrong = 0;
    char s[40];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        wrong += strtod(pc_text_double(s, values[i]), NULL) != values[i];
    is_int(wrong, 0, "numbers read back as they were");
    is_str(pc_text_double(s, 0.1), "0.1", "the shortest form is taken");
    is_str(pc_text_double(s, NAN), "nan", "nan ends the search too");
}

int main(void)
{
    every_unit();
    bytes();
    forms();
    dimensions();
    nearest();
    doubles_read_back();
    return tap_done();
}
