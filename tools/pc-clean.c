/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/scales.h"
#include "clean/table.h"
#include "image/beam_parse.h"
#include "io/tablefile.h"
#include "tools/clean_channel.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>

struct params {
    struct clean_options opt;
    int deconvolver;
    const char *beam, *history, *scales;
};
static const char *const deconvolvers[] = {"hogbom", "clark", "clarkstokes", "multiscale",
                                           "asp"}; /* as the choices below */

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"deconvolver", PC_OPT_CHOICE, FIELD(deconvolver), "hogbom", 0, 0, 0,
     "hogbom|clark|clarkstokes|multiscale|asp", NULL, "Algorithm of the minor cycle.", PC_OPT_PIXELS,
     "Minor cycle"},
    {"gain", PC_OPT_NUMBER, FIELD(opt.conf.gain), "0.1", 0, 0, 1, NULL, NULL,
     "Fraction of the peak that a component takes.", PC_OPT_PIXELS | PC_OPT_OPEN_LO, NULL},
    {"scales", PC_OPT_STRING, FIELD(scales), NULL, 0, 0, 0, NULL, "PIXELS,...",
     "Sizes that multiscale cleans with, in pixels; 0 is a point. Without it a point alone.", PC_OPT_PIXELS,
     NULL},
    {"smallscalebias", PC_OPT_NUMBER, FIELD(opt.conf.options.smallscalebias), NULL, 0, -1, 1, NULL, NULL,
     "Of multiscale: towards small scales above 0 (the default), towards large ones below.", PC_OPT_PIXELS,
     NULL},
    {"fusedthreshold", PC_OPT_NUMBER, FIELD(opt.conf.options.fusedthreshold_jy), "0", PC_DIM_FLUX, 0, 1e30,
     NULL, NULL, "Of asp: points alone where the peak is below this.", PC_OPT_PIXELS, NULL},
    {"largestscale", PC_OPT_NUMBER, FIELD(opt.conf.options.largestscale_px), "-1", 0, -1, 1e6, NULL, "PIXELS",
     "Of asp: sigma of the largest Gaussian, in pixels; -1: 8 widths of the PSF.", PC_OPT_PIXELS, NULL},
    {"niter", PC_OPT_INT, FIELD(opt.conf.control.niter), "0", 0, 0, 1e15, NULL, NULL,
     "Most components in all cycles, per plane. With 0 nothing is cleaned (stop code 1).", PC_OPT_PIXELS,
     "Stopping"},
    {"threshold", PC_OPT_NUMBER, FIELD(opt.conf.control.threshold_jy), "0", PC_DIM_FLUX, 0, 1e30, NULL, NULL,
     "Stop when the peak within the mask is down to this, or within 1 %.", PC_OPT_PIXELS, NULL},
    {"nsigma", PC_OPT_NUMBER, FIELD(opt.conf.control.nsigma), "0", 0, 0, 1e6, NULL, NULL,
     "Stop at this many times the noise (1.4826 MAD of the residual); 0: do not.", PC_OPT_PIXELS, NULL},
    {"nmajor", PC_OPT_INT, FIELD(opt.conf.control.nmajor), "-1", 0, -1, 1e9, NULL, NULL,
     "Most major cycles, the first residual not counted; -1: any number.", PC_OPT_PIXELS, NULL},
    {"cycleniter", PC_OPT_INT, FIELD(opt.conf.control.cycleniter), "-1", 0, -1, 1e15, NULL, NULL,
     "Most components in one minor cycle; -1: niter.", PC_OPT_PIXELS, "Depth of a minor cycle"},
    {"cyclefactor", PC_OPT_NUMBER, FIELD(opt.conf.control.cyclefactor), "1", 0, 0, 1e6, NULL, NULL,
     "A minor cycle goes down to the peak times the largest PSF sidelobe times this.", PC_OPT_PIXELS, NULL},
    {"minpsffraction", PC_OPT_NUMBER, FIELD(opt.conf.control.minpsffraction), "0.05", 0, 0, 1, NULL, NULL,
     "But not below the peak times this,", PC_OPT_PIXELS, NULL},
    {"maxpsffraction", PC_OPT_NUMBER, FIELD(opt.conf.control.maxpsffraction), "0.8", 0, 0, 1, NULL, NULL,
     "and at least to the peak times this.", PC_OPT_PIXELS, NULL},
    {"pbmask", PC_OPT_NUMBER, FIELD(opt.pbmask), "0", 0, 0, 1, NULL, NULL,
     "The noise of nsigma is measured where the primary beam is above this.", PC_OPT_PIXELS, "Noise"},
    {"fastnoise", PC_OPT_BOOL, FIELD(opt.conf.fastnoise), "true", 0, 0, 0, NULL, NULL,
     "That noise from all pixels; else from those outside the mask, or clipped after Chauvenet.",
     PC_OPT_PIXELS, NULL},
    {"psfsidelobe", PC_OPT_NUMBER, FIELD(opt.sidelobe), NULL, 0, 0, 1e6, NULL, NULL,
     "Largest PSF sidelobe, in place of the channel's own.", PC_OPT_PIXELS, "A whole cube's values"},
    {"cyclethreshold", PC_OPT_NUMBER, FIELD(opt.conf.control.cyclethreshold_jy), NULL, PC_DIM_FLUX, 0, 1e30,
     NULL, NULL, "Depth of this minor cycle, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"beam", PC_OPT_STRING, FIELD(beam), NULL, 0, 0, 0, NULL, "MAJ,MIN,PA",
     "Beam that tells main lobe from sidelobes, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"stop", PC_OPT_BOOL, FIELD(opt.conf.control.forced), "false", 0, 0, 0, NULL, NULL,
     "Stop here (stop code 3): no more minor cycles.", 0, "Steering and reporting"},
    {"fullsummary", PC_OPT_BOOL, FIELD(opt.conf.whole_plane), "false", 0, 0, 0, NULL, NULL,
     "Find the peak outside the mask too after the minor cycle: slower.", 0, NULL},
    {"history", PC_OPT_STRING, FIELD(history), NULL, 0, 0, 0, NULL, "FILE",
     "Table of cycles, one row each, tab-separated: the rows of these channels are put into it.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-clean",
    .summary = "runs one minor cycle on each channel, or says why cleaning stops",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the channels go: a directory, a .tar file or - (a stream)",
    .operand_max = 1,
    .examples = "pc-clean --niter 1000 --threshold 4mJy stage\n"
                "pc-grid | pc-mask | pc-clean --niter 1000 --nsigma 3 | pc-grid\n"};

