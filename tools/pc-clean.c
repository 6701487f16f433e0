/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/table.h"
#include "image/beam_parse.h"
#include "tools/clean_channel.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>

struct params {
    struct pc_clean_conf conf; /* sidelobe and nsigma_median are the channel's */
    int deconvolver;
    double psfsidelobe;
    const char *beam, *history;
};
static const char *const deconvolvers[] = {"hogbom"}; /* as the choices below */

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"deconvolver", PC_OPT_CHOICE, FIELD(deconvolver), "hogbom", 0, 0, 0, "hogbom", NULL,
     "Algorithm of the minor cycle.", PC_OPT_PIXELS, "Minor cycle"},
    {"gain", PC_OPT_NUMBER, FIELD(conf.gain), "0.1", 0, 0, 1, NULL, NULL,
     "Fraction of the peak that a component takes.", PC_OPT_PIXELS | PC_OPT_OPEN_LO, NULL},
    {"niter", PC_OPT_INT, FIELD(conf.control.niter), "0", 0, 0, 1e15, NULL, NULL,
     "Most components in all cycles, per plane. With 0 nothing is cleaned (stop code 1).", PC_OPT_PIXELS,
     "Stopping"},
    {"threshold", PC_OPT_NUMBER, FIELD(conf.control.threshold_jy), "0", PC_DIM_FLUX, 0, 1e30, NULL, NULL,
     "Stop when the peak within the mask is down to this, or within 1 %.", PC_OPT_PIXELS, NULL},
    {"nsigma", PC_OPT_NUMBER, FIELD(conf.control.nsigma), "0", 0, 0, 1e6, NULL, NULL,
     "Stop at this many times the noise (1.4826 MAD of the residual); 0: do not.", PC_OPT_PIXELS, NULL},
    {"nmajor", PC_OPT_INT, FIELD(conf.control.nmajor), "-1", 0, -1, 1e9, NULL, NULL,
     "Most major cycles, the first residual not counted; -1: any number.", PC_OPT_PIXELS, NULL},
    {"cycleniter", PC_OPT_INT, FIELD(conf.control.cycleniter), "-1", 0, -1, 1e15, NULL, NULL,
     "Most components in one minor cycle; -1: niter.", PC_OPT_PIXELS, "Depth of a minor cycle"},
    {"cyclefactor", PC_OPT_NUMBER, FIELD(conf.control.cyclefactor), "1", 0, 0, 1e6, NULL, NULL,
     "A minor cycle goes down to the peak times the largest PSF sidelobe times this.", PC_OPT_PIXELS, NULL},
    {"minpsffraction", PC_OPT_NUMBER, FIELD(conf.control.minpsffraction), "0.05", 0, 0, 1, NULL, NULL,
     "But not below the peak times this,", PC_OPT_PIXELS, NULL},
    {"maxpsffraction", PC_OPT_NUMBER, FIELD(conf.control.maxpsffraction), "0.8", 0, 0, 1, NULL, NULL,
     "and at least to the peak times this.", PC_OPT_PIXELS, NULL},
    {"pbmask", PC_OPT_NUMBER, FIELD(conf.pbmask), "0", 0, 0, 1, NULL, NULL,
     "The noise of nsigma is measured where the primary beam is above this.", PC_OPT_PIXELS, "Noise"},
    {"fastnoise", PC_OPT_BOOL, FIELD(conf.fastnoise), "true", 0, 0, 0, NULL, NULL,
     "That noise from all pixels; else from those outside the mask, or clipped after Chauvenet.",
     PC_OPT_PIXELS, NULL},
    {"psfsidelobe", PC_OPT_NUMBER, FIELD(psfsidelobe), NULL, 0, 0, 1e6, NULL, NULL,
     "Largest PSF sidelobe, in place of the channel's own.", PC_OPT_PIXELS, "A whole cube's values"},
    {"cyclethreshold", PC_OPT_NUMBER, FIELD(conf.control.cyclethreshold_jy), NULL, PC_DIM_FLUX, 0, 1e30, NULL,
     NULL, "Depth of this minor cycle, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"beam", PC_OPT_STRING, FIELD(beam), NULL, 0, 0, 0, NULL, "MAJ,MIN,PA",
     "Beam that tells main lobe from sidelobes, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"stop", PC_OPT_BOOL, FIELD(conf.control.forced), "false", 0, 0, 0, NULL, NULL,
     "Stop here (stop code 3): no more minor cycles.", 0, "Steering and reporting"},
    {"fullsummary", PC_OPT_BOOL, FIELD(conf.whole_plane), "false", 0, 0, 0, NULL, NULL,
     "Find the peak outside the mask too after the minor cycle: slower.", 0, NULL},
    {"history", PC_OPT_STRING, FIELD(history), NULL, 0, 0, 0, NULL, "FILE",
     "Table of the cycles of all channels so far, one row each, tab-separated.", 0, NULL},
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

