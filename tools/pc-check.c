/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/archive.h"
#include "io/check.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>

struct params {
    bool quiet;
};

static const struct pc_opt opts[] = {{"quiet", PC_OPT_BOOL, offsetof(struct params, quiet), "false", 0, 0, 0,
                                      NULL, NULL, "Say nothing about what is good.", 0, "Output"},
                                     {0}};

static const struct pc_program prog = {
    .name = "pc-check",
    .summary = "verifies streams, tar files and directories of channels, and archives",
    .operands = "[SRC...]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .operand_max = -1,
    .examples = "pc-check stage.tar\n"
                "pc-check archive.tar.zst\n"
                "ssh far cat ch42.tar | tee ch42.tar | pc-check\n"};

/* 0: good; 1: has problems, which are printed; -1. */
static int check_one(const char *src, bool quiet, struct pc_err *err)
{
    struct pc_check_report r;
    const bool archive = pc_archive_is(src);
    int rc = archive ? pc_archive_check(src, getenv("TMPDIR"), &r, err) : pc_check(src, &r, err);
    fputs(pc_text_str(&r.problems), stdout);
    if (!rc && archive && !r.nproblem && !quiet)
        printf("%s: good: an archive of %lld files, %lld bytes, all with verified checksums\n", src,
               (long long)r.nmember, (long long)r.nbyte);
    else if (!rc && !r.nproblem && !quiet)
        printf("%s: good: %lld channels, %lld members, %lld bytes, %lld of the members with verified "
               "checksums\n",
               src, (long long)r.nchan, (long long)r.nmember, (long long)r.nbyte, (long long)r.nsum);
    pc_text_free(&r.problems);
    return rc ? -1 : r.nproblem > 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    int nbad = 0, rc = 0;
    struct pc_err worst = {0};
    if (!r->cl->noperand)
        rc = check_one("-", p->quiet, err);
    for (int i = 0; i < r->cl->noperand; i++) {
        int one = check_one(r->cl->operand[i], p->quiet, err);
        nbad += one != 0;
        if (one < 0 && !worst.code)
            worst = *err;
        else if (one < 0)
            fprintf(stderr, "pc-check: %s\n", err->msg);
    }
    if (worst.code) {
        *err = worst;
        return -1;
    }
    if (rc > 0 || nbad)
        return pc_err_set(err, PC_EX_DIFFERS, "%d of %d not as they should be", nbad ? nbad : 1,
                          r->cl->noperand ? r->cl->noperand : 1);
    return rc;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
