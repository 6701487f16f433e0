/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/axis.h"

#include "base/mem.h"

#include "tap.h"

#include <string.h>

enum { nchan = 8 };
static const double freq[nchan] = {100e9, 101e9, 102e9, 103e9, 104e9, 105e9, 106e9, 107e9};
static const double down[nchan] = {107e9, 106e9, 105e9, 104e9, 103e9, 102e9, 101e9, 100e9};
static const double width[nchan] = {1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9};
static const int all[nchan] = {0, 1, 2, 3, 4, 5, 6, 7};
static const int some[4] = {2, 3, 4, 5}, gaps[4] = {0, 1, 4, 7};

static const struct pc_ms_epoch once = {5e9, 10, 1};

static struct pc_ms_window window(const double *f)
{
    struct pc_ms_window w = {.nrow = 10,
                             .nepoch = 1,
                             .epoch = &once,
                             .nchan = nchan,
                             .freq_hz = f,
                             .width_hz = width,
                             .nsel = nchan,
                             .sel = all,
                             .ncorr = 2};
    strcpy(w.info.ms, "a.ms");
    strcpy(w.info.specsys, "LSRK");
    w.info.restfreq_hz = 103e9;
    return w;
}

/* The exit code of an axis asked for; its plane frequencies in GHz as text in `got`. */
static int ask(const struct pc_ms_window *w, struct pc_axis_ask a, char *got, struct pc_err *err)
{
    struct pc_axis axis;
    const struct pc_ms_window *list[] = {w};
    *err = (struct pc_err){0};
    got[0] = 0;
    if (pc_axis_init(&axis, &a, list, 1, err))
        return err->code;
    for (int i = 0; i < axis.nplane; i++)
        sprintf(got + strlen(got), "%g ", axis.freq_hz[i] / 1e9);
    sprintf(got + strlen(got), "step %g", axis.step_hz / 1e9);
    pc_axis_fini(&axis);
    return 0;
}

static void cubes(void)
{
    static const struct {
        struct pc_axis_ask ask;
        const char *up, *down;
    } list[] = {
        {{.nchan = -1}, "100 101 102 103 104 105 106 107 step 1", "107 106 105 104 103 102 101 100 step -1"},
        {{.nchan = 2, .start = "3"}, "103 104 step 1", "104 103 step -1"},
        {{.nchan = -1, .width = "3"}, "101 104 step 3", "106 103 step -3"},
        {{.nchan = 2, .start = "6", .width = "-2"}, "105.5 103.5 step -2", "101.5 103.5 step 2"},
        {{.nchan = -1, .width = "-4"}, "105.5 101.5 step -4", "101.5 105.5 step 4"},
    };
    const struct pc_ms_window up = window(freq), dn = window(down);
    struct pc_err err;
    char got[400];
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        is_int(ask(&up, list[i].ask, got, &err), 0, "an axis of the data's channels");
        is_str(got, list[i].up, "ascending");
        is_int(ask(&dn, list[i].ask, got, &err), 0, "the same of descending ones");
        is_str(got, list[i].down, "descending");
    }
}

static void selected_channels(void)
{
    struct pc_ms_window w = window(freq);
    struct pc_err err;
    char got[400];
    w.nsel = 4;
    w.sel = some;
    ask(&w, (struct pc_axis_ask){.nchan = -1}, got, &err);
    is_str(got, "102 103 104 105 step 1", "channels that --spw selects are the axis");
    ask(&w, (struct pc_axis_ask){.nchan = -1, .width = "-1"}, got, &err);
    is_str(got, "105 104 103 102 step -1", "downwards from the last of them");
    is_int(ask(&w, (struct pc_axis_ask){.nchan = -1, .start = "1"}, got, &err), PC_EX_USAGE,
           "a start outside of them is refused");
    has(err.msg, "leaves 2 to 5", "with the range");
    ask(&w, (struct pc_axis_ask){.specmode = PC_SPECMODE_MFS, .nchan = -1}, got, &err);
    is_str(got, "103.5 step 4", "mfs goes from edge to edge of them");
    w.sel = gaps;
    ask(&w, (struct pc_axis_ask){.nchan = -1}, got, &err);
    is_str(got, "100 101 102 103 104 105 106 107 step 1", "an axis goes on over gaps");
}

