/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/stokes.h"

#include <float.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { I = 1, Q = 2, U = 3, V = 4, RR = -1, LL = -2, RL = -3, LR = -4, XX = -5, YY = -6, XY = -7, YX = -8 };

static const struct {
    const char *name;
    struct pc_planes planes;
} names[] = {
    {"I", {1, {I}, false}},         {"Q", {1, {Q}, false}},
    {"U", {1, {U}, false}},         {"V", {1, {V}, false}},
    {"IV", {2, {I, V}, false}},     {"QU", {2, {Q, U}, false}},
    {"IQU", {3, {I, Q, U}, false}}, {"IQUV", {4, {I, Q, U, V}, false}},
    {"RR", {1, {RR}, false}},       {"LL", {1, {LL}, false}},
    {"RRLL", {2, {RR, LL}, false}}, {"XX", {1, {XX}, false}},
    {"YY", {1, {YY}, false}},       {"XXYY", {2, {XX, YY}, false}},
    {"pseudoI", {1, {I}, true}},
};
enum { NNAME = sizeof names / sizeof names[0] };

/* A Stokes parameter and a pair of correlations: corr[k] holds coef[k] times it, and it is the mean of
 * conj(coef[k]) corr[k]. Linear pairs first. */
static const struct pair {
    int stokes, corr[2];
    float coef[2][2];
} pairs[] = {
    {I, {XX, YY}, {{1, 0}, {1, 0}}},  {Q, {XX, YY}, {{1, 0}, {-1, 0}}}, {U, {XY, YX}, {{1, 0}, {1, 0}}},
    {V, {XY, YX}, {{0, 1}, {0, -1}}}, {I, {RR, LL}, {{1, 0}, {1, 0}}},  {V, {RR, LL}, {{1, 0}, {-1, 0}}},
    {Q, {RL, LR}, {{1, 0}, {1, 0}}},  {U, {RL, LR}, {{0, 1}, {0, -1}}},
};
enum { NPAIR = sizeof pairs / sizeof pairs[0] };

int pc_stokes_planes(const char *name, struct pc_planes *p, struct pc_err *err)
{
    for (int i = 0; i < NNAME; i++)
        if (strcasecmp(names[i].name, name) == 0) {
            *p = names[i].planes;
            return 0;
        }
    struct pc_text list = {0};
    for (int i = 0; i < NNAME; i++)
        pc_text_add(&list, "%s%s", i == 0 ? "" : i + 1 < NNAME ? ", " : " or ", names[i].name);
    if (pc_text_ok(&list, err) == 0)
        pc_err_set(err, PC_EX_USAGE, "--stokes %s: must be %s", name, list.s);
    pc_text_free(&list);
    return -1;
}

static int find_corr(const struct pc_visinfo *info, int code)
{
    for (int i = 0; i < info->ncorr; i++)
        if (info->corr[i] == code)
            return i;
    return -1;
}

/* The pair that makes a Stokes parameter, and where it is; NULL: none is there. */
static const struct pair *find_pair(const struct pc_visinfo *info, int stokes, int at[2])
{
    for (int i = 0; i < NPAIR; i++) {
        const struct pair *p = &pairs[i];
        if (p->stokes != stokes)
            continue;
        at[0] = find_corr(info, p->corr[0]);
        at[1] = find_corr(info, p->corr[1]);
        if (at[0] >= 0 && at[1] >= 0)
            return p;
    }
    return NULL;
}

/* Row `plane` of m->from; false: the correlations are not there. */
static bool make_plane(struct pc_mix *m, int plane, const struct pc_visinfo *info)
{
    const int code = m->planes.code[plane];
    int at[2] = {-1, -1};
    if (code < 0) {
        at[0] = at[1] = find_corr(info, code);
        if (at[0] >= 0)
            m->from[plane][at[0]][0] = 1;
    } else {
        const struct pair *p = find_pair(info, code, at);
        for (int k = 0; p != NULL && k < 2; k++) {
            m->from[plane][at[k]][0] = 0.5F * p->coef[k][0];
            m->from[plane][at[k]][1] = -0.5F * p->coef[k][1];
        }
        at[0] = p != NULL ? at[0] : -1;
    }
    memcpy(m->pair[plane], at, sizeof at);
    return at[0] >= 0;
}

