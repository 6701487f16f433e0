/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/opt_value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Help text from column 26 on, wrapped at 79. `col` is where the line is now. */
static void wrap(struct pc_text *out, int col, const char *s)
{
    enum { INDENT = 26, WIDTH = 79 };
    if (col >= INDENT - 1) {
        pc_text_add(out, "\n");
        col = 0;
    }
    pc_text_add(out, "%*s", INDENT - col, "");
    col = INDENT;
    while (*s) {
        int n = (int)strcspn(s, " \n");
        if (col > INDENT && col + 1 + n > WIDTH) {
            pc_text_add(out, "\n%*s", INDENT, "");
            col = INDENT;
        } else if (col > INDENT) {
            pc_text_add(out, " ");
            col++;
        }
        pc_text_add(out, "%.*s", n, s);
        col += n;
        s += n;
        s += strspn(s, " \n");
    }
    pc_text_add(out, "\n");
}

static void help_row(struct pc_text *out, const char *name, const char *arg, const char *help,
                     const char *def)
{
    struct pc_text head = {0}, body = {0};
    pc_text_add(&head, "  %s%s%s", name, *arg ? " " : "", arg);
    pc_text_add(&body, "%s", help ? help : "");
    if (def)
        pc_text_add(&body, " (default: %s)", def);
    pc_text_add(out, "%s", pc_text_str(&head));
    wrap(out, (int)head.len, pc_text_str(&body));
    pc_text_free(&head);
    pc_text_free(&body);
}

static const char *shown_default(const struct pc_opt *o)
{
    return o->def && *o->def ? o->def : NULL;
}

static void help_examples(struct pc_text *out, const char *lines)
{
    pc_text_add(out, "\nExamples:\n");
    while (*lines) {
        int n = (int)strcspn(lines, "\n");
        pc_text_add(out, "%s%.*s\n", n && *lines != ' ' ? "  " : "", n, lines);
        lines += n + (lines[n] == '\n');
    }
}

void pc_opt_help(const struct pc_program *prog, struct pc_text *out)
{
    pc_text_add(out, "%s - %s\n\nusage: %s [OPTION]...%s%s\n", prog->name, prog->summary, prog->name,
                prog->operands && *prog->operands ? " " : "", prog->operands ? prog->operands : "");
    for (const struct pc_opt *o = prog->opts; o->name; o++) {
        char name[64];
        if (o == prog->opts || o->group)
            pc_text_add(out, "\n%s:\n", o->group ? o->group : "Options");
        bool on = o->type == PC_OPT_BOOL && o->def && strcmp(o->def, "true") == 0;
        snprintf(name, sizeof name, "--%s%s", on ? "[no-]" : "", o->name);
        help_row(out, name, pc_opt_value_arg(o), o->help,
                 o->type == PC_OPT_BOOL && !on ? NULL : shown_default(o));
    }
    pc_text_add(out, "\nCommon:\n");
    if (prog->dst)
        help_row(out, "-o", "DST", prog->dst, NULL);
    help_row(out, "-h, --help", "", "This text.", NULL);
    help_row(out, "-V, --version", "", "The version.", NULL);
    if (prog->examples)
        help_examples(out, prog->examples);
}

/* Text as roff reads it: no line begins with a control character, sentences begin on lines of their own. */
static void roff(struct pc_text *out, const char *s)
{
    bool start = true;
    for (; *s; s++) {
        if (start && (*s == '.' || *s == '\''))
            pc_text_add(out, "\\&");
        start = *s == '\n';
        if (s[0] == '.' && s[1] == ' ' && isupper((unsigned char)s[2])) {
            pc_text_add(out, ".\n");
            s++;
            start = true;
        } else if (*s == '\\') {
            pc_text_add(out, "\\e");
        } else {
            pc_text_add(out, "%c", *s);
        }
    }
    pc_text_add(out, "\n");
}

static void mdoc_item(struct pc_text *out, const char *flag, const char *arg)
{
    pc_text_add(out, ".It Fl %s", flag);
    if (*arg)
        pc_text_add(out, " Ar \\&%s", arg);
    pc_text_add(out, "\n");
}

static void mdoc_default(struct pc_text *out, const char *def)
{
    pc_text_add(out, "The default is\n.Ql \\&");
    for (; *def; def++)
        switch (*def) {
        case '\\':
            pc_text_add(out, "\\e");
            break;
        case '"':
            pc_text_add(out, "\\(dq");
            break;
        case ' ':
            pc_text_add(out, "\\ ");
            break;
        default:
            pc_text_add(out, "%c", *def);
        }
    pc_text_add(out, " .\n");
}

