/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/opt.h"
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A command line, one argument a line. */
FUZZ_TEXT_SEEDS("--imsize\n1024\n--cell\n0.1arcsec",
                "--imsize=[300,200]\n--robust=-0.5\n--weighting=briggs\nx.ms",
                "--no-pbcor\n--pbcor=True\n--spw\n0\n--spw\n1:3~5\n-o\nout.tar\n-",
                "--mask=m.fits\n--\n--imsize", "-v\n-h", "--help")

struct params {
    int64_t imsize[2], niter;
    double cell[2], robust;
    bool pbcor, verbose;
    const char *mask;
    int weighting;
    struct pc_strlist spw;
};

#define ROW(kind, member)                                                                                    \
    .name = #member, .type = kind, .offset = offsetof(struct params, member), .flags = PC_OPT_PIXELS
static const struct pc_opt table[] = {{ROW(PC_OPT_PAIR_INT, imsize), .lo = 1, .hi = 1e5},
                                      {ROW(PC_OPT_PAIR_NUMBER, cell), .dim = PC_DIM_ANGLE, .def = "1arcsec"},
                                      {ROW(PC_OPT_INT, niter), .def = "0"},
                                      {ROW(PC_OPT_NUMBER, robust), .lo = -2, .hi = 2, .def = "0.5"},
                                      {ROW(PC_OPT_BOOL, pbcor), .def = "true"},
                                      {ROW(PC_OPT_BOOL, verbose)},
                                      {ROW(PC_OPT_STRING, mask)},
                                      {ROW(PC_OPT_CHOICE, weighting), .choices = "natural|uniform|briggs"},
                                      {ROW(PC_OPT_LIST, spw)},
                                      {0}};
static const struct pc_program prog = {.name = "pc-fuzz",
                                       .opts = table,
                                       .params_size = sizeof(struct params),
                                       .dst = "Where to.",
                                       .operand_max = -1};

/* A HISTORY is printable ASCII, a line each. */
static void check_history(const struct params *p)
{
    struct pc_text t = {0};
    pc_opt_history(&prog, "1", p, &t);
    for (const char *s = pc_text_str(&t); *s; s++)
        fuzz_check(*s == '\n' || (*s >= 32 && *s < 127));
    pc_text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 200 };
    struct pc_err err = {0};
    struct pc_cmdline cl;
    struct params p;
    char name[] = "pc-fuzz", *argv[MOST + 1] = {name}, *s = malloc(size + 1);
    int argc = 1;
    if (!s)
        return 0;
    memcpy(s, data, size);
    s[size] = '\0';
    for (char *line = strtok(s, "\n"); line && argc < MOST; line = strtok(NULL, "\n"))
        argv[argc++] = line;
    if (pc_opt_parse(&prog, argc, argv, &p, &cl, &err)) {
        fuzz_check(err.code == PC_EX_USAGE && err.msg[0]);
    } else {
        fuzz_check(isfinite(p.cell[0]) && fabs(p.robust) <= 2 && p.spw.n <= 64 && p.weighting >= 0 &&
                   p.weighting <= 2);
        check_history(&p);
        pc_cmdline_free(&cl);
    }
    free(s);
    return 0;
}
