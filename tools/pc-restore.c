/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/restore_channel.h"
#include "tools/tool.h"
#include "view/preview.h"

#include <stdlib.h>

struct params {
    const char *restoringbeam, *preview;
    bool pbcor;
    double pblimit;
    struct restore_beam beam;
    struct restore_options options;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"restoringbeam", PC_OPT_STRING, FIELD(restoringbeam), "", 0, 0, 0, NULL, "common|MAJ,MIN,PA",
     "Clean beam; empty: the one fitted to the PSF; common: one for all channels and Stokes planes of SRC.",
     PC_OPT_PIXELS, "Restoring"},
    {"pbcor", PC_OPT_BOOL, FIELD(pbcor), "false", 0, 0, 0, NULL, NULL,
     "Make image.pbcor.fits too, the image divided by the primary beam.", PC_OPT_PIXELS, NULL},
    {"pblimit", PC_OPT_NUMBER, FIELD(pblimit), NULL, 0, -1, 1, NULL, NULL,
     "Blank where the primary beam is not above this, in place of its own limit; below 0 nothing is blanked.",
     PC_OPT_PIXELS | PC_OPT_OPEN_LO | PC_OPT_OPEN_HI, NULL},
    {"preview", PC_OPT_STRING, FIELD(preview), NULL, 0, 0, 0, NULL, "FILE.png",
     "Draw the image with the mask's outline and the beam; of further channels FILE.chNNNNN.png.", 0,
     "Reporting"},
    {0}};

static const struct pc_program prog = {
    .name = "pc-restore",
    .summary = "restores each channel: model convolved with the clean beam, plus residual",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the channels go: a directory, a .tar file or - (a stream)",
    .operand_max = 1,
    .examples = "pc-restore --pbcor stage\n"
                "pc-clean --niter 1000 | pc-grid | pc-restore --restoringbeam 0.3arcsec > ch42.tar\n"};

/* The mask, which comes first here, is only for --preview. */
static const struct pc_use uses[] = {
    {"mask.fits", PC_TAKE},  {"psf.fits", PC_TAKE},         {"pb.fits", PC_TAKE},
    {"state", PC_TAKE},      {"residual.fits", PC_TAKE},    {"model.fits", PC_TAKE},
    {"image.fits", PC_MAKE}, {"image.pbcor.fits", PC_MAKE}, {NULL, 0}};

static int preview(const struct params *p, const char *name, bool first, struct restore_channel *c,
                   struct pc_err *err)
{
    char path[4096];
    const struct pc_imhead *h = &c->image.head;
    struct pc_preview v = {
        .head = h, .plane = c->image.pix, .mask = c->mask.mask, .beam = h->beam[0], .label = name};
    if (!p->preview)
        return 0;
    if (c->mask.head.nx && pc_imhead_same_grid(&c->mask.head, "mask.fits", h, "the image", err))
        return -1;
    if (pc_preview_path(p->preview, name, first, path, sizeof path, err))
        return -1;
    return pc_preview_write(&v, path, err);
}

static void report(struct pc_run *r, const char *name, const struct restore_channel *c)
{
    const struct pc_imhead *h = &c->image.head;
    const double arcsec = 206264.80624709636;
    struct pc_stats s;
    pc_stats_end(&c->seen, &s);
    pc_log_line(&r->log, "%s peak_jy=%.6g rms_jy=%.6g bmaj_arcsec=%.6g bmin_arcsec=%.6g bpa_deg=%.6g", name,
                (double)s.max, s.rms, h->beam[0].maj_rad * arcsec, h->beam[0].min_rad * arcsec,
                h->beam[0].pa_rad * arcsec / 3600);
}

static int one_channel(struct pc_pass *pass, const struct params *p, const char *name, bool first,
                       struct pc_run *r, struct pc_err *err)
{
    struct restore_channel c;
    struct pc_member m;
    int more, bad = 0;
    restore_channel_init(&c, &p->options);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || restore_channel_take(&c, pass, m.name, err);
    bad = bad || restore_channel_open(&c, pass, &r->log, err) || preview(p, name, first, &c, err) ||
          restore_channel_put(&c, pass, err);
    if (!bad)
        report(r, name, &c);
    if (bad || pc_pass_commit(pass, err))
        bad = pc_err_prefix(err, "%s", name);
    restore_channel_fini(&c);
    return bad ? -1 : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_pass_conf conf = {
        .src = r->src, .dst = r->dst, .uses = p->preview ? uses : uses + 1, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more, n = 0;
    p->options = (struct restore_options){.program = prog.name,
                                          .history = r->history,
                                          .beam = &p->beam,
                                          .pbcor = p->pbcor,
                                          .preview = p->preview != NULL,
                                          .has_pblimit = pc_opt_given(&prog, r->cl, "pblimit"),
                                          .pblimit = p->pblimit};
    if (restore_beam_find(&p->beam, p->restoringbeam, r->src, err) || pc_pass_open(&pass, &conf, err))
        return -1;
    more = restore_beam_refuse(p->restoringbeam, r->src, err);
    while (more >= 0 && (more = pc_pass_channel(pass, &chan, err)) > 0)
        if (one_channel(pass, p, chan.name, n++ == 0, r, err)) {
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