void pc_opt_mdoc(const struct pc_program *prog, struct pc_text *out)
{
    const struct pc_opt *o = prog->opts;
    pc_text_add(out, ".Sh OPTIONS\n");
    for (; o->name; o++) {
        char flag[80];
        if (o == prog->opts || o->group)
            pc_text_add(out, "%s.Ss %s\n.Bl -tag -width Ds\n", o == prog->opts ? "" : ".El\n",
                        o->group ? o->group : "Options");
        bool on = o->type == PC_OPT_BOOL && o->def && strcmp(o->def, "true") == 0;
        snprintf(flag, sizeof flag, "Fl %s%s", on ? "no-" : "", o->name);
        mdoc_item(out, flag, pc_opt_value_arg(o));
        roff(out, o->help ? o->help : "");
        if (on)
            pc_text_add(out, "It is on unless switched off.\n");
        else if (o->type != PC_OPT_BOOL && shown_default(o))
            mdoc_default(out, shown_default(o));
    }
    pc_text_add(out, "%s.Ss Common options\n.Bl -tag -width Ds\n", o == prog->opts ? "" : ".El\n");
    if (prog->dst) {
        mdoc_item(out, "o", "DST");
        roff(out, prog->dst);
    }
    mdoc_item(out, "h , Fl Fl help", "");
    roff(out, "Print a summary of the options.");
    mdoc_item(out, "V , Fl Fl version", "");
    roff(out, "Print the version.");
    pc_text_add(out, ".El\n");
}

void pc_opt_completion(const struct pc_program *prog, struct pc_text *out)
{
    struct pc_text fn = {0};
    for (const char *s = prog->name; *s; s++)
        pc_text_add(&fn, "%c", isalnum((unsigned char)*s) ? *s : '_');
    pc_text_add(out, "_%s()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n",
                pc_text_str(&fn));
    pc_text_add(out, "    COMPREPLY=()\n    case $prev in\n");
    for (const struct pc_opt *o = prog->opts; o->name; o++) {
        if (o->type != PC_OPT_CHOICE)
            continue;
        pc_text_add(out, "    --%s) mapfile -t COMPREPLY < <(compgen -W '", o->name);
        for (const char *s = o->choices; *s; s++)
            pc_text_add(out, "%c", *s == '|' ? ' ' : *s);
        pc_text_add(out, "' -- \"$cur\"); return ;;\n");
    }
    pc_text_add(out, "    esac\n    [[ $cur == -* ]] && mapfile -t COMPREPLY < <(compgen -W '");
    for (const struct pc_opt *o = prog->opts; o->name; o++) {
        pc_text_add(out, "--%s ", o->name);
        if (o->type == PC_OPT_BOOL)
            pc_text_add(out, "--no-%s ", o->name);
    }
    pc_text_add(out, "%s--help --version' -- \"$cur\")\n    return 0\n}\ncomplete -o default -F _%s %s\n",
                prog->dst ? "-o " : "", pc_text_str(&fn), prog->name);
    pc_text_free(&fn);
}

void pc_opt_list(const struct pc_program *prog, struct pc_text *out)
{
    for (const struct pc_opt *o = prog->opts; o->name; o++) {
        const char *arg = pc_opt_value_arg(o);
        pc_text_add(out, "%s %s %s\n", o->name, pc_opt_type_name(o->type), *arg ? arg : "-");
    }
}

/* FITS cards hold printable ASCII only. */
static void ascii(struct pc_text *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        pc_text_add(out, c >= 32 && c < 127 ? "%c" : "%%%02X", c);
    }
}

void pc_opt_history(const struct pc_program *prog, const char *version, const void *params,
                    struct pc_text *out)
{
    pc_text_add(out, "%s %s\n", prog->name, version);
    for (const struct pc_opt *o = prog->opts; o->name; o++) {
        if (!(o->flags & PC_OPT_PIXELS))
            continue;
        if (!o->def && !(o->flags & PC_OPT_REQUIRED) && pc_opt_value_is_unset(o, params))
            continue;
        struct pc_text value = {0};
        pc_opt_value_format(o, params, &value);
        pc_text_add(out, "%s --%s=", prog->name, o->name);
        ascii(out, pc_text_str(&value));
        pc_text_add(out, "\n");
        out->bad = out->bad || value.bad;
        pc_text_free(&value);
    }
}
