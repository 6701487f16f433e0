/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/stokes.h"
#include "tests/unit/tap.h"

#include <complex.h>
#undef I

static struct pc_err err;

/* Planes, correlations and names as text, "I,Q". */
static int parse(const char *list, int code[4])
{
    char text[64], *save = NULL;
    int n = 0;
    snprintf(text, sizeof text, "%s", list);
    for (char *t = strtok_r(text, ",", &save); t; t = strtok_r(NULL, ",", &save))
        code[n++] = pc_stokes_code(t);
    return n;
}

static struct pc_visinfo info_of(const char *corrs)
{
    struct pc_visinfo info = {.ms = "obs.ms"};
    info.ncorr = parse(corrs, info.corr);
    return info;
}

static struct pc_mix mix_of(const char *stokes, const char *corrs)
{
    struct pc_mix m = {0};
    struct pc_planes p;
    struct pc_visinfo info = info_of(corrs);
    if (pc_stokes_planes(stokes, &p, &err) != 0 || pc_mix_find(&m, &p, &info, &err) != 0)
        ok(0, "%s of %s: %s", stokes, corrs, err.msg);
    return m;
}

/* What a correlation sees of a source of Stokes I, Q, U, V: the truth, from spec 2.7. */
static double complex seen(int corr, const double s[4])
{
    switch (corr) {
    case -5:
        return s[0] + s[1];
    case -6:
        return s[0] - s[1];
    case -7:
        return CMPLX(s[2], s[3]);
    case -8:
        return CMPLX(s[2], -s[3]);
    case -1:
        return s[0] + s[3];
    case -2:
        return s[0] - s[3];
    case -3:
        return CMPLX(s[1], s[2]);
    default:
        return CMPLX(s[1], -s[2]);
    }
}

static double complex coef(const float c[2])
{
    return CMPLX((double)c[0], (double)c[1]);
}

