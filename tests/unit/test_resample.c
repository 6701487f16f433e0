/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/resample.h"

#include "tap.h"

#include <math.h>
#include <string.h>

/* Ten channels of two correlations, 100, 101 ... 109 Hz; the second epoch's frequencies are 1 % higher. */
enum { nchan = 10, ncorr = 2 };
static const double up[nchan] = {100, 101, 102, 103, 104, 105, 106, 107, 108, 109};
static const double down[nchan] = {109, 108, 107, 106, 105, 104, 103, 102, 101, 100};
static const double width[nchan] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const int all[nchan] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
static const struct pc_ms_epoch still = {0, 6, 1}, drift[2] = {{0, 6, 1}, {1, 4, 1.01}};

static struct pc_ms_window window(const double *f, const struct pc_ms_epoch *e, int nepoch)
{
    return (struct pc_ms_window){.nrow = 6,
                                 .nepoch = nepoch,
                                 .epoch = e,
                                 .nchan = nchan,
                                 .freq_hz = f,
                                 .width_hz = width,
                                 .nsel = nchan,
                                 .sel = all,
                                 .ncorr = ncorr};
}

/* An axis of n planes from first on. */
struct planes {
    double freq[32], width[32];
    int wanted[32];
    struct pc_axis a;
};

static void planes(struct planes *p, int n, double first, double step, int interpolation)
{
    p->a = (struct pc_axis){.nplane = n,
                            .nwanted = n,
                            .freq_hz = p->freq,
                            .width_hz = p->width,
                            .wanted = p->wanted,
                            .step_hz = step,
                            .interpolation = interpolation};
    for (int i = 0; i < n; i++) {
        p->freq[i] = first + i * step;
        p->width[i] = step;
        p->wanted[i] = i;
    }
}

static double cubic(double f)
{
    const double x = f - 104;
    return 0.01 * x * x * x - 0.2 * x * x + x + 3;
}

/* One row whose visibilities are a function of frequency, and what the planes make of it at an epoch. */
struct row {
    float vis[nchan * ncorr * 2], weight[nchan * ncorr];
    float got[32 * ncorr * 2], got_weight[32 * ncorr];
    double freq[32];
};

static void fill(struct row *r, const struct pc_ms_window *w, int epoch, double (*of)(double))
{
    for (int i = 0; i < nchan; i++)
        for (int j = 0; j < ncorr; j++) {
            const float v = (float)of(w->freq_hz[i] * w->epoch[epoch].factor);
            r->vis[(i * ncorr + j) * 2] = v;
            r->vis[(i * ncorr + j) * 2 + 1] = (float)(j + 1) * v;
            r->weight[i * ncorr + j] = (float)(i + 1 + 10 * j);
        }
}

static void make(struct row *r, const struct pc_resample *s, int epoch)
{
    struct pc_tap tap[32];
    const int n = s->axis->nwanted;
    pc_resample_taps(s, 0, n, epoch, tap);
    pc_resample_row(s, tap, (int64_t)n * s->nper, r->vis + (int64_t)s->lo * ncorr * 2,
                    r->weight + (int64_t)s->lo * ncorr, r->got, r->got_weight);
    for (int q = 0; q < n; q++)
        pc_resample_freq(s, q, epoch, r->freq + q * s->nper);
}

static double line(double f)
{
    return 2 * f - 200;
}

/* Every slot against the function itself; NAN where nothing may be. */
static void follows(const struct row *r, int n, double (*of)(double), double lo, double hi, const char *name)
{
    double worst = 0;
    int wrong = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < ncorr; j++) {
            const bool in = r->freq[i] > lo - 0.001 &&
                            r->freq[i]<hi + 0.001, has_weight = r->got_weight[i * ncorr + j]> 0;
            wrong += in != has_weight;
            if (in && has_weight)
                worst = fmax(worst, fabs(r->got[(i * ncorr + j) * 2 + 1] - (j + 1) * of(r->freq[i])));
        }
    ok(wrong == 0, "%s: %d slots have weight just where the data are", name, n);
    ok(worst < 1e-4, "%s: the values are those of the function at their frequencies (%g)", name, worst);
}

static void interpolated(void)
{
    static const struct {
        int n;
        double first, step;
        int how, nper;
    } list[] = {{9, 99.7, 1.3, PC_INTERPOLATION_LINEAR, 1},   {9, 110.2, -1.3, PC_INTERPOLATION_LINEAR, 1},
                {4, 100.9, 2.6, PC_INTERPOLATION_LINEAR, 2},  {3, 101, 3, PC_INTERPOLATION_LINEAR, 3},
                {30, 99.9, 0.33, PC_INTERPOLATION_LINEAR, 1}, {12, 101, 0.6, PC_INTERPOLATION_CUBIC, 1},
                {3, 107.9, -2.7, PC_INTERPOLATION_CUBIC, 2}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        for (int dir = 0; dir < 2; dir++) {
            struct pc_ms_window w = window(dir ? down : up, drift, 2);
            struct planes p;
            struct pc_resample s;
            struct pc_err err;
            struct row r;
            planes(&p, list[i].n, list[i].first, list[i].step, list[i].how);
            double (*of)(double) = list[i].how == PC_INTERPOLATION_CUBIC ? cubic : line;
            if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0 && s.nper == list[i].nper && !s.freq_per_row,
                    "planes of %g make %d slots", list[i].step, list[i].nper))
                continue;
            for (int e = 0; e < 2; e++) {
                fill(&r, &w, e, of);
                make(&r, &s, e);
                follows(&r, list[i].n * s.nper, of, 100 * w.epoch[e].factor, 109 * w.epoch[e].factor,
                        dir ? "descending" : "ascending");
            }
            pc_resample_fini(&s);
        }
}

