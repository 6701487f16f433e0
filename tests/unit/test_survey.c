/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/survey.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* A plane surveyed in pieces against loops over all its pixels. */

enum { NX = 301, NY = 211, N = NX * NY };
static float given[N], pix[N];
static unsigned char valid[N];
static uint64_t seed = 3;

static double uniform(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void fill(double often)
{
    for (int i = 0; i < N; i++) {
        double u = uniform();
        given[i] = u < 0.001 ? INFINITY : u < 0.002 ? -INFINITY : u < 0.01 ? NAN : (float)(2 * uniform() - 1);
        valid[i] = i && uniform() < 0.9 ? valid[i - 1] : uniform() < often; /* stretches */
    }
}

static float want(int i, bool bounded)
{
    return isfinite(given[i]) && (!bounded || valid[i]) ? given[i] : NAN;
}

/* Pixels that are not what they should be. */
static int blanked_wrong(bool bounded)
{
    int wrong = 0;
    for (int i = 0; i < N; i++) {
        float w = want(i, bounded);
        wrong += isnan(w) ? !isnan(pix[i]) : pix[i] != w;
    }
    return wrong;
}

static int found_wrong(const struct pc_survey *s, float level, bool bounded)
{
    static unsigned char above[N], below[N];
    struct pc_runs a = {0}, b = {0};
    struct pc_err err;
    int wrong = 0;
    if (pc_survey_above(s, pix, level, &a, &err) || pc_survey_below(s, pix, level, &b, &err))
        diag("%s", err.msg);
    memset(above, 0, N);
    memset(below, 0, N);
    pc_runs_paint(&a, NX, 1, above);
    pc_runs_paint(&b, NX, 1, below);
    for (int i = 0; i < N; i++)
        wrong += above[i] != (want(i, bounded) > level) || below[i] != (want(i, bounded) < level);
    pc_runs_free(&a);
    pc_runs_free(&b);
    return wrong;
}

static int extremes_wrong(const struct pc_survey *s, bool bounded)
{
    float min = NAN, max = NAN, lo, hi;
    int64_t n = 0;
    for (int i = 0; i < N; i++) {
        min = fminf(min, want(i, bounded));
        max = fmaxf(max, want(i, bounded));
        n += !isnan(want(i, bounded));
    }
    pc_survey_extremes(s, &lo, &hi);
    return s->n != n || (n && (lo != min || hi != max)) || (!n && !(isnan(lo) && isnan(hi)));
}

int main(void)
{
    int blanks = 0, extremes = 0, found = 0, cases = 0;
    for (int d = 0; d <= 10; d++)
        for (int piece = 1; piece < 40; piece += 7, cases++) {
            struct pc_survey s;
            struct pc_runs runs = {0};
            struct pc_err err;
            bool bounded = piece != 8;
            int64_t step = piece * (int64_t)PC_SURVEY_BLOCK;
            fill(d / 10.0);
            memcpy(pix, given, sizeof pix);
            for (int y = 0; y < NY; y++)
                if (pc_runs_add_bytes(&runs, y, 0, valid + y * NX, NX, &err))
                    diag("%s", err.msg);
            if (pc_survey_init(&s, NX, NY, &err))
                return 1;
            for (int64_t at = 0; at < N; at += step)
                pc_survey_add(&s, at, N - at < step ? N - at : step, pix + at, bounded ? &runs : NULL);
            blanks += blanked_wrong(bounded);
            extremes += extremes_wrong(&s, bounded);
            found += found_wrong(&s, 0.3F, bounded) + found_wrong(&s, 0.999F, bounded);
            pc_survey_fini(&s);
            pc_runs_free(&runs);
        }
    is_int(blanks, 0, "what is not valid is blank, and nothing else");
    is_int(extremes, 0, "extremes and count");
    is_int(found, 0, "what is above a level, and below");
    ok(cases > 50, "%d planes", cases);
    return tap_done();
}
