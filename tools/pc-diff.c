/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/diff.h"
#include "tools/tool.h"
#include "tools/view_input.h"

#include <stdio.h>
#include <string.h>

struct params {
    double rtol, atol;
    bool quiet;
};

static const struct pc_opt opts[] = {
    {"rtol", PC_OPT_NUMBER, offsetof(struct params, rtol), "0", PC_DIM_NONE, 0, 1e30, NULL, "X",
     "Largest difference allowed, relative to the peak of A's member.", 0, "Tolerance"},
    {"atol", PC_OPT_NUMBER, offsetof(struct params, atol), "0", PC_DIM_NONE, 0, 1e300, NULL, "X",
     "Largest difference allowed besides, in the units of the member.", 0, NULL},
    {"quiet", PC_OPT_BOOL, offsetof(struct params, quiet), "false", 0, 0, 0, NULL, NULL,
     "List only what differs.", 0, "Output"},
    {0}};

static const struct pc_program prog = {.name = "pc-diff",
                                       .summary = "compares two bundles, or two images, by their numbers",
                                       .operands = "A B",
                                       .opts = opts,
                                       .params_size = sizeof(struct params),
                                       .operand_min = 2,
                                       .operand_max = 2,
                                       .examples = "pc-diff --rtol 1e-6 before.tar after\n"
                                                   "pc-grid < a.tar | pc-diff b.tar -\n"};

static void print_line(void *user, const struct pc_diff_line *l)
{
    const struct params *p = user;
    bool good = !strcmp(l->verdict, "same") || !strcmp(l->verdict, "near");
    if (p->quiet && good)
        return;
    printf("%s\t%s\t", l->channel, l->member);
    if (l->numbers)
        printf("%lld\t%.6g\t%.6g\t%.6g\t%lld\t", (long long)l->n, l->max_abs, l->rms,
               l->peak_a > 0 ? l->max_abs / l->peak_a : 0.0, (long long)l->nnan);
    else
        printf("-\t-\t-\t-\t-\t");
    printf("%s\n", l->verdict);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_diff_conf conf = {p->rtol, p->atol, print_line, p};
    struct view_input a = {0}, b = {0}; /* CASA images as FITS files */
    int64_t ndiffer;
    if (view_input_open(&a, r->cl->operand[0], err) || view_input_open(&b, r->cl->operand[1], err)) {
        view_input_close(&a);
        return -1;
    }
    printf("channel\tmember\tn\tmaxabs\trms\tmaxabs/peak\tnan\tverdict\n");
    int bad = pc_diff(a.path, b.path, &conf, &ndiffer, err);
    view_input_close(&a);
    view_input_close(&b);
    if (!bad && ndiffer)
        bad = pc_err_set(err, PC_EX_DIFFERS, "%lld members differ", (long long)ndiffer);
    return bad;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
