/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/opt_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The command line while it is read. */
struct scan {
    const struct pc_program *prog;
    void *params;
    struct pc_cmdline *cl;
    int argc, at; /* argv[at] is what comes next */
    char **argv;
};

static int find(const struct pc_program *prog, const char *name, size_t len)
{
    for (int i = 0; prog->opts[i].name; i++)
        if (strlen(prog->opts[i].name) == len && memcmp(prog->opts[i].name, name, len) == 0)
            return i;
    return -1;
}

static int unknown(const struct pc_program *prog, const char *name, size_t len, struct pc_err *err)
{
    char wrong[64];
    snprintf(wrong, sizeof wrong, "%.*s", (int)(len < sizeof wrong ? len : sizeof wrong - 1), name);
    int n = 0;
    while (prog->opts[n].name)
        n++;
    const char **names = malloc(((size_t)n + 3) * sizeof *names);
    if (!names)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for %d names", n);
    for (int i = 0; i < n; i++)
        names[i] = prog->opts[i].name;
    names[n] = "help";
    names[n + 1] = "version";
    names[n + 2] = NULL;
    const char *near = pc_nearest_name(wrong, names);
    if (near)
        pc_err_set(err, PC_EX_USAGE, "there is no option --%s, did you mean --%s?", wrong, near);
    else
        pc_err_set(err, PC_EX_USAGE, "there is no option --%s; %s --help lists them", wrong, prog->name);
    free(names);
    return -1;
}

static const char *next_arg(struct scan *s)
{
    return s->at < s->argc ? s->argv[s->at++] : NULL;
}

/* A yes/no option takes the next argument only when it can be nothing else: CASA's users type "--restoration
 * False". */
static const char *bool_value(struct scan *s)
{
    static const char *const words[] = {"True", "False", "true", "false"};
    for (int i = 0; s->at < s->argc && i < 4; i++)
        if (strcmp(s->argv[s->at], words[i]) == 0)
            return s->argv[s->at++];
    return "true";
}

static int set(struct scan *s, int row, const char *value, struct pc_err *err)
{
    const struct pc_opt *o = &s->prog->opts[row];
    if (!s->cl->given[row] && o->type == PC_OPT_LIST)
        ((struct pc_strlist *)(void *)((char *)s->params + o->offset))->n = 0; /* the default gives way */
    s->cl->given[row] = true;
    return pc_opt_value_set(o, value, s->params, err);
}

/* --name, --name=value, --name value, --no-name. `name` is without dashes. */
static int long_option(struct scan *s, const char *name, struct pc_err *err)
{
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    int row = find(s->prog, name, len);
    if (row < 0 && len > 3 && strncmp(name, "no-", 3) == 0) {
        row = find(s->prog, name + 3, len - 3);
        if (row >= 0 && (s->prog->opts[row].type != PC_OPT_BOOL || value))
            return pc_err_set(err, PC_EX_USAGE, "--%.60s: --%s takes a value, there is no --no-%s%s", name,
                              s->prog->opts[row].name, s->prog->opts[row].name, value ? "=..." : "");
        if (row >= 0)
            return set(s, row, "false", err);
    }
    if (row < 0)
        return unknown(s->prog, name, len, err);
    const struct pc_opt *o = &s->prog->opts[row];
    if (!value && o->type == PC_OPT_BOOL)
        value = bool_value(s);
    if (!value)
        value = next_arg(s);
    if (!value)
        return pc_err_set(err, PC_EX_USAGE, "--%s lacks its value (%s)", o->name, pc_opt_value_arg(o));
    if (name[len] != '=' && strncmp(value, "--", 2) == 0)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--%s lacks its value (%s): \"%.60s\" follows; if it is the value, write --%s=%.60s", o->name,
            pc_opt_value_arg(o), value, o->name, value);
    return set(s, row, value, err);
}

