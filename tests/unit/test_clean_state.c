/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/state.h"
#include "tap.h"

#include <stdlib.h>

static void test_round_trip(void)
{
    struct pc_state a, b;
    struct pc_record r, again;
    struct pc_text text = {0};
    struct pc_err err = {0};
    struct pc_cycle c = {
        .iterdone = 19,
        .startpeak_jy = (double)0.34972629f,
        .peakres_jy = 0.0472428389,
        .peakres_nomask_jy = NAN,
        .modelflux_jy = 0.302483469247818,
        .cyclethreshold_jy = (double)0.0499338694f,
        .rms_jy = 1e-300,
        .masksum = 102400,
        .stop = 2,
        .startpeak_nomask_jy = 0.5,
        .nsigma_jy = 1.0 / 7,
        .stokes = "IV",
        .nplane = 2,
        .plane = {{.iterdone = 7, .rms_jy = 1.0 / 3, .stokes = "I"},
                  {.iterdone = 12, .peakres_nomask_jy = NAN, .masksum = 3, .stop = 4, .stokes = "V"}}};
    pc_state_init(&a);
    a.iterdone = 1LL << 40, a.nmajor = 3, a.stopcode = -1, a.peakres_jy = (double)0.1f,
    a.cyclethreshold_jy = 1.0 / 3;
    a.peak_prev_jy = 0, a.peak_min_jy = 4e-5;
    strcpy(a.residual_model, "4294967295");
    ok(!pc_state_add_cycle(&a, &c, &err) && !pc_state_add_cycle(&a, &c, &err), "two cycles");
    ok(!pc_record_append(&a.other, "from_the_future", "a=b c", &err), "a key of a later version");
    ok(!pc_state_format(&a, &r, &err) && !pc_record_format(&r, &text, &err), "formats");
    has(pc_text_str(&text), "cycle=iterdone=19 startpeak_jy=0.3497262895", "a cycle is a line of key=value");
    ok(!pc_record_parse(&again, pc_text_str(&text), text.len, "state", &err) &&
           !pc_state_parse(&b, &again, &err),
       "parses");
    ok(b.iterdone == a.iterdone && b.nmajor == 3 && b.stopcode == -1 && b.peakres_jy == a.peakres_jy &&
           b.cyclethreshold_jy == a.cyclethreshold_jy && b.peak_prev_jy == 0 && b.peak_min_jy == 4e-5 &&
           !strcmp(b.residual_model, "4294967295"),
       "every number comes back the same");
    ok(b.ncycle == 2 && b.cycle[1].iterdone == 19 && b.cycle[1].startpeak_jy == c.startpeak_jy &&
           b.cycle[1].modelflux_jy == c.modelflux_jy && isnan(b.cycle[1].peakres_nomask_jy) &&
           b.cycle[1].rms_jy == 1e-300 && b.cycle[1].masksum == 102400 && b.cycle[1].stop == 2,
       "and the history");
    const struct pc_cycle_plane *plane = b.cycle[0].plane;
    ok(b.cycle[1].startpeak_nomask_jy == 0.5 && b.cycle[1].nsigma_jy == 1.0 / 7 &&
           !strcmp(b.cycle[1].stokes, "IV") && b.cycle[0].nplane == 2 && plane[0].iterdone == 7 &&
           plane[0].rms_jy == 1.0 / 3 && !strcmp(plane[0].stokes, "I") && isnan(plane[1].peakres_nomask_jy) &&
           plane[1].masksum == 3 && plane[1].stop == 4 && !strcmp(plane[1].stokes, "V"),
       "with each Stokes plane");
    is_str(pc_record_get(&b.other, "from_the_future"), "a=b c", "unknown keys are kept");
    pc_state_fini(&a), pc_state_fini(&b), pc_record_free(&r), pc_record_free(&again), pc_text_free(&text);
}

static void refused(const char *text, const char *piece)
{
    struct pc_record r;
    struct pc_state s;
    struct pc_err err = {0};
    int rc = pc_record_parse(&r, text, strlen(text), "state", &err);
    ok(rc == 0 && pc_state_parse(&s, &r, &err) < 0 && err.code == PC_EX_DATA, "refused: %s", text);
    has(err.msg, piece, "with the value");
    pc_record_free(&r);
}

int main(void)
{
    struct pc_state s;
    struct pc_record empty = {0};
    struct pc_err err = {0};
    test_round_trip();
    ok(!pc_state_parse(&s, &empty, &err) && s.peak_prev_jy < 0 && s.peak_min_jy < 0 && s.stopcode == 0,
       "absent keys: nothing done yet");
    pc_state_fini(&s);
    refused("iterdone=many\n", "many");
    refused("stopcode=99999999999\n", "99999999999");
    refused("peakres_jy=\n", "peakres_jy");
    refused("cycle=iterdone=3 stop\n", "stop");
    refused("cycle=iterdone=x\n", "'x'");
    refused("cycle=stokes=0123456789abcdef\n", "too long");
    refused("cycleplane=iterdone=3\n", "before any cycle");
    refused("cycle=\ncycleplane=\ncycleplane=\ncycleplane=\ncycleplane=\ncycleplane=\n", "too many");
    refused("residual_model=1234567890123456789012345\n", "12345");
    return tap_done();
}
