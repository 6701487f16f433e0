/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule of the control by a case made for it, and its arithmetic by CASA's numbers. */
#include "clean/control.h"
#include "clean/minor.h"
#include "tap.h"

static const struct pc_control_conf CONF = {.niter = 1000,
                                            .cycleniter = -1,
                                            .nmajor = -1,
                                            .threshold_jy = 0.01,
                                            .cyclefactor = 1,
                                            .minpsffraction = 0.05,
                                            .maxpsffraction = 0.8,
                                            .cyclethreshold_jy = -1};
static struct pc_cycle done = {.iterdone = 50};

/* After one minor cycle and two residuals; peaks fall. */
static struct pc_state running(void)
{
    struct pc_state s;
    pc_state_init(&s);
    s.iterdone = 50, s.nmajor = 2, s.peakres_jy = 1, s.peak_prev_jy = 1, s.peak_min_jy = 1,
    s.cyclethreshold_jy = 0.1;
    s.cycle = &done, s.ncycle = 1;
    return s;
}

static void stops(struct pc_control_conf c, struct pc_state s, struct pc_control_in in, int want,
                  const char *name)
{
    is_int(pc_control_stop(&c, &s, &in), want, name);
}

static void test_levels(void)
{
    struct pc_control_conf c = CONF;
    struct pc_control_in in = {0.5, 0.5, 100, 0};
    stops(c, running(), in, 0, "goes on");
    in.peak_jy = 0.01;
    stops(c, running(), in, 2, "at the threshold");
    in.peak_jy = 0.010099;
    stops(c, running(), in, 2, "within 1 % of it");
    in.peak_jy = 0.010101;
    stops(c, running(), in, 0, "beyond 1 %");
    in.nsigma_jy = 0.01005;
    stops(c, running(), in, 8, "at the n-sigma level");
    in.peak_jy = 0.0099;
    stops(c, running(), in, 2, "the threshold rules over the n-sigma level");
    struct pc_state s = running();
    s.iterdone = 1000;
    stops(c, s, (struct pc_control_in){0.5, 0.5, 100, 0}, 1, "at niter");
    stops(c, s, (struct pc_control_in){0.5, 0.5, 100, 0.6}, 8, "the n-sigma level rules over niter");
    stops(c, s, in, 2, "the threshold rules over niter");
    c.forced = true;
    stops(c, s, in, 3, "the user rules over all");
    c = CONF, c.niter = 0;
    pc_state_init(&s);
    stops(c, s, (struct pc_control_in){0.5, 0.5, -1, 0}, 1, "niter 0 is at its limit at once");
}

static void test_mask(void)
{
    struct pc_state s, fresh;
    struct pc_control_conf c = CONF;
    pc_state_init(&fresh);
    fresh.nmajor = 1;
    stops(c, fresh, (struct pc_control_in){0.001, 0.001, 0, 0}, 7,
          "an empty mask at first rules over the threshold");
    s = running();
    stops(c, s, (struct pc_control_in){0.001, 0.001, 0, 0}, 2, "later the threshold rules");
    stops(c, s, (struct pc_control_in){0.5, 0.5, 0, 0}, 7, "over an empty mask");
    stops(c, fresh, (struct pc_control_in){0.5, 0.5, -1, 0}, 0, "no mask yet is no empty mask");
}

