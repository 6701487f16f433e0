/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_OPT_H
#define PC_BASE_OPT_H

#include "base/quantity.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The option table: one row per option gives the struct field, type, unit, default, range, help line, --help,
 * the man page's OPTIONS, shell completion and the HISTORY record.
 *
 * Options are written --name VALUE or --name=VALUE; a yes/no option is --name, --no-name or
 * --name=true|false|1|0.
 * "--" ends them. Everything else is an operand, "-" included. Names are CASA's where CASA has the parameter.
 * Unknown names and values out of range are PC_EX_USAGE and name the nearest right one. */

enum pc_opt_type {
    PC_OPT_BOOL,        /* bool */
    PC_OPT_INT,         /* int64_t; lo..hi */
    PC_OPT_NUMBER,      /* double in SI by `dim`; lo..hi are in SI */
    PC_OPT_STRING,      /* const char *, borrowed from argv or the table; NULL-able: default NULL */
    PC_OPT_CHOICE,      /* int: index into the |-separated `choices` */
    PC_OPT_PAIR_INT,    /* int64_t[2]: "N" sets both, "N,M" or "[N,M]" */
    PC_OPT_PAIR_NUMBER, /* double[2] by `dim`: "X" sets both, "X,Y" */
    PC_OPT_LIST         /* struct pc_strlist: may be repeated, each use appends one string */
};

struct pc_strlist {
    const char *s[64];
    int n;
};

enum {
    PC_OPT_PIXELS = 1,   /* affects pixels: goes to HISTORY */
    PC_OPT_REQUIRED = 2, /* no default: absent is an error */
    PC_OPT_OPEN_LO = 4,  /* lo itself is out of range */
    PC_OPT_OPEN_HI = 8
};

struct pc_opt {
    const char *name; /* without the dashes */
    enum pc_opt_type type;
    size_t offset; /* offsetof(struct params, field) */
    const char
        *def; /* default as a user would type it; NULL: field stays zero/NULL and HISTORY leaves it out */
    enum pc_dim dim;
    double lo, hi;       /* used when lo < hi */
    const char *choices; /* "natural|uniform|briggs" */
    const char *arg;     /* placeholder in help: "N", "ANGLE"; NULL: made from the type */
    const char *help;    /* one or two plain sentences */
    unsigned flags;
    const char *group; /* heading in help and man page; NULL: as the row before */
};

/* A program: what --help, the man page and completion are made from. Every table ends with a row whose name
 * is NULL;
 * --help, --version and -o DST (when dst is not NULL) are common to all and not in the tables. */
struct pc_program {
    const char *name;     /* "pc-psf" */
    const char *summary;  /* one line */
    const char *operands; /* "[SRC]" */
    const struct pc_opt *opts;
    size_t params_size;
    const char *dst;              /* help of -o; NULL: no -o */
    int operand_min, operand_max; /* operand_max < 0: any number */
    const char *examples;         /* lines, for --help */
};

struct pc_cmdline {
    const char **operand; /* borrowed from argv */
    int noperand;
    const char *dst; /* -o; NULL when not given */
    bool help, version;
    bool *given; /* per row of the table */
};

/* Fills params with defaults, then with argv (argv[0] is skipped). Ranges, choices and REQUIRED are checked.
 * The strings in params are borrowed from argv and the table. */
int pc_opt_parse(const struct pc_program *prog, int argc, char **argv, void *params, struct pc_cmdline *cl,
                 struct pc_err *err) PC_MUST_CHECK;
void pc_cmdline_free(struct pc_cmdline *cl);
bool pc_opt_given(const struct pc_program *prog, const struct pc_cmdline *cl, const char *name);

void pc_opt_help(const struct pc_program *prog, struct pc_text *out);       /* --help */
void pc_opt_mdoc(const struct pc_program *prog, struct pc_text *out);       /* .Sh OPTIONS body, mdoc */
void pc_opt_completion(const struct pc_program *prog, struct pc_text *out); /* bash */
/* "name type arg" a line, for scripts that hand options on (pc-cube). */
void pc_opt_list(const struct pc_program *prog, struct pc_text *out);
/* HISTORY: "pc-psf VERSION", then "pc-psf --name=value" for every PIXELS row in table order, defaults
 * included, values normalised (SI via %.17g, shortest that reads back), plain ASCII, one line each. */
void pc_opt_history(const struct pc_program *prog, const char *version, const void *params,
                    struct pc_text *out);

#endif
