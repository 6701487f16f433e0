/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "clean/restore.h"
#include "clean/state.h"
#include "image/beam_parse.h"
#include "image/stats.h"
#include "io/beamset.h"
#include "io/wanted.h"
#include "tools/tool.h"
#include "view/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct params {
    const char *restoringbeam, *preview;
    bool pbcor;
    double pblimit;
    bool has_pblimit;    /* it was given */
    bool one_beam;       /* for all channels: */
    struct pc_beam beam; /* no size: no channel has a beam */
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

struct channel {
    struct pc_imhead psf;
    struct pc_image pb, residual, image; /* image is the model before it is restored */
    struct pc_image mask;
    struct pc_state state;
    struct pc_wanted wanted[4];
};

static void channel_init(struct channel *c)
{
    *c = (struct channel){.wanted = {{"residual.fits", &c->residual, "pc-grid", false},
                                     {"pb.fits", &c->pb, NULL, false},
                                     {"model.fits", &c->image, NULL, false},
                                     {NULL, NULL, NULL, false}}};
    pc_state_init(&c->state);
}

static void channel_fini(struct channel *c)
{
    for (const struct pc_wanted *w = c->wanted; w->name; w++)
        pc_image_fini(w->image);
    pc_image_fini(&c->mask);
    pc_imhead_fini(&c->psf);
    pc_state_fini(&c->state);
}