static void test_trend(void)
{
    struct pc_control_conf c = CONF;
    struct pc_state s = running();
    stops(c, s, (struct pc_control_in){1, 0.9, 9, 0}, 4, "the peak within the mask did not change");
    stops(c, s, (struct pc_control_in){0.9, 1, 9, 0}, 0, "that without mask may stay");
    stops(c, s, (struct pc_control_in){3.9, 3.9, 9, 0}, 0, "four times is not yet divergence");
    stops(c, s, (struct pc_control_in){4.1, 4.1, 9, 0}, 6, "beyond four times the lowest");
    s.peak_min_jy = 3.9;
    stops(c, s, (struct pc_control_in){4.1, 4.1, 9, 0}, 5, "beyond four times the one before");
    s.peak_min_jy = 0.2;
    stops(c, s, (struct pc_control_in){0.9, 0.9, 9, 0}, 6, "slowly beyond four times the lowest");
    s = running();
    done.stop = PC_MINOR_DIVERGING;
    stops(c, s, (struct pc_control_in){1.2, 1.2, 9, 0}, 6, "a tenth is enough when the minor cycle diverged");
    s.peak_min_jy = 1.15;
    stops(c, s, (struct pc_control_in){1.2, 1.2, 9, 0}, 5, "and above the one before");
    stops(c, s, (struct pc_control_in){1.09, 1.09, 9, 0}, 0, "less is not");
    stops(c, s, (struct pc_control_in){0.5, 0.5, 9, 0}, 0, "nor is a peak that fell");
    done.stop = PC_MINOR_THRESHOLD;
    stops(c, s, (struct pc_control_in){1.2, 1.2, 9, 0}, 0, "nor a rise after a sound minor cycle");
    pc_state_init(&s);
    s.nmajor = 1;
    stops(c, s, (struct pc_control_in){4.1, 4.1, 9, 0}, 0, "not before a minor cycle");
    s = running();
    done.iterdone = 0;
    c.cyclethreshold_jy = 0.09;
    stops(c, s, (struct pc_control_in){1, 1, 9, 0}, 0,
          "a channel that waited for a lower cyclethreshold goes on");
    c.cyclethreshold_jy = 0.1;
    stops(c, s, (struct pc_control_in){1, 1, 9, 0}, 4, "and stops when it is not lower");
    done.iterdone = 50;
}

static void test_nmajor(void)
{
    struct pc_control_conf c = CONF;
    c.nmajor = 1;
    stops(c, running(), (struct pc_control_in){0.5, 0.5, 9, 0}, 9, "nmajor");
    stops(c, running(), (struct pc_control_in){0.001, 0.5, 9, 0}, 2, "other reasons rule over it");
    c.nmajor = 2;
    stops(c, running(), (struct pc_control_in){0.5, 0.5, 9, 0}, 0, "the first residual is not counted");
}

static void test_note(void)
{
    struct pc_state s;
    pc_state_init(&s);
    ok(pc_control_note(&s, &(struct pc_control_in){0.3, 0.4, 9, 0}), "the first peak is the lowest");
    ok(!pc_control_note(&s, &(struct pc_control_in){0.3, 0.5, 9, 0}) && s.peak_min_jy == 0.4 &&
           s.peak_prev_jy == 0.5 && s.peakres_jy == 0.3,
       "a higher one is remembered");
}

static void is_f32(double got, float want, const char *name)
{
    ok(got == (double)want, "%s: %.9g", name, got);
}

static void test_cyclethreshold(void)
{
    struct pc_control_conf c = CONF;
    const double sidelobe = (double)0.142779857f, peak = (double)0.34972629f;
    is_f32(pc_control_cyclethreshold(&c, peak, sidelobe), 0.0499338694f, "CASA's first cycle");
    is_f32(pc_control_cyclethreshold(&c, 0.04, sidelobe), 0.01f, "not below the threshold");
    c.cyclefactor = 3;
    is_f32(pc_control_cyclethreshold(&c, (double)0.13549082f, sidelobe), 0.0580360778f,
           "CASA's cyclefactor 3");
    c.cyclefactor = 10;
    is_f32(pc_control_cyclethreshold(&c, peak, sidelobe), 0.8f * 0.34972629f, "maxpsffraction");
    c.cyclefactor = 1, c.minpsffraction = 0.5;
    is_f32(pc_control_cyclethreshold(&c, peak, sidelobe), 0.174863145f, "CASA's minpsffraction 0.5");
    c.cyclethreshold_jy = 0.2;
    is_f32(pc_control_cyclethreshold(&c, peak, sidelobe), 0.2f, "a cube's cyclethreshold");
    c = CONF, c.cycleniter = 50;
    is_int(pc_control_cycleniter(&c, 0), 50, "cycleniter");
    is_int(pc_control_cycleniter(&c, 970), 30, "what is left of niter");
    is_int(pc_control_cycleniter(&CONF, 400), 600, "cycleniter -1 is niter");
    is_int(pc_control_cycleniter(&CONF, 1001), 0, "nothing left");
}

int main(void)
{
    test_levels();
    test_mask();
    test_trend();
    test_nmajor();
    test_note();
    test_cyclethreshold();
    is_str(pc_stop_words(-1), "no data", "words");
    is_str(pc_stop_words(9), "nmajor reached", "words");
    is_str(pc_stop_words(10), "unknown", "words");
    return tap_done();
}
