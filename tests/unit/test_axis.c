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

static struct pc_ms_window window(const double *f)
{
    struct pc_ms_window w = {
        .nchan = nchan, .freq_hz = f, .width_hz = width, .nsel = nchan, .sel = all, .ncorr = 2};
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
    is_int(ask(&w, (struct pc_axis_ask){.nchan = -1}, got, &err), PC_EX_USAGE, "gaps are refused in a cube");
    has(err.msg, "leaves 4 of the channels 0 to 7", "with the range");
    is_int(ask(&w, (struct pc_axis_ask){.specmode = PC_SPECMODE_MFS, .nchan = -1}, got, &err), 0,
           "not in mfs");
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
        {{.nchan = -1, .start = "115GHz"}, "--start 115GHz: only a channel number"},
        {{.nchan = -1, .width = "1km/s"}, "--width 1km/s: only a number of channels"},
        {{.nchan = -1, .width = "0"}, "--width 0"},
        {{.nchan = -1, .width = "9"}, "--width 9"},
        {{.nchan = -1, .outframe = "BARY"}, "--outframe BARY: the data are in LSRK"},
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
    is_int(ask(&w, (struct pc_axis_ask){.nchan = -1, .outframe = "lsrk"}, got, &err), 0,
           "the data's own frame may be named");
}

static void several_windows(void)
{
    struct pc_ms_window a = window(freq), b = window(down);
    const struct pc_ms_window *list[] = {&a, &b};
    struct pc_axis axis;
    struct pc_err err = {0};
    struct pc_axis_ask want = {.nchan = 3, .start = "1"};
    int *chan, nper;
    b.spw_id = 1;
    is_int(pc_axis_init(&axis, &want, list, 2, &err), -1, "a cube of two windows of one MS is refused");
    is_int(err.code, PC_EX_USAGE, "as usage");
    strcpy(b.info.ms, "b.ms");
    if (!ok(pc_axis_init(&axis, &want, list, 2, &err) == 0, "of two MSs it is not"))
        return;
    if (ok(pc_axis_map(&axis, &b, &chan, &nper, &err) == 0, "the second is mapped by frequency"))
        ok(nper == 1 && chan[0] == 6 && chan[1] == 5 && chan[2] == 4, "to its own channels");
    pc_mem_free(chan);
    b.nsel = 4;
    b.sel = some;
    is_int(pc_axis_map(&axis, &b, &chan, &nper, &err), -1, "a channel that it lacks is refused");
    has(err.msg, "no channel at 101 GHz", "with its frequency");
    strcpy(b.info.specsys, "TOPOCENT");
    pc_axis_fini(&axis);
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
    several_windows();
    records();
    return tap_done();
}
