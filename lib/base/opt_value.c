/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/opt_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *field(const struct pc_opt *o, void *params)
{
    return (char *)params + o->offset;
}

static const char *cfield(const struct pc_opt *o, const void *params)
{
    return (const char *)params + o->offset;
}

static int check_range(const struct pc_opt *o, const char *typed, double v, struct pc_err *err)
{
    if (!(o->lo < o->hi))
        return 0;
    bool low = o->flags & PC_OPT_OPEN_LO ? !(v > o->lo) : !(v >= o->lo);
    bool high = o->flags & PC_OPT_OPEN_HI ? !(v < o->hi) : !(v <= o->hi);
    if (!low && !high)
        return 0;
    bool open = (o->flags & (low ? PC_OPT_OPEN_LO : PC_OPT_OPEN_HI)) != 0;
    double bound = low ? o->lo : o->hi;
    char s[40];
    return pc_err_set(err, PC_EX_USAGE, "--%s is %.80s, it must be %s %s%s", o->name, typed,
                      low ? (open ? "more than" : "at least") : (open ? "less than" : "at most"),
                      pc_text_double(s, bound), bound != 0 ? pc_dim_unit(o->dim) : "");
}

static int parse_int(const struct pc_opt *o, const char *s, int64_t *v, struct pc_err *err)
{
    char *end;
    errno = 0;
    long long x = strtoll(s, &end, 10);
    end += strspn(end, " ");
    if (end == s || *end)
        return pc_err_set(err, PC_EX_USAGE, "--%s is \"%.80s\", it must be an integer", o->name, s);
    if (errno)
        return pc_err_set(err, PC_EX_USAGE, "--%s is %.80s, which is too large", o->name, s);
    if (check_range(o, s, (double)x, err))
        return -1;
    *v = x;
    return 0;
}

static int parse_number(const struct pc_opt *o, const char *s, double *v, struct pc_err *err)
{
    double x;
    if (pc_quantity_parse(s, o->dim, &x, err))
        return pc_err_prefix(err, "--%s", o->name);
    if (check_range(o, s, x, err))
        return -1;
    *v = x;
    return 0;
}

static int parse_bool(const struct pc_opt *o, const char *s, bool *v, struct pc_err *err)
{
    static const char *const yes[] = {"true", "True", "1", "yes"}, *const no[] = {"false", "False", "0",
                                                                                  "no"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(s, yes[i]) != 0 && strcmp(s, no[i]) != 0)
            continue;
        *v = strcmp(s, yes[i]) == 0;
        return 0;
    }
    return pc_err_set(err, PC_EX_USAGE, "--%s is \"%.80s\", it must be true or false", o->name, s);
}

/* The i-th of the |-separated choices; NULL after the last. */
static const char *choice(const char *choices, int i, size_t *len)
{
    for (; i > 0 && choices; i--) {
        choices = strchr(choices, '|');
        choices = choices ? choices + 1 : NULL;
    }
    *len = choices ? strcspn(choices, "|") : 0;
    return choices;
}