/* What a correlation takes of a plane, whether or not the block could make the plane of it. */
static void predict_corr(struct pc_mix *m, int corr, int code)
{
    for (int plane = 0; plane < m->planes.n; plane++) {
        float *to = m->to[corr][plane];
        const int stokes = m->planes.code[plane];
        if (stokes == code)
            to[0] = 1;
        for (int i = 0; i < NPAIR; i++)
            for (int k = 0; k < 2; k++)
                if (pairs[i].stokes == stokes && pairs[i].corr[k] == code)
                    memcpy(to, pairs[i].coef[k], sizeof pairs[i].coef[k]);
    }
}

/* The plane that could not be made, counted from 0; -1: all could. */
static int try_mix(struct pc_mix *m, const struct pc_planes *planes, const struct pc_visinfo *info)
{
    *m = (struct pc_mix){.planes = *planes, .ncorr = info->ncorr};
    m->hands_sum = planes->n == 1 && planes->code[0] == I ? 2 : 1;
    for (int plane = 0; plane < planes->n; plane++)
        if (!make_plane(m, plane, info))
            return plane;
    for (int corr = 0; corr < info->ncorr; corr++)
        predict_corr(m, corr, info->corr[corr]);
    return -1;
}

static const char *name_of(int code)
{
    const char *name = pc_stokes_name(code);
    return name != NULL ? name : "?";
}

static void say_taken(struct pc_text *t, int stokes)
{
    const char *between = "";
    for (int i = 0; i < NPAIR; i++)
        if (pairs[i].stokes == stokes) {
            pc_text_add(t, "%s%s and %s", between, name_of(pairs[i].corr[0]), name_of(pairs[i].corr[1]));
            between = ", or ";
        }
    if (stokes < 0)
        pc_text_add(t, "that correlation itself");
}

static void say_what_would_do(struct pc_text *t, const struct pc_visinfo *info)
{
    struct pc_mix m;
    const char *between = " (these make --stokes ";
    for (int i = 0; i < NNAME; i++)
        if (try_mix(&m, &names[i].planes, info) < 0) {
            pc_text_add(t, "%s%s", between, names[i].name);
            between = ", ";
        }
    pc_text_add(t, "%s", between[0] == ',' ? ")" : " (which make none that --stokes knows)");
}

static int missing(int stokes, const struct pc_visinfo *info, struct pc_err *err)
{
    struct pc_text t = {0};
    pc_text_add(&t, "Stokes %s cannot be made: it takes ", name_of(stokes));
    say_taken(&t, stokes);
    pc_text_add(&t, ", %s has the correlations ", info->ms);
    for (int i = 0; i < info->ncorr; i++)
        pc_text_add(&t, "%s%s", i > 0 ? "," : "", name_of(info->corr[i]));
    say_what_would_do(&t, info);
    if (pc_text_ok(&t, err) == 0)
        pc_err_set(err, PC_EX_DATA, "%s", t.s);
    pc_text_free(&t);
    return -1;
}

int pc_mix_find(struct pc_mix *m, const struct pc_planes *planes, const struct pc_visinfo *info,
                struct pc_err *err)
{
    const int plane = try_mix(m, planes, info);
    return plane < 0 ? 0 : missing(planes->code[plane], info, err);
}

int pc_natural_find(struct pc_natural *n, bool pseudo, const struct pc_visinfo *info, struct pc_err *err)
{
    *n = (struct pc_natural){.ncorr = info->ncorr, .pseudo = pseudo};
    if (pseudo && find_pair(info, I, n->hand) == NULL)
        return missing(I, info, err);
    return 0;
}

bool pc_natural_good(float weight)
{
    return weight > 0 && weight <= FLT_MAX;
}

float pc_natural_weight(const struct pc_natural *n, const float *weight)
{
    if (n->pseudo) {
        const float a = weight[n->hand[0]], b = weight[n->hand[1]];
        return 0.5F * ((pc_natural_good(a) ? a : 0) + (pc_natural_good(b) ? b : 0));
    }
    for (int i = 0; i < n->ncorr; i++)
        if (!pc_natural_good(weight[i]))
            return 0;
    return n->ncorr > 1 ? 0.5F * (weight[0] + weight[n->ncorr - 1]) : weight[0];
}