static void refusals(void)
{
    static const struct {
        struct pc_axis_ask ask;
        const char *says;
    } list[] = {
        {{.nchan = 9}, "--nchan 9"},
        {{.nchan = 0}, "--nchan 0"},
        {{.nchan = 3, .start = "6"}, "has 2 such channels"},
        {{.nchan = -1, .start = "8"}, "--start 8"},
        {{.nchan = -1, .start = "-1"}, "--start -1"},
        {{.nchan = -1, .start = "115GHz"}, "the data, which cover 99.5 to 107.5 GHz (LSRK)"},
        {{.nchan = 3, .start = "115GHz"}, "--start 115GHz --width : no plane lies within the data"},
        {{.nchan = -1, .start = "98GHz", .width = "-1GHz"}, "no plane lies within the data"},
        {{.nchan = 9, .start = "1Hz", .width = "-13GHz"}, "no plane lies within the data"},
        {{.nchan = -1, .width = "1Jy"}, "--width 1Jy: write a number of channels (3), a frequency"},
        {{.nchan = -1, .start = "1.5"}, "--start 1.5: write"},
        {{.nchan = -1, .width = "0km/s"}, "--width 0km/s: planes need a width"},
        {{.nchan = -1, .width = "1Hz"}, "100000 is the most"},
        {{.nchan = -1, .start = "8", .width = "1MHz"}, "--start 8: spectral window 0 has channels 0 to 7"},
        {{.nchan = -1, .width = "0"}, "--width 0"},
        {{.nchan = -1, .width = "9"}, "--width 9"},
        {{.nchan = -1, .channels = "8"}, "0 to 7"},
        {{.nchan = -1, .channels = "3~"}, "write numbers"},
        {{.nchan = -1, .channels = "1,"}, "write numbers"},
        {{.nchan = -1, .channels = "-1"}, "write numbers"},
        {{.nchan = -1, .channels = "5~3"}, "not within"},
        {{.specmode = PC_SPECMODE_MFS, .nchan = 3}, "for cubes"},
        {{.specmode = PC_SPECMODE_MFS, .nchan = -1, .channels = "1"}, "0 to 0"},
    };
    const struct pc_ms_window w = window(freq);
    struct pc_err err;
    char got[400];
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        is_int(ask(&w, list[i].ask, got, &err), PC_EX_USAGE, list[i].says);
        has(err.msg, list[i].says, "and says so");
    }
    struct pc_ms_window nowhere = window(freq);
    nowhere.info.restfreq_hz = 0;
    is_int(ask(&nowhere, (struct pc_axis_ask){.nchan = -1, .start = "0km/s"}, got, &err), PC_EX_USAGE,
           "velocities without a rest frequency");
    has(err.msg, "needs --restfreq: the SOURCE table of a.ms has no rest frequency", "are refused");
}

/* What tclean makes of the same words (spec section 3.5); 103 GHz at rest, 1 GHz is 2911 km/s there. */
static void units(void)
{
    static const struct {
        struct pc_axis_ask ask;
        const char *up, *down;
    } list[] = {
        {{.nchan = 3, .start = "100.25GHz"}, "100.25 101.25 102.25 step 1", NULL},
        {{.nchan = -1, .width = "3GHz"}, "101 104 step 3", NULL},
        {{.nchan = -1, .width = "-3GHz"}, "106 103 step -3", NULL},
        {{.nchan = 2, .start = "103GHz", .width = "-0.5GHz"}, "103 102.5 step -0.5", NULL},
        {{.nchan = 2, .start = "103GHz", .width = "2"}, "103 105 step 2", NULL},
        {{.nchan = 2, .start = "3", .width = "0.25GHz"}, "103 103.25 step 0.25", "104 104.25 step 0.25"},
        {{.nchan = -1, .start = "105GHz"}, "105 106 107 step 1", NULL},
        {{.nchan = 2, .start = "0km/s"}, "103 102 step -1", NULL},
        {{.nchan = 2, .start = "0km/s", .width = "-291.0606384km/s"}, "103 103.1 step 0.1", NULL},
        {{.nchan = 3, .start = "0km/s", .width = "0.5GHz"}, "103 103.5 104 step 0.5", NULL},
        {{.nchan = -1, .width = "11642.425536893204km/s"}, "105.5 101.5 step -4", NULL},
        {{.nchan = -1, .width = "-11642.425536893204km/s"}, "101.5 105.5 step 4", NULL},
        {{.nchan = 2, .start = "106GHz", .width = "2910.606384km/s"}, "106 105 step -1", NULL},
        {{.nchan = 3, .start = "0km/s", .width = "2997.92458km/s", .veltype = PC_VELTYPE_OPTICAL},
         "103 101.98 100.98 step -1.0098",
         NULL},
    };
    const struct pc_ms_window up = window(freq), dn = window(down);
    struct pc_err err;
    char got[400];
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        is_int(ask(&up, list[i].ask, got, &err), 0, "an axis in units");
        is_str(got, list[i].up, "of ascending data");
        is_int(ask(&dn, list[i].ask, got, &err), 0, "of descending data");
        is_str(got, list[i].down ? list[i].down : list[i].up, "the same");
    }
}