static const struct pc_use uses[] = {{"psf.fits", PC_TAKE},
                                     {"pb.fits", PC_TAKE},
                                     {"state", PC_TAKE | PC_MAKE},
                                     {"residual.fits", PC_TAKE},
                                     {"mask.fits", PC_TAKE | PC_MAKE},
                                     {"masknext.fits", PC_TAKE},
                                     {"model.fits", PC_TAKE | PC_MAKE},
                                     {"modelbest.fits", PC_TAKE | PC_MAKE},
                                     {NULL, 0}};

static void report(struct pc_run *r, const char *name, const struct clean_channel *c)
{
    const struct pc_state *s = &c->state;
    const struct pc_cycle none = {.peakres_jy = s->peakres_jy, .masksum = c->result.masksum};
    const struct pc_cycle *cycle = c->is_cleaned ? &s->cycle[s->ncycle - 1] : &none;
    pc_log_line(&r->log,
                "%s iterations=%lld iterdone=%lld startpeak_jy=%.6g peak_jy=%.6g flux_jy=%.6g "
                "cyclethreshold_jy=%.6g nsigma_jy=%.6g mask_px=%lld minorstop=%d stopcode=%d stop=\"%s\"",
                name, (long long)cycle->iterdone, (long long)s->iterdone, s->peakres_jy, cycle->peakres_jy,
                cycle->modelflux_jy, s->cyclethreshold_jy, c->result.nsigma_jy, (long long)cycle->masksum,
                cycle->stop, s->stopcode, pc_stop_words(s->stopcode));
}

