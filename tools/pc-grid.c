/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-grid: the residual of each channel: the major cycle. */

#include "tools/grid_channel.h"
#include "tools/tool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct params {
    double mem_byte;
    int64_t threads;
    bool predict, restart, calcres;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"predict", PC_OPT_BOOL, FIELD(predict), "false", 0, 0, 0, NULL, NULL,
     "Only write the visibilities of the model (model_vis.fits in each block), those of flagged samples too; "
     "the "
     "residual stays as it is.",
     0, "Prediction"},
    {"restart", PC_OPT_BOOL, FIELD(restart), "false", 0, 0, 0, NULL, NULL,
     "Cleaning begins anew from the model there is: iterations, stop code and best model are forgotten. A "
     "residual that belongs to the model is kept.",
     0, "Restart"},
    {"calcres", PC_OPT_BOOL, FIELD(calcres), "true", 0, 0, 0, NULL, NULL,
     "With --restart: make the residual if it does not belong to the model; false: that is an error.", 0,
     NULL},
    {"mem", PC_OPT_NUMBER, FIELD(mem_byte), "256MiB", PC_DIM_BYTE, 1e6, 1e15, NULL, "SIZE",
     "Memory for a channel's visibilities; what does not fit goes to an unlinked file in $TMPDIR.", 0,
     "Resources"},
    {"threads", PC_OPT_INT, FIELD(threads), "1", 0, 1, 256, NULL, "N",
     "Threads that work on a plane; the bytes do not depend on it.", 0, NULL},
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
                "pc-psf --imsize 1024 --cell 0.1arcsec in.tar | pc-grid | pc-mask | pc-clean | pc-grid\n"
                "pc-grid --predict stage\n"};

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
/* with --predict */
static const struct pc_use predict_uses[] = {{"vis*/uvw.fits", PC_TAKE},       {"vis*/freq.fits", PC_TAKE},
                                             {"vis*/vis.fits", PC_TAKE},       {"vis*/weight.fits", PC_TAKE},
                                             {"vis*/model_vis.fits", PC_MAKE}, {"psf.fits", PC_TAKE},
                                             {"sumwt.fits", PC_TAKE},          {"state", PC_TAKE},
                                             {"model.fits", PC_TAKE},          {NULL, 0}};

/* with --restart */
static const struct pc_use restart_uses[] = {
    {"vis*/uvw.fits", PC_TAKE},    {"vis*/freq.fits", PC_TAKE},     {"vis*/vis.fits", PC_TAKE},
    {"vis*/weight.fits", PC_TAKE}, {"vis*/imweight.fits", PC_TAKE}, {"psf.fits", PC_TAKE},
    {"sumwt.fits", PC_TAKE},       {"state", PC_TAKE | PC_MAKE},    {"residual.fits", PC_TAKE | PC_MAKE},
    {"masknext.fits", PC_MAKE},    {"model.fits", PC_TAKE},         {"modelbest.fits", PC_MAKE},
    {"image.fits", PC_MAKE},       {"image.pbcor.fits", PC_MAKE},   {NULL, 0}};

/* Over all Stokes planes. */
static struct pc_tally whole(const struct grid_channel *c)
{
    struct pc_tally t = c->tally[0];
    for (int p = 1; p < c->psf.npol; p++) {
        t.n += c->tally[p].n;
        t.sum_squares += c->tally[p].sum_squares;
        t.min = fmin(t.min, c->tally[p].min);
        t.max = fmax(t.max, c->tally[p].max);
    }
    return t;
}