static int wrong_choice(const struct pc_opt *o, const char *s, struct pc_err *err)
{
    enum { MOST = 32 };
    char copy[MOST][48];
    const char *names[MOST + 1], *c;
    size_t len;
    int n = 0;
    for (; n < MOST && (c = choice(o->choices, n, &len)); n++) {
        snprintf(copy[n], sizeof copy[n], "%.*s", (int)len, c);
        names[n] = copy[n];
    }
    names[n] = NULL;
    const char *near = pc_nearest_name(s, names);
    return pc_err_set(err, PC_EX_USAGE, "--%s is \"%.80s\", it must be one of %s%s%s%s", o->name, s,
                      o->choices, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int parse_choice(const struct pc_opt *o, const char *s, int *v, struct pc_err *err)
{
    const char *c;
    size_t len;
    for (int i = 0; (c = choice(o->choices, i, &len)); i++)
        if (strlen(s) == len && memcmp(s, c, len) == 0) {
            *v = i;
            return 0;
        }
    return wrong_choice(o, s, err);
}

/* "N", "N,M" or "[N,M]" into halves; one element sets both. */
static int split_pair(const struct pc_opt *o, const char *s, char half[2][80], struct pc_err *err)
{
    size_t n = strlen(s);
    if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
        s++;
        n -= 2;
    }
    const char *comma = memchr(s, ',', n);
    size_t first = comma ? (size_t)(comma - s) : n;
    size_t second = comma ? n - first - 1 : n;
    const char *at = comma ? comma + 1 : s;
    if (first >= 80 || second >= 80 || memchr(at, ',', second))
        return pc_err_set(err, PC_EX_USAGE, "--%s is \"%.80s\", it must be one value or two with a comma",
                          o->name, s);
    snprintf(half[0], 80, "%.*s", (int)first, s);
    snprintf(half[1], 80, "%.*s", (int)second, at);
    return 0;
}

static int parse_pair(const struct pc_opt *o, const char *s, void *at, struct pc_err *err)
{
    char half[2][80];
    if (split_pair(o, s, half, err))
        return -1;
    for (int i = 0; i < 2; i++)
        if (o->type == PC_OPT_PAIR_INT ? parse_int(o, half[i], (int64_t *)at + i, err)
                                       : parse_number(o, half[i], (double *)at + i, err))
            return -1;
    return 0;
}

static int append(const struct pc_opt *o, const char *s, struct pc_strlist *l, struct pc_err *err)
{
    int most = (int)(sizeof l->s / sizeof *l->s);
    if (l->n >= most)
        return pc_err_set(err, PC_EX_USAGE, "--%s is given more than %d times", o->name, most);
    l->s[l->n++] = s;
    return 0;
}

int pc_opt_value_set(const struct pc_opt *o, const char *s, void *params, struct pc_err *err)
{
    void *at = field(o, params);
    switch (o->type) {
    case PC_OPT_BOOL:
        return parse_bool(o, s, at, err);
    case PC_OPT_INT:
        return parse_int(o, s, at, err);
    case PC_OPT_NUMBER:
        return parse_number(o, s, at, err);
    case PC_OPT_CHOICE:
        return parse_choice(o, s, at, err);
    case PC_OPT_PAIR_INT:
    case PC_OPT_PAIR_NUMBER:
        return parse_pair(o, s, at, err);
    case PC_OPT_LIST:
        return append(o, s, at, err);
    case PC_OPT_STRING:
        break;
    }
    *(const char **)at = s;
    return 0;
}

static void add_number(struct pc_text *out, double v, enum pc_dim dim)
{
    char s[40];
    pc_text_add(out, "%s%s", pc_text_double(s, v), pc_dim_unit(dim));
}

void pc_opt_value_format(const struct pc_opt *o, const void *params, struct pc_text *out)
{
    const void *at = cfield(o, params);
    const int64_t *i = at;
    const double *d = at;
    const struct pc_strlist *l = at;
    const char *s;
    size_t len;
    switch (o->type) {
    case PC_OPT_BOOL:
        pc_text_add(out, "%s", *(const bool *)at ? "true" : "false");
        break;
    case PC_OPT_INT:
        pc_text_add(out, "%lld", (long long)*i);
        break;
    case PC_OPT_NUMBER:
        add_number(out, *d, o->dim);
        break;
    case PC_OPT_STRING:
        s = *(const char *const *)at;
        pc_text_add(out, "%s", s ? s : "");
        break;
    case PC_OPT_CHOICE:
        s = choice(o->choices, *(const int *)at, &len);
        pc_text_add_bytes(out, s, len);
        break;
    case PC_OPT_PAIR_INT:
        pc_text_add(out, "%lld,%lld", (long long)i[0], (long long)i[1]);
        break;
    case PC_OPT_PAIR_NUMBER:
        add_number(out, d[0], o->dim);
        pc_text_add(out, ",");
        add_number(out, d[1], o->dim);
        break;
    case PC_OPT_LIST:
        for (int k = 0; k < l->n; k++)
            pc_text_add(out, "%s%s", k ? "," : "", l->s[k]);
        break;
    }
}

bool pc_opt_value_is_unset(const struct pc_opt *o, const void *params)
{
    const void *at = cfield(o, params);
    switch (o->type) {
    case PC_OPT_BOOL:
        return !*(const bool *)at;
    case PC_OPT_INT:
        return *(const int64_t *)at == 0;
    case PC_OPT_NUMBER:
        return *(const double *)at == 0;
    case PC_OPT_STRING:
        return *(const char *const *)at == NULL;
    case PC_OPT_PAIR_INT:
        return ((const int64_t *)at)[0] == 0 && ((const int64_t *)at)[1] == 0;
    case PC_OPT_PAIR_NUMBER:
        return ((const double *)at)[0] == 0 && ((const double *)at)[1] == 0;
    case PC_OPT_LIST:
        return ((const struct pc_strlist *)at)->n == 0;
    case PC_OPT_CHOICE:
        break;
    }
    return false;
}

const char *pc_opt_value_arg(const struct pc_opt *o)
{
    static const char *const of_dim[] = {"X", "ANGLE", "FLUX", "FREQ", "VELOCITY", "BYTES", "TIME"};
    static const char *const pair_of_dim[] = {"X[,Y]",     "ANGLE[,ANGLE]", "FLUX[,FLUX]", "FREQ[,FREQ]",
                                              "VEL[,VEL]", "BYTES[,BYTES]", "TIME[,TIME]"};
    if (o->arg)
        return o->arg;
    switch (o->type) {
    case PC_OPT_BOOL:
        return "";
    case PC_OPT_INT:
        return "N";
    case PC_OPT_NUMBER:
        return of_dim[o->dim];
    case PC_OPT_CHOICE:
        return o->choices;
    case PC_OPT_PAIR_INT:
        return "N[,M]";
    case PC_OPT_PAIR_NUMBER:
        return pair_of_dim[o->dim];
    case PC_OPT_STRING:
    case PC_OPT_LIST:
        break;
    }
    return "TEXT";
}

const char *pc_opt_type_name(enum pc_opt_type type)
{
    static const char *const names[] = {"bool",   "int",      "number",      "string",
                                        "choice", "pair_int", "pair_number", "list"};
    return names[type];
}
