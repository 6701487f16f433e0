/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-grid: the residual of each channel: the major cycle. */

#include "image/stats.h"
#include "tools/grid_channel.h"
#include "tools/tool.h"

#include <math.h>
#include <stdlib.h>

struct params {
    double mem_byte;
};

static const struct pc_opt opts[] = {
    {"mem", PC_OPT_NUMBER, offsetof(struct params, mem_byte), "256MiB", PC_DIM_BYTE, 1e6, 1e15, NULL, "SIZE",
     "Memory for a channel's visibilities; what does not fit goes to an unlinked file in $TMPDIR.", 0,
     "Resources"},
    {0}};

static const struct pc_program prog = {
    .name = "pc-grid",
    .summary = "makes the residual image of each channel: the major cycle",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the channels go: a directory, a .tar file or - (a stream)",
    .operand_max = 1,
    .examples = "pc-grid stage\n"
                "pc-psf --imsize 1024 --cell 0.1arcsec in.tar | pc-grid | pc-mask | pc-clean | pc-grid\n"};

static const struct pc_use uses[] = {{"vis*/uvw.fits", PC_TAKE},
                                     {"vis*/freq.fits", PC_TAKE},
                                     {"vis*/vis.fits", PC_TAKE},
                                     {"vis*/weight.fits", PC_TAKE},
                                     {"vis*/imweight.fits", PC_TAKE},
                                     {"psf.fits", PC_TAKE},
                                     {"sumwt.fits", PC_TAKE},
                                     {"state", PC_TAKE | PC_MAKE},
                                     {"residual.fits", PC_TAKE | PC_MAKE},
                                     {"model.fits", PC_TAKE},
                                     {NULL, 0}};

static void report(struct pc_run *r, const struct pc_chan *chan, const struct grid_channel *c,
                   const struct pc_residual_count *n)
{
    struct pc_stats s;
    pc_stats_basic(c->residual.pix, NULL, pc_imhead_npix(&c->residual.head), &s);
    float peak = -s.min > s.max ? s.min : s.max;
    int64_t nan = pc_visstore_nan_count(c->vis);
    pc_log_line(
        &r->log,
        "%s peak_jy=%.6g rms_jy=%.6g samples=%lld flagged=%lld nan=%lld outside=%lld nmajor=%d model=%s%s",
        chan->name, (double)peak, s.n > 0 ? s.rms : NAN, (long long)n->nused, (long long)n->npassed,
        (long long)nan, (long long)n->noutside, c->state.nmajor, c->model_sum,
        c->sumwt.pix[0] > 0 ? "" : " nodata=1");
    if (nan > 0)
        pc_log_warn(&r->log, "%s: %lld visibilities are not finite: taken as flagged", chan->name,
                    (long long)nan);
}

/* A residual that belongs to its model already is passed on. */
static int turn(struct grid_channel *c, struct pc_pass *pass, const struct pc_chan *chan, struct pc_run *r,
                struct pc_err *err)
{
    struct pc_residual_count count = {0};
    if (grid_channel_check(c, err) != 0)
        return -1;
    if (grid_channel_is_done(c)) {
        pc_log_line(&r->log, "%s stopcode=%d passed=1", chan->name, c->state.stopcode);
        return 0;
    }
    if (grid_channel_make(c, &chan->plane, prog.name, r->history, &count, err) != 0 ||
        grid_channel_put(c, pass, err) != 0)
        return -1;
    report(r, chan, c, &count);
    return 0;
}

static int one_channel(struct grid_channel *c, struct pc_pass *pass, const struct pc_chan *chan,
                       struct pc_run *r, struct pc_err *err)
{
    struct pc_member m;
    int more, bad = 0;
    grid_channel_begin(c);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || grid_channel_take(c, pass, &m, err);
    if (bad || turn(c, pass, chan, r, err) != 0 || pc_pass_commit(pass, err) != 0)
        bad = pc_err_prefix(err, "%s", chan->name);
    grid_channel_end(c);
    return bad ? -1 : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_pass_conf conf = {.src = r->src, .dst = r->dst, .uses = uses, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass = NULL;
    struct pc_chan chan;
    struct grid_channel c = {0};
    int more = -1;
    if (pc_visstore_new(&c.vis, (int64_t)p->mem_byte, conf.tmpdir, err) == 0 &&
        pc_pass_open(&pass, &conf, err) == 0)
        while ((more = pc_pass_channel(pass, &chan, err)) > 0)
            if (one_channel(&c, pass, &chan, r, err) != 0) {
                more = -1;
                break;
            }
    if (c.vis != NULL)
        pc_visstore_free(c.vis);
    if (more == 0)
        return pc_pass_close(pass, err);
    if (pass != NULL)
        pc_pass_abort(pass);
    return -1;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