static int take(struct pc_pass *pass, const char *name, struct channel *c, struct pc_err *err)
{
    if (!strcmp(name, "psf.fits"))
        return pc_pass_imhead(pass, &c->psf, err);
    if (!strcmp(name, "mask.fits"))
        return pc_pass_image(pass, &c->mask, err);
    if (strcmp(name, "state") != 0)
        return pc_wanted_take(c->wanted, pass, name, err) < 0 ? -1 : 0;
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(&c->state, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

/* The beam of one plane: the one for all channels, or the one in the psf's header. */
static struct pc_beam beam_of(const struct params *p, const struct channel *c, int pol)
{
    static const struct pc_beam none = {0, 0, 0};
    if (c->state.stopcode == -1) /* no data: a blank plane */
        return none;
    return p->one_beam ? p->beam : c->psf.beam[pol];
}

/* The header of the image: the residual's, and what made the model. */
static int make_head(struct channel *c, const struct pc_run *r, struct pc_err *err)
{
    struct pc_imhead head;
    if (pc_imhead_copy(&head, &c->residual.head, err))
        return -1;
    if (pc_imhead_history_merge(&head, &c->image.head, err) ||
        pc_imhead_history(&head, prog.name, r->history, err)) {
        pc_imhead_fini(&head);
        return -1;
    }
    snprintf(head.bunit, sizeof head.bunit, "Jy/beam");
    pc_imhead_fini(&c->image.head);
    c->image.head = head;
    return 0;
}

/* The residual of a plane, as it would be with the user's beam. */
static int match(struct pc_run *r, const struct channel *c, int pol, float *residual,
                 const struct pc_beam *beam, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.head;
    const struct pc_beam *own = &c->psf.beam[pol];
    bool possible = true;
    if (beam->maj_rad == 0 && c->state.stopcode != -1)
        pc_log_warn(&r->log, "psf.fits has no clean beam: the image is blank (--restoringbeam gives one)");
    if (beam->maj_rad == 0 || own->maj_rad == 0 || memcmp(beam, own, sizeof *own) == 0)
        return 0;
    if (pc_restore_match(residual, h->nx, h->ny, h->cell_rad, own, beam, &possible, err))
        return -1;
    if (!possible)
        pc_log_warn(&r->log,
                    "the beam asked for is smaller than the PSF's: the residual keeps its own resolution");
    return 0;
}

static int restore(const struct params *p, struct pc_run *r, struct channel *c, struct pc_err *err)
{
    bool no_data = c->state.stopcode == -1;
    if (pc_wanted_check(c->wanted, err) ||
        (!no_data && pc_model_check(c->state.residual_model, &c->image, err)) || make_head(c, r, err))
        return -1;
    struct pc_imhead *h = &c->image.head;
    int64_t n = (int64_t)h->nx * h->ny;
    double pblimit = p->pblimit;
    if (c->psf.nx == 0)
        return pc_err_set(err, PC_EX_DATA, "no psf.fits: pc-psf makes it");
    if (!c->image.pix && !(c->image.pix = pc_mem_new0(n * h->npol, sizeof(float), "the image", err)))
        return -1;
    if (!p->has_pblimit && pc_record_has(&c->pb.head.extra, "PBLIMIT") &&
        pc_record_double(&c->pb.head.extra, "PBLIMIT", &pblimit, err))
        return -1;
    for (int k = 0; k < h->npol; k++) {
        float *plane = c->image.pix + k * n, *residual = c->residual.pix + k * n;
        h->beam[k] = beam_of(p, c, k);
        if (match(r, c, k, residual, &h->beam[k], err) ||
            pc_restore_plane(plane, residual, h->nx, h->ny, h->cell_rad, &h->beam[k], err))
            return -1;
        if (c->pb.pix)
            pc_restore_blank(plane, c->pb.pix + k * n, pblimit, n);
    }
    return 0;
}

static int preview(const struct params *p, const char *name, bool first, struct channel *c,
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

static int put(struct pc_pass *pass, const struct params *p, struct channel *c, struct pc_err *err)
{
    if (pc_pass_put_image(pass, "image.fits", &c->image, NULL, err))
        return -1;
    if (!p->pbcor)
        return pc_pass_drop(pass, "image.pbcor.fits", err); /* it would belong to an image that is gone */
    if (!c->pb.pix)
        return pc_err_set(err, PC_EX_DATA, "no pb.fits: --pbcor needs it, pc-psf makes it");
    pc_restore_pbcor(c->image.pix, c->pb.pix, pc_imhead_npix(&c->image.head));
    return pc_pass_put_image(pass, "image.pbcor.fits", &c->image, NULL, err);
}

static void report(struct pc_run *r, const char *name, const struct channel *c)
{
    const struct pc_imhead *h = &c->image.head;
    const double arcsec = 206264.80624709636;
    struct pc_stats s;
    pc_stats_basic(c->image.pix, NULL, pc_imhead_npix(h), &s);
    pc_log_line(&r->log, "%s peak_jy=%.6g rms_jy=%.6g bmaj_arcsec=%.6g bmin_arcsec=%.6g bpa_deg=%.6g", name,
                (double)s.max, s.rms, h->beam[0].maj_rad * arcsec, h->beam[0].min_rad * arcsec,
                h->beam[0].pa_rad * arcsec / 3600);
}

static int one_channel(struct pc_pass *pass, const struct params *p, const char *name, bool first,
                       struct pc_run *r, struct pc_err *err)
{
    struct channel c;
    struct pc_member m;
    int more, bad = 0;
    channel_init(&c);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || take(pass, m.name, &c, err);
    bad = bad || restore(p, r, &c, err);
    if (!bad)
        report(r, name, &c);
    if (bad || preview(p, name, first, &c, err) || put(pass, p, &c, err) || pc_pass_commit(pass, err))
        bad = pc_err_prefix(err, "%s", name);
    channel_fini(&c);
    return bad ? -1 : 0;
}

/* --restoringbeam, as a beam. The common one needs a look at all channels before the first is restored. */
static int find_beam(struct params *p, const struct pc_run *r, struct pc_err *err)
{
    struct pc_beamset set = {0};
    p->one_beam = p->restoringbeam[0];
    if (!p->one_beam)
        return 0;
    if (strcmp(p->restoringbeam, "common") != 0)
        return pc_beam_parse(p->restoringbeam, &p->beam, err) ? pc_err_prefix(err, "--restoringbeam") : 0;
    if (pc_beamset_why_not(r->src))
        return 0; /* for refuse() */
    int rc = pc_beamset_read(&set, r->src, err) || pc_beamset_common(&set, &p->beam, err) ? -1 : 0;
    pc_beamset_fini(&set);
    return rc;
}

/* What cannot have a common beam; asked once the source is known to be one. */
static int refuse(const struct params *p, const char *src, struct pc_err *err)
{
    const char *why = strcmp(p->restoringbeam, "common") ? NULL : pc_beamset_why_not(src);
    if (!why)
        return 0;
    return pc_err_set(
        err, PC_EX_USAGE,
        "--restoringbeam common needs all channels at once, and %s: give a directory or a tar file "
        "of them, or the beam itself (pc-status --common-beam finds it)",
        why);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_pass_conf conf = {
        .src = r->src, .dst = r->dst, .uses = p->preview ? uses : uses + 1, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more, n = 0;
    p->has_pblimit = pc_opt_given(&prog, r->cl, "pblimit");
    if (find_beam(p, r, err) || pc_pass_open(&pass, &conf, err))
        return -1;
    more = refuse(p, r->src, err);
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