static void frames(void)
{
    static const struct {
        const char *asked, *frame;
        int specmode;
    } list[] = {{"", "LSRK", PC_SPECMODE_CUBE},
                {"topo", "TOPOCENT", PC_SPECMODE_CUBE},
                {"BARY", "BARYCENT", PC_SPECMODE_MFS},
                {"GALACTO", "GALACTOC", PC_SPECMODE_CUBE},
                {"", NULL, PC_SPECMODE_CUBEDATA},
                {"", "SOURCE", PC_SPECMODE_CUBESOURCE},
                {"REST", "SOURCE", PC_SPECMODE_CUBESOURCE}};
    struct pc_err err;
    const char *frame;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct pc_axis_ask a = {.specmode = list[i].specmode, .outframe = list[i].asked};
        is_int(pc_axis_frame(&a, &frame, &err), 0, list[i].asked);
        is_str(frame ? frame : "", list[i].frame ? list[i].frame : "", "the frame that is asked for");
    }
    struct pc_axis_ask a = {.outframe = "HELIO"};
    is_int(pc_axis_frame(&a, &frame, &err), -1, "a frame that there is not");
    has(err.msg, "--outframe HELIO: there is no such frame; there are LSRK, LSRD,", "is refused");
    a = (struct pc_axis_ask){.specmode = PC_SPECMODE_CUBEDATA, .outframe = "LSRK"};
    is_int(pc_axis_frame(&a, &frame, &err), -1, "a frame with cubedata");
    a.specmode = PC_SPECMODE_CUBESOURCE;
    is_int(pc_axis_frame(&a, &frame, &err), -1, "another than the source's with cubesource");
}

static void several_windows(void)
{
    static const double above[nchan] = {105e9, 106e9, 107e9, 108e9, 109e9, 110e9, 111e9, 112e9};
    struct pc_ms_window a = window(freq), b = window(above);
    const struct pc_ms_window *list[] = {&a, &b};
    struct pc_axis axis;
    struct pc_err err = {0};
    struct pc_axis_ask want = {.nchan = -1};
    if (!ok(pc_axis_init(&axis, &want, list, 2, &err) == 0, "two windows that overlap"))
        return;
    ok(axis.nplane == 13 && axis.freq_hz[0] == 100e9 && axis.freq_hz[12] == 112e9, "make one axis");
    pc_axis_fini(&axis);
    want.width = "-2";
    if (ok(pc_axis_init(&axis, &want, list, 2, &err) == 0, "downwards"))
        ok(axis.nplane == 6 && axis.freq_hz[0] == 111.5e9 && axis.freq_hz[5] == 101.5e9,
           "from the top of both");
    pc_axis_fini(&axis);
    strcpy(b.info.specsys, "TOPOCENT");
    is_int(pc_axis_init(&axis, &want, list, 2, &err), -1, "different frames are refused");
}

static void records(void)
{
    const struct pc_ms_window w = window(freq);
    const struct pc_ms_window *list[] = {&w};
    struct pc_axis axis;
    struct pc_err err = {0};
    struct pc_record r = {0};
    struct pc_text t = {0};
    const struct pc_axis_ask want = {.nchan = 2, .channels = "1", .restfreq_hz = 99e9};
    if (!ok(pc_axis_init(&axis, &want, list, 1, &err) == 0 && pc_axis_cube_record(&axis, &r, &err) == 0 &&
                pc_record_format(&r, &t, &err) == 0,
            "00cube is made"))
        return;
    is_str(pc_text_str(&t),
           "nchan=2\nspecmode=cube\nframe=LSRK\nrestfreq_hz=99000000000\nwidth_hz=1000000000\n"
           "fracbw=0.009950248756218905\nfreq_hz=100000000000\nfreq_hz=101000000000\n",
           "with the whole axis, whatever --channels");
    ok(axis.nwanted == 1 && axis.wanted[0] == 1, "of which one is wanted");
    pc_text_free(&t);
    pc_record_free(&r);
    pc_axis_fini(&axis);
}

int main(void)
{
    cubes();
    selected_channels();
    refusals();
    units();
    frames();
    several_windows();
    records();
    return tap_done();
}