/* Weights go by the line; either neighbour's flag flags; a slot on a channel needs no neighbour. */
static void weights(void)
{
    const struct pc_ms_window w = window(up, &still, 1);
    struct planes p;
    struct pc_resample s;
    struct pc_err err;
    struct row r;
    planes(&p, 3, 103, 0.25, PC_INTERPOLATION_LINEAR);
    fill(&r, &w, 0, line);
    r.weight[4 * ncorr] = -PC_LEFT_FLAGGED;
    if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0, "narrow planes"))
        return;
    make(&r, &s, 0);
    ok(r.got_weight[0] == 4 && r.got_weight[2] == -PC_LEFT_FLAGGED && r.got_weight[4] == -PC_LEFT_FLAGGED,
       "of one flagged channel");
    ok(r.got_weight[1] == 14 && r.got_weight[3] == 14.25f && r.got_weight[5] == 14.5f,
       "its other correlation stays");
    pc_resample_fini(&s);
    planes(&p, 2, 103.5, 1, PC_INTERPOLATION_CUBIC);
    if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0, "cubic"))
        return;
    fill(&r, &w, 0, cubic);
    r.weight[5 * ncorr] = -PC_LEFT_NAN;
    make(&r, &s, 0);
    ok(r.got_weight[0] == 4.5f && fabs(r.got[0] - (cubic(103) + cubic(104)) / 2) < 1e-5,
       "a flag farther away leaves the line");
    ok(fabs(r.got[2] - cubic(103.5)) < 1e-5, "and the other correlation's cubic");
    ok(r.got_weight[2] == -PC_LEFT_NAN, "a reason is kept");
    pc_resample_fini(&s);
}

static void whole_channels(void)
{
    struct pc_ms_window w = window(down, drift, 2);
    struct planes p;
    struct pc_resample s;
    struct pc_err err;
    struct row r;
    planes(&p, 3, 101.4, 2.5, PC_INTERPOLATION_NEAREST);
    if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0 && s.nper == 3 && s.freq_per_row,
            "nearest: up to 3 in 2.5 channels"))
        return;
    fill(&r, &w, 1, line);
    make(&r, &s, 1);
    /* 101, 102.01, 103.02, 104.03, 105.04, 106.05, 107.06 ... in 100.15 to 102.65, 105.15, 107.65 */
    static const double want[9] = {101, 102.01, 101.4, 103.02, 104.03, 105.04, 106.05, 107.06, 106.4};
    double worst = 0;
    for (int i = 0; i < 9; i++)
        worst = fmax(worst, fabs(r.freq[i] - want[i]));
    ok(worst < 1e-9, "each channel is in the plane of its frequency at that time (%g)", worst);
    ok(r.got_weight[4] == -PC_LEFT_OUTSIDE && r.got_weight[2] == 9 && r.got_weight[6] == 8,
       "with its own weight, %g %g %g", r.got_weight[4], r.got_weight[2], r.got_weight[6]);
    is_int(pc_resample_beyond(&s), 10 * ncorr * 3, "the others are beyond the axis");
    pc_resample_fini(&s);
}

/* A band that drifts into a plane and out of another. */
static void rows(void)
{
    struct pc_ms_window w = window(up, drift, 2);
    struct planes p;
    struct pc_resample s;
    struct pc_err err;
    planes(&p, 11, 100, 1, PC_INTERPOLATION_LINEAR);
    if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0, "a drifting window"))
        return;
    ok(s.nrow[0] == 6 && s.nrow[1] == 10 && s.nrow[9] == 10 && s.nrow[10] == 4,
       "the rows of each plane are known");
    ok(s.lo == 0 && s.nspan == 10 && !s.copies && s.tap == NULL, "and the channels that are needed");
    pc_resample_fini(&s);
    w.nepoch = 1;
    if (!ok(pc_resample_init(&s, &p.a, &w, &err) == 0 && s.nrow[9] == 6 && s.nrow[10] == 0,
            "one that does not drift"))
        return;
    pc_resample_fini(&s);
    planes(&p, 4, 103.0005, 1, PC_INTERPOLATION_LINEAR);
    double f = 0;
    if (ok(pc_resample_init(&s, &p.a, &w, &err) == 0 && s.copies && s.lo == 3 && s.nspan == 4,
           "within 1e-3: channels as they are"))
        pc_resample_freq(&s, 1, 0, &f);
    ok(f == 104, "at their own frequencies");
    pc_resample_fini(&s);
    static const double mixed[nchan] = {100, 102, 101, 103, 104, 105, 106, 107, 108, 109};
    w.freq_hz = mixed;
    is_int(pc_resample_init(&s, &p.a, &w, &err), -1, "channels in no order");
    has(err.msg, "neither ascend nor descend", "are refused");
}

static void epochs(void)
{
    struct pc_ms_epoch e[5] = {{1, 1, 1}, {2, 1, 1}, {4, 1, 1}, {8, 1, 1}, {16, 1, 1}};
    const struct pc_ms_window w = {.epoch = e, .nepoch = 5};
    bool all_found = true;
    for (int i = 0; i < 5; i++)
        for (int near = 0; near < 5; near++)
            all_found = all_found && pc_ms_epoch_find(&w, e[i].time_s, near) == i;
    ok(all_found, "times are found wherever one looks first");
}

int main(void)
{
    interpolated();
    weights();
    whole_channels();
    rows();
    epochs();
    return tap_done();
}