/* From the options, the psf's header, or the psf itself; 0 with a warning when nothing tells. */
static int sidelobe_of(const struct params *p, struct pc_run *r, const struct clean_channel *c,
                       double *sidelobe, struct pc_err *err)
{
    const struct pc_imhead *h = &c->psf.head;
    struct pc_beam beam = h->beam[0];
    *sidelobe = 0;
    if (pc_opt_given(&prog, r->cl, "psfsidelobe")) {
        *sidelobe = p->psfsidelobe;
        return 0;
    }
    if (p->beam && pc_beam_parse(p->beam, &beam, err))
        return -1;
    if (!p->beam && pc_record_has(&h->extra, "SIDELOBE"))
        return pc_record_double(&h->extra, "SIDELOBE", sidelobe, err);
    if (beam.maj_rad <= 0)
        pc_log_warn(&r->log,
                    "psf.fits has neither SIDELOBE nor a beam: only --minpsffraction limits the minor cycle");
    for (int k = 0; k < h->npol && beam.maj_rad > 0; k++) {
        double s =
            pc_beam_sidelobe(c->psf.pix + (int64_t)k * h->nx * h->ny, h->nx, h->ny, h->cell_rad, &beam);
        *sidelobe = s > *sidelobe ? s : *sidelobe;
    }
    return 0;
}

static int clean(const struct params *p, struct pc_run *r, struct clean_channel *c,
                 struct pc_clean_result *res, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.head;
    struct pc_clean_conf conf = p->conf;
    conf.deconvolver = pc_deconvolver_find(deconvolvers[p->deconvolver]);
    conf.nsigma_median = pc_record_has(&c->masknext.head.extra, "AMDONE"); /* an automatic mask */
    if (!pc_opt_given(&prog, r->cl, "cyclethreshold"))
        conf.control.cyclethreshold_jy = -1;
    struct pc_clean_planes planes = {.nx = h->nx,
                                     .ny = h->ny,
                                     .npol = h->npol,
                                     .residual = c->residual.pix,
                                     .psf = c->psf.pix,
                                     .pb = c->pb.pix,
                                     .model = c->model.pix,
                                     .best = c->best.pix};
    planes.mask = c->masknext.mask ? c->masknext.mask : c->mask.mask;
    if (pc_record_has(&c->pb.head.extra, "PBLIMIT") &&
        pc_record_double(&c->pb.head.extra, "PBLIMIT", &planes.pblimit, err))
        return -1;
    if (sidelobe_of(p, r, c, &conf.sidelobe, err))
        return -1;
    return pc_clean_cycle(&conf, &planes, &c->state, res, err);
}

static void report(struct pc_run *r, const char *name, const struct pc_state *s,
                   const struct pc_clean_result *res)
{
    const struct pc_cycle none = {.peakres_jy = s->peakres_jy},
                          *c = res->cleaned ? &s->cycle[s->ncycle - 1] : &none;
    pc_log_line(&r->log,
                "%s iterations=%lld iterdone=%lld startpeak_jy=%.6g peak_jy=%.6g flux_jy=%.6g "
                "cyclethreshold_jy=%.6g nsigma_jy=%.6g mask_px=%lld minorstop=%d stopcode=%d stop=\"%s\"",
                name, (long long)c->iterdone, (long long)s->iterdone, s->peakres_jy, c->peakres_jy,
                c->modelflux_jy, s->cyclethreshold_jy, res->nsigma_jy, (long long)c->masksum, c->stop,
                s->stopcode, pc_stop_words(s->stopcode));
}

static int write_table(const char *path, const struct pc_text *table, struct pc_err *err)
{
    if (pc_text_ok(table, err))
        return -1;
    FILE *f = fopen(path, "w");
    if (!f)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    int bad = fputs(pc_text_str(table), f) < 0;
    return fclose(f) || bad ? pc_err_errno(err, PC_EX_IOERR, "%s", path) : 0;
}

static int turn(struct pc_pass *pass, const struct params *p, const char *name, struct clean_channel *c,
                struct pc_run *r, struct pc_err *err)
{
    struct pc_clean_result res;
    if (c->state.stopcode != 0) {
        pc_log_line(&r->log, "%s stopcode=%d passed=1", name, c->state.stopcode);
        return 0;
    }
    if (clean_channel_complete(c, err) || clean(p, r, c, &res, err) ||
        clean_channel_put(c, pass, &res, prog.name, r->history, err))
        return -1;
    report(r, name, &c->state, &res);
    return 0;
}

static int one_channel(struct pc_pass *pass, const struct params *p, const char *name, struct pc_text *table,
                       struct pc_run *r, struct pc_err *err)
{
    struct clean_channel c;
    struct pc_member m;
    int more, bad = 0;
    clean_channel_init(&c);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || clean_channel_take(&c, pass, m.name, err);
    if (bad || turn(pass, p, name, &c, r, err) || pc_pass_commit(pass, err))
        bad = pc_err_prefix(err, "%s", name);
    else
        pc_cycles_rows(name, &c.state, table);
    clean_channel_fini(&c);
    return bad ? -1 : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_pass_conf conf = {.src = r->src, .dst = r->dst, .uses = uses, .tmpdir = getenv("TMPDIR")};
    struct pc_text table = {0};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_beam unused;
    int more;
    if ((p->beam && pc_beam_parse(p->beam, &unused, err)) || pc_pass_open(&pass, &conf, err))
        return -1;
    pc_cycles_header(&table);
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        if (one_channel(pass, p, chan.name, &table, r, err)) {
            more = -1;
            break;
        }
    if (more == 0 && p->history)
        more = write_table(p->history, &table, err);
    pc_text_free(&table);
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return -1;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