static void test_names(void)
{
    static const struct {
        const char *name, *planes;
    } list[] = {{"I", "I"},       {"Q", "Q"},       {"U", "U"},       {"V", "V"},          {"IV", "I,V"},
                {"QU", "Q,U"},    {"IQU", "I,Q,U"}, {"RR", "RR"},     {"IQUV", "I,Q,U,V"}, {"LL", "LL"},
                {"XX", "XX"},     {"YY", "YY"},     {"iqu", "I,Q,U"}, {"RRLL", "RR,LL"},   {"XXYY", "XX,YY"},
                {"pseudoI", "I"}, {"PSEUDOI", "I"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct pc_planes p = {0};
        int want[4] = {0};
        const int n = parse(list[i].planes, want);
        ok(pc_stokes_planes(list[i].name, &p, &err) == 0 && p.n == n &&
               memcmp(p.code, want, sizeof want) == 0,
           "--stokes %s is %s", list[i].name, list[i].planes);
        ok(p.pseudo == (strlen(list[i].name) == 7), "and pseudo or not");
    }
    struct pc_planes p;
    ok(pc_stokes_planes("XY", &p, &err) != 0 && err.code == PC_EX_USAGE, "XY is refused, as in tclean");
    has(err.msg, "IQUV", "the sentence lists what there is");
    ok(pc_stokes_planes("", &p, &err) != 0, "so is nothing");
}

/* A source of I, Q, U, V comes back from the correlations, and is predicted from the planes alone. */
static void test_truth(const char *stokes, const char *corrs)
{
    const double sky[4] = {3, -0.5, 0.25, 0.125};
    struct pc_mix m = mix_of(stokes, corrs);
    struct pc_visinfo info = info_of(corrs);
    double known[4] = {0}, worst = 0;
    for (int p = 0; p < m.planes.n; p++) {
        const int code = m.planes.code[p];
        const double complex want = code > 0 ? sky[code - 1] : seen(code, sky);
        double complex got = 0;
        for (int c = 0; c < info.ncorr; c++)
            got += coef(m.from[p][c]) * seen(info.corr[c], sky);
        worst = fmax(worst, cabs(got - want));
        if (code > 0)
            known[code - 1] = sky[code - 1];
    }
    ok(worst == 0, "planes %s come of %s", stokes, corrs);
    for (int c = 0; c < info.ncorr && m.planes.code[0] > 0; c++) {
        double complex got = 0;
        for (int p = 0; p < m.planes.n; p++)
            got += coef(m.to[c][p]) * known[m.planes.code[p] - 1];
        worst = fmax(worst, cabs(got - seen(info.corr[c], known)));
    }
    ok(worst == 0, "and predict %s", corrs);
}

static void test_correlations_alone(void)
{
    struct pc_mix m = mix_of("RRLL", "LL,RL,RR");
    ok(m.from[0][2][0] == 1 && m.from[1][0][0] == 1 && m.from[0][0][0] == 0 && m.from[0][1][0] == 0,
       "RRLL takes each from its place");
    ok(m.to[2][0][0] == 1 && m.to[0][1][0] == 1 && m.to[1][0][0] == 0 && m.to[1][1][0] == 0 &&
           m.to[2][1][0] == 0,
       "and predicts it there, the cross hand is 0");
    m = mix_of("YY", "XX,YY");
    ok(m.from[0][1][0] == 1 && m.from[0][0][0] == 0 && m.to[1][0][0] == 1 && m.to[0][0][0] == 0, "YY alone");
    is_int(m.pair[0][0], 1, "its pair is itself");
    is_int(m.pair[0][1], 1, "twice");
}

/* to * from is the identity on all four correlations, and from is half the adjoint of to. */
static void test_inverse(const char *corrs)
{
    struct pc_mix m = mix_of("IQUV", corrs);
    double worst = 0, unlike = 0;
    for (int c = 0; c < 4; c++)
        for (int d = 0; d < 4; d++) {
            double complex sum = 0;
            for (int p = 0; p < 4; p++)
                sum += coef(m.to[c][p]) * coef(m.from[p][d]);
            worst = fmax(worst, cabs(sum - (c == d)));
            unlike = fmax(unlike, cabs(2 * coef(m.from[c][d]) - conj(coef(m.to[d][c]))));
        }
    ok(worst == 0, "%s to IQUV and back is the identity", corrs);
    ok(unlike == 0, "from is half the adjoint of to");
}

static void test_hands(void)
{
    is_int(mix_of("I", "XX,YY").hands_sum, 2, "a sample of I counts twice");
    is_int(mix_of("pseudoI", "RR,LL").hands_sum, 2, "so does one of pseudoI");
    is_int(mix_of("XX", "XX,YY").hands_sum, 1, "one of XX once");
    is_int(mix_of("V", "RR,LL").hands_sum, 1, "one of V");
    is_int(mix_of("IV", "RR,LL").hands_sum, 1, "and one of several planes");
}

static void is_missing(const char *stokes, const char *corrs, const char *takes, const char *would_do)
{
    struct pc_mix m;
    struct pc_planes p;
    struct pc_visinfo info = info_of(corrs);
    ok(pc_stokes_planes(stokes, &p, &err) == 0 && pc_mix_find(&m, &p, &info, &err) != 0 &&
           err.code == PC_EX_DATA,
       "no %s of %s", stokes, corrs);
    has(err.msg, takes, "the sentence says what it takes");
    has(err.msg, corrs, "what is there");
    has(err.msg, "obs.ms", "and where");
    has(err.msg, would_do, "and what would do");
}

static void test_missing(void)
{
    is_missing("I", "XX", "XX and YY, or RR and LL", "(these make --stokes XX)");
    is_missing("IQUV", "XX,YY", "Stokes U cannot be made: it takes XY and YX, or RL and LR",
               "(these make --stokes I, Q, XX, YY, XXYY, pseudoI)");
    is_missing("IQU", "RR,LL", "Stokes Q", "(these make --stokes I, V, IV, RR, LL, RRLL, pseudoI)");
    is_missing("RRLL", "XX,XY,YX,YY", "Stokes RR", "IQUV, XX, YY, XXYY, pseudoI)");
    is_missing("I", "XY", "XX and YY", "(which make none that --stokes knows)");
    is_missing("pseudoI", "RR", "RR and LL", "--stokes RR)");
    is_missing("U", "RR,RL,LL", "RL and LR", "RRLL");
}

static float natural(const char *corrs, bool pseudo, const float *weight)
{
    struct pc_natural n;
    struct pc_visinfo info = info_of(corrs);
    if (pc_natural_find(&n, pseudo, &info, &err) != 0)
        return -1;
    return pc_natural_weight(&n, weight);
}

static void test_natural(void)
{
    const char *four = "XX,XY,YX,YY";
    is_near((double)natural(four, false, (float[]){1, 9, 9, 4}), 2.5, 0,
            "the mean of the first and the last");
    is_near((double)natural("YY", false, (float[]){3}), 3, 0, "or the only one");
    is_near((double)natural(four, false, (float[]){1, 0, 1, 1}), 0, 0, "a flag on any removes the sample");
    is_near((double)natural("XX,YY", false, (float[]){1, -1}), 0, 0, "a negative weight is a flag");
    is_near((double)natural("XX,YY", false, (float[]){NAN, 1}), 0, 0, "so is NaN");
    is_near((double)natural("XX,YY", false, (float[]){1, INFINITY}), 0, 0, "and infinity");
    is_near((double)natural(four, true, (float[]){1, 0, 0, 4}), 2.5, 0, "pseudo: cross hands do not matter");
    is_near((double)natural(four, true, (float[]){0, 1, 1, 4}), 2, 0, "one good hand: half of its weight");
    is_near((double)natural("RL,RR,LL,LR", true, (float[]){9, 1, NAN, 9}), 0.5, 0, "hands where they are");
    is_near((double)natural("XX,YY", true, (float[]){0, -1}), 0, 0, "no good hand: a flag");
    ok(natural("XX", true, (float[]){1}) == -1 && err.code == PC_EX_DATA, "no pseudoI of one hand");
}

int main(void)
{
    static const char *const all[] = {"I", "Q", "U", "V", "IV", "QU", "IQU", "IQUV", "pseudoI"};
    static const char *const full[] = {"XX,XY,YX,YY", "RR,RL,LR,LL", "YX,YY,XX,XY", "LL,RR,LR,RL",
                                       "XX,YX,XY,YY"};
    test_names();
    for (size_t c = 0; c < sizeof full / sizeof *full; c++) {
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            test_truth(all[i], full[c]);
        test_inverse(full[c]);
    }
    test_truth("I", "YY,XX");
    test_truth("Q", "XX,YY");
    test_truth("IV", "LL,RR");
    test_truth("QU", "LR,RL");
    test_truth("XX", "XX");
    test_truth("XXYY", "YY,XX");
    test_correlations_alone();
    test_hands();
    test_missing();
    test_natural();
    return tap_done();
}