static int short_option(struct scan *s, const char *arg, struct pc_err *err)
{
    int verbose = find(s->prog, "verbose", 7);
    if (arg[1] == 'o' && s->prog->dst) {
        s->cl->dst = arg[2] ? arg + 2 : next_arg(s);
        if (!s->cl->dst || !*s->cl->dst)
            return pc_err_set(err, PC_EX_USAGE, "-o lacks its value (DST)");
        return 0;
    }
    if (strcmp(arg, "-h") == 0)
        s->cl->help = true;
    else if (strcmp(arg, "-V") == 0)
        s->cl->version = true;
    else if (strcmp(arg, "-v") == 0 && verbose >= 0)
        return set(s, verbose, "true", err);
    else if (arg[2] && find(s->prog, arg + 1, strcspn(arg + 1, "=")) >= 0)
        return pc_err_set(err, PC_EX_USAGE, "there is no option %.60s, did you mean -%.60s?", arg, arg);
    else
        return pc_err_set(err, PC_EX_USAGE, "there is no option %.60s; %s --help lists them", arg,
                          s->prog->name);
    return 0;
}

static int scan_all(struct scan *s, struct pc_err *err)
{
    const char *arg;
    bool ended = false;
    while ((arg = next_arg(s))) {
        int rc = 0;
        if (ended || arg[0] != '-' || arg[1] == '\0')
            s->cl->operand[s->cl->noperand++] = arg;
        else if (strcmp(arg, "--") == 0)
            ended = true;
        else if (strcmp(arg, "--help") == 0)
            s->cl->help = true;
        else if (strcmp(arg, "--version") == 0)
            s->cl->version = true;
        else if (arg[1] == '-')
            rc = long_option(s, arg + 2, err);
        else
            rc = short_option(s, arg, err);
        if (rc || s->cl->help || s->cl->version)
            return rc;
    }
    return 0;
}

static int check_complete(const struct scan *s, struct pc_err *err)
{
    const struct pc_program *prog = s->prog;
    const struct pc_cmdline *cl = s->cl;
    for (int i = 0; prog->opts[i].name; i++)
        if (prog->opts[i].flags & PC_OPT_REQUIRED && !cl->given[i])
            return pc_err_set(err, PC_EX_USAGE, "--%s %s is needed: %s", prog->opts[i].name,
                              pc_opt_value_arg(&prog->opts[i]), prog->opts[i].help);
    const char *form = prog->operands ? prog->operands : "";
    if (cl->noperand < prog->operand_min)
        return pc_err_set(err, PC_EX_USAGE, "an operand is missing: %s %s", prog->name, form);
    if (prog->operand_max >= 0 && cl->noperand > prog->operand_max)
        return pc_err_set(err, PC_EX_USAGE, "\"%.80s\" is one operand too many: %s %s",
                          cl->operand[prog->operand_max], prog->name, form);
    return 0;
}

static int set_defaults(const struct pc_program *prog, void *params, struct pc_err *err)
{
    memset(params, 0, prog->params_size);
    for (const struct pc_opt *o = prog->opts; o->name; o++)
        if (o->def && pc_opt_value_set(o, o->def, params, err))
            return pc_err_set(err, PC_EX_BUG, "the default of --%s is wrong: \"%s\"", o->name, o->def);
    return 0;
}

int pc_opt_parse(const struct pc_program *prog, int argc, char **argv, void *params, struct pc_cmdline *cl,
                 struct pc_err *err)
{
    int n = 0;
    while (prog->opts[n].name)
        n++;
    *cl = (struct pc_cmdline){0};
    cl->operand = calloc((size_t)argc + 1, sizeof *cl->operand);
    cl->given = calloc((size_t)n + 1, sizeof *cl->given);
    struct scan s = {prog, params, cl, argc, 1, argv};
    if (!cl->operand || !cl->given)
        pc_err_set(err, PC_EX_NOMEM, "no memory for %d arguments", argc);
    else if (set_defaults(prog, params, err) == 0 && scan_all(&s, err) == 0 &&
             (cl->help || cl->version || check_complete(&s, err) == 0))
        return 0;
    pc_cmdline_free(cl);
    return -1;
}

void pc_cmdline_free(struct pc_cmdline *cl)
{
    free(cl->operand);
    free(cl->given);
    *cl = (struct pc_cmdline){0};
}

bool pc_opt_given(const struct pc_program *prog, const struct pc_cmdline *cl, const char *name)
{
    int row = find(prog, name, strlen(name));
    return row >= 0 && cl->given[row];
}
