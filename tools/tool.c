/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything written to stdout arrived? A disk may be full only when it is closed. */
static int close_stdout(struct pc_err *err)
{
    if (ferror(stdout))
        return pc_err_set(err, PC_EX_IOERR, "standard output: not everything could be written");
    if (fflush(stdout))
        return pc_err_errno(err, PC_EX_IOERR, "standard output");
    /* EBADF: started without a stdout, or the stream's writer has closed it and checked */
    if (fclose(stdout) && errno != EBADF)
        return pc_err_errno(err, PC_EX_IOERR, "standard output");
    return 0;
}

/* The documents made from the option table; false when `what` is none of them. */
static bool print_document(const struct pc_program *prog, const char *what)
{
    static const struct {
        const char *name;
        void (*make)(const struct pc_program *prog, struct pc_text *out);
    } documents[] = {
        {"--help", pc_opt_help},
        {"--print-mdoc", pc_opt_mdoc},
        {"--print-completion", pc_opt_completion},
        {"--print-options", pc_opt_list},
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        if (strcmp(what, documents[i].name) != 0)
            continue;
        struct pc_text out = {0};
        documents[i].make(prog, &out);
        fputs(pc_text_str(&out), stdout);
        pc_text_free(&out);
        return true;
    }
    return false;
}

static bool is_verbose(const struct pc_program *prog, const void *params)
{
    for (const struct pc_opt *o = prog->opts; o->name; o++)
        if (strcmp(o->name, "verbose") == 0 && o->type == PC_OPT_BOOL)
            return *(const bool *)((const char *)params + o->offset);
    return false;
}

static int run_tool(const struct pc_program *prog, const struct pc_cmdline *cl, void *params,
                    int (*run)(void *params, struct pc_run *r, struct pc_err *err), struct pc_err *err)
{
    struct pc_text history = {0};
    pc_opt_history(prog, pc_version, params, &history);
    struct pc_run r = {.prog = prog,
                       .cl = cl,
                       .src = cl->noperand ? cl->operand[0] : "-",
                       .dst = cl->dst,
                       .history = pc_text_str(&history),
                       .log = {.out = stderr, .tool = prog->name, .verbose = is_verbose(prog, params)}};
    int rc = pc_text_ok(&history, err);
    if (rc == 0)
        rc = run(params, &r, err);
    if (rc && err->code == PC_EX_OK)
        pc_err_set(err, PC_EX_BUG, "failed and did not say why; please report this");
    pc_text_free(&history);
    return rc ? -1 : 0;
}

static int parse_and_run(const struct pc_program *prog, int argc, char **argv,
                         int (*run)(void *params, struct pc_run *r, struct pc_err *err), struct pc_err *err)
{
    struct pc_cmdline cl;
    void *params = calloc(1, prog->params_size ? prog->params_size : 1);
    if (!params)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for the parameters");
    int rc = pc_opt_parse(prog, argc, argv, params, &cl, err);
    if (rc == 0) {
        if (cl.help)
            print_document(prog, "--help");
        else if (cl.version)
            printf("%s %s\n", prog->name, pc_version);
        else
            rc = run_tool(prog, &cl, params, run, err);
        pc_cmdline_free(&cl);
    }
    free(params);
    return rc;
}

int pc_tool_main(const struct pc_program *prog, int argc, char **argv,
                 int (*run)(void *params, struct pc_run *r, struct pc_err *err))
{
    struct pc_err err = {0};
    signal(SIGPIPE, SIG_DFL); /* some parents ignore it, and children inherit that */
    int rc = 0;
    if (!(argc == 2 && strncmp(argv[1], "--print-", 8) == 0 && print_document(prog, argv[1])))
        rc = parse_and_run(prog, argc, argv, run, &err);
    if (rc == 0 || err.code == PC_EX_DIFFERS)
        rc = close_stdout(&err) ? -1 : rc;
    if (rc && err.msg[0])
        fprintf(stderr, "%s: %s\n", prog->name, err.msg);
    return rc ? err.code : PC_EX_OK;
}