/* What a person should hear of. */
static void warn(struct pc_run *r, const char *name, const struct clean_channel *c)
{
    const struct pc_state *s = &c->state;
    if (c->is_cleaned && s->cycle[s->ncycle - 1].stop == PC_MINOR_DIVERGING)
        pc_log_warn(&r->log, "%s: the minor cycle diverges: it was ended after %lld components", name,
                    (long long)s->cycle[s->ncycle - 1].iterdone);
    if (c->result.restore)
        pc_log_warn(&r->log, "%s: %s: from %.6g Jy to %.6g Jy; the best model is put back", name,
                    pc_stop_words(s->stopcode), s->peak_min_jy, s->peak_prev_jy);
}

/* name NULL: only what the file must be like, before anything is done. */
static int write_history(const char *path, const char *name, const struct pc_state *s, struct pc_err *err)
{
    struct pc_text heading = {0}, rows = {0};
    pc_cycles_header(&heading);
    if (name)
        pc_cycles_rows(name, s, &rows);
    int rc = pc_text_ok(&heading, err) || pc_text_ok(&rows, err) ||
             pc_tablefile_put(path, pc_text_str(&heading), name ? name : "", pc_text_str(&rows), err);
    pc_text_free(&heading);
    pc_text_free(&rows);
    return rc ? -1 : 0;
}

static int one_channel(struct pc_pass *pass, const struct params *p, const char *name, struct pc_run *r,
                       struct pc_err *err)
{
    struct clean_channel c;
    struct pc_member m;
    int more, bad = 0;
    clean_channel_init(&c, &p->opt);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || clean_channel_take(&c, pass, m.name, &r->log, err);
    bad = bad || clean_channel_turn(&c, &r->log, err) || (c.is_tested && clean_channel_put(&c, pass, err));
    if (bad || pc_pass_commit(pass, err)) {
        bad = pc_err_prefix(err, "%s", name);
    } else {
        if (c.is_tested)
            report(r, name, &c);
        else
            pc_log_line(&r->log, "%s stopcode=%d passed=1", name, c.state.stopcode);
        warn(r, name, &c);
        if (p->history)
            bad = write_history(p->history, name, &c.state, err);
    }
    clean_channel_fini(&c);
    return bad ? -1 : 0;
}

/* What the option table cannot say. */
static int complete(struct params *p, const struct pc_run *r, struct pc_err *err)
{
    p->opt.conf.deconvolver = pc_deconvolver_find(deconvolvers[p->deconvolver]);
    p->opt.program = prog.name;
    p->opt.history = r->history;
    if (!pc_opt_given(&prog, r->cl, "psfsidelobe"))
        p->opt.sidelobe = -1;
    if (!pc_opt_given(&prog, r->cl, "cyclethreshold"))
        p->opt.conf.control.cyclethreshold_jy = -1;
    if (p->scales && pc_scales_parse(p->scales, &p->opt.conf.options, err))
        return pc_err_prefix(err, "--scales");
    return p->beam && pc_beam_parse(p->beam, &p->opt.beam, err) ? pc_err_prefix(err, "--beam") : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_pass_conf conf = {.src = r->src, .dst = r->dst, .uses = uses, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more;
    if (complete(p, r, err) || pc_pass_open(&pass, &conf, err))
        return -1;
    more = p->history ? write_history(p->history, NULL, NULL, err) : 0;
    while (more >= 0 && (more = pc_pass_channel(pass, &chan, err)) > 0)
        if (one_channel(pass, p, chan.name, r, err)) {
            more = -1;
            break;
        }
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return -1;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