static void report(struct pc_run *r, const struct pc_chan *chan, const struct grid_channel *c)
{
    const struct pc_tally t = whole(c);
    const struct pc_imager_count *n = &c->count;
    const int64_t nan = pc_visstore_nan_count(c->vis);
    const bool model = strcmp(c->model_sum, "0") != 0;
    pc_log_line(&r->log,
                "%s peak_jy=%.6g rms_jy=%.6g samples=%lld flagged=%lld nan=%lld outside=%lld nmajor=%d "
                "model=%s%s%s",
                chan->name,
                t.n == 0         ? NAN
                : -t.min > t.max ? t.min
                                 : t.max,
                t.n > 0 ? sqrt(t.sum_squares / (double)t.n) : NAN, (long long)n->nused, (long long)n->npassed,
                (long long)nan, (long long)n->noutside, c->state.nmajor, c->model_sum,
                !model      ? ""
                : c->direct ? " predicted=sum"
                            : " predicted=grid",
                c->sumwt.pix[0] > 0 ? "" : " nodata=1");
    if (nan > 0)
        pc_log_warn(&r->log, "%s: %lld visibilities are not finite: taken as flagged", chan->name,
                    (long long)nan);
}

static int predict(struct grid_channel *c, const struct grid_conf *conf, struct pc_pass *pass,
                   const struct pc_chan *chan, struct pc_run *r, struct pc_err *err)
{
    if (grid_channel_predict(c, conf, &chan->plane, err) != 0 ||
        grid_channel_put_predicted(c, pass, err) != 0)
        return -1;
    const bool model = strcmp(c->model_sum, "0") != 0;
    pc_log_line(&r->log, "%s samples=%lld model=%s predicted=%s", chan->name,
                (long long)pc_visstore_nsample(c->vis), c->model_sum,
                !model      ? "zero"
                : c->direct ? "sum"
                            : "grid");
    return 0;
}

/* A residual that belongs to its model already is passed on. */
static int turn(struct grid_channel *c, const struct grid_conf *conf, struct pc_pass *pass,
                const struct pc_chan *chan, struct pc_run *r, struct pc_err *err)
{
    if (grid_channel_check(c, err) != 0)
        return -1;
    if (conf->predict)
        return predict(c, conf, pass, chan, r, err);
    if (conf->restart && grid_channel_restart(c, conf, pass, err) != 0)
        return -1;
    if (grid_channel_is_done(c)) {
        pc_log_line(&r->log, "%s stopcode=%d %s=1", chan->name, c->state.stopcode,
                    conf->restart ? "restarted" : "passed");
        return 0;
    }
    if (grid_channel_make(c, conf, &chan->plane, pass, err) != 0)
        return -1;
    report(r, chan, c);
    return 0;
}

static int one_channel(struct grid_channel *c, const struct grid_conf *conf, struct pc_pass *pass,
                       const struct pc_chan *chan, struct pc_run *r, struct pc_err *err)
{
    struct pc_member m;
    int more, bad = 0;
    grid_channel_begin(c);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || grid_channel_take(c, pass, &m, err);
    if (bad || turn(c, conf, pass, chan, r, err) != 0 || pc_pass_commit(pass, err) != 0)
        bad = pc_err_prefix(err, "%s", chan->name);
    grid_channel_end(c);
    return bad ? -1 : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_pass_conf conf = {.src = r->src,
                                .dst = r->dst,
                                .uses = p->predict   ? predict_uses
                                        : p->restart ? restart_uses
                                                     : uses,
                                .tmpdir = getenv("TMPDIR")};
    const struct grid_conf grid = {prog.name,  r->history, (int)p->threads,
                                   p->predict, p->restart, p->calcres};
    struct pc_pass *pass = NULL;
    struct pc_chan chan;
    struct grid_channel c = {0};
    int more = -1;
    if (p->restart && p->predict)
        return pc_err_set(err, PC_EX_USAGE,
                          "--predict leaves cleaning as it is, --restart begins it anew: one of them");
    if (!p->restart && !p->calcres)
        return pc_err_set(err, PC_EX_USAGE,
                          "--calcres=false keeps the residual of a --restart, which is not asked for");
    if (pc_visstore_new(&c.vis, (int64_t)p->mem_byte, conf.tmpdir, err) == 0 &&
        pc_pass_open(&pass, &conf, err) == 0)
        while ((more = pc_pass_channel(pass, &chan, err)) > 0)
            if (one_channel(&c, &grid, pass, &chan, r, err) != 0) {
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
