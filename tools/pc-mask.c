/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "clean/state.h"
#include "image/beam_parse.h"
#include "io/bundle.h"
#include "mask/automask_preset.h"
#include "mask/nextmask.h"
#include "tools/mask_given.h"
#include "tools/mask_read.h"
#include "tools/tool.h"
#include "view/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USEMASK_USER, USEMASK_PB, USEMASK_AUTO };

struct params {
    int usemask, preset;
    struct pc_strlist mask;
    const char *beam, *preview;
    struct pc_automask_conf automask;
    double psfsidelobe, cyclethreshold_jy, threshold_jy;
    bool verbose;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"usemask", PC_OPT_CHOICE, FIELD(usemask), "user", 0, 0, 0, "user|pb|auto-multithresh", NULL,
     "Where the mask comes from: what --mask names (or everywhere), the primary beam, or the residual.",
     PC_OPT_PIXELS, "Mask"},
    {"mask", PC_OPT_LIST, FIELD(mask), NULL, 0, 0, 0, NULL, "WHAT",
     "Images, FITS or CASA (where they exceed 0.5), files of CASA or DS9 regions, or regions themselves, "
     "like "
     "circle[[10h2m3s, -30d1m2s], 4arcsec]; several with commas, or again.",
     0, NULL},
    {"pbmask", PC_OPT_NUMBER, FIELD(automask.pbmask), "0", 0, 0, 1, NULL, NULL,
     "Only pixels with more than this primary beam; 0 leaves them all.", PC_OPT_PIXELS, NULL},
    {"sidelobethreshold", PC_OPT_NUMBER, FIELD(automask.sidelobethreshold), "3", 0, 0, 1e6, NULL, NULL,
     "Threshold in units of the largest sidelobe times the peak.", PC_OPT_PIXELS, "Auto-multithresh"},
    {"automask-preset", PC_OPT_CHOICE, FIELD(preset), "none", 0, 0, 0, pc_automask_presets, NULL,
     "The ALMA pipeline's values of the options below and above, for an array; each may still be given.", 0,
     NULL},
    {"noisethreshold", PC_OPT_NUMBER, FIELD(automask.noisethreshold), "5", 0, 0, 1e6, NULL, NULL,
     "Threshold in units of the noise; the higher of the two counts.", PC_OPT_PIXELS, NULL},
    {"lownoisethreshold", PC_OPT_NUMBER, FIELD(automask.lownoisethreshold), "1.5", 0, 0, 1e6, NULL, NULL,
     "Threshold down to which the previous mask grows, in units of the noise.", PC_OPT_PIXELS, NULL},
    {"negativethreshold", PC_OPT_NUMBER, FIELD(automask.negativethreshold), "0", 0, 0, 1e6, NULL, NULL,
     "Threshold of the negative mask, in units of the noise; 0: no negative mask.", PC_OPT_PIXELS, NULL},
    {"smoothfactor", PC_OPT_NUMBER, FIELD(automask.smoothfactor), "1", 0, 0, 1000, NULL, NULL,
     "Masks are smoothed by this many beams; 0: not at all.", PC_OPT_PIXELS, NULL},
    {"minbeamfrac", PC_OPT_NUMBER, FIELD(automask.minbeamfrac), "0.3", 0, 0, 1e6, NULL, NULL,
     "Regions smaller than this many beam areas are pruned; 0: none.", PC_OPT_PIXELS, NULL},
    {"cutthreshold", PC_OPT_NUMBER, FIELD(automask.cutthreshold), "0.01", 0, 0, 1, NULL, NULL,
     "Smoothed masks are cut at this fraction of their peak.", PC_OPT_PIXELS, NULL},
    {"growiterations", PC_OPT_INT, FIELD(automask.growiterations), "75", 0, 0, 1000000, NULL, NULL,
     "The previous mask grows by at most this many pixels; 0: not at all.", PC_OPT_PIXELS, NULL},
    {"dogrowprune", PC_OPT_BOOL, FIELD(automask.dogrowprune), "true", 0, 0, 0, NULL, NULL,
     "Prune the grown mask too.", PC_OPT_PIXELS, NULL},
    {"minpercentchange", PC_OPT_NUMBER, FIELD(automask.minpercentchange), "-1", 0, -1, 100, NULL, NULL,
     "No more masks once one changed by less than this many per cent; -1: always.", PC_OPT_PIXELS, NULL},
    {"fastnoise", PC_OPT_BOOL, FIELD(automask.fastnoise), "true", 0, 0, 0, NULL, NULL,
     "Noise from all pixels; else from those outside the mask, or clipped after Chauvenet.", PC_OPT_PIXELS,
     NULL},
    {"threshold", PC_OPT_NUMBER, FIELD(threshold_jy), "0", PC_DIM_FLUX, 0, 1e30, NULL, NULL,
     "The threshold given to pc-clean: minpercentchange counts once the cycle threshold is down to it.",
     PC_OPT_PIXELS, NULL},
    {"psfsidelobe", PC_OPT_NUMBER, FIELD(psfsidelobe), NULL, 0, 0, 1e6, NULL, NULL,
     "Largest PSF sidelobe, in place of the channel's own.", PC_OPT_PIXELS, "A whole cube's values"},
    {"beam", PC_OPT_STRING, FIELD(beam), NULL, 0, 0, 0, NULL, "MAJ,MIN,PA",
     "Beam for pruning and smoothing, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"cyclethreshold", PC_OPT_NUMBER, FIELD(cyclethreshold_jy), NULL, PC_DIM_FLUX, 0, 1e30, NULL, NULL,
     "Threshold of the last minor cycle, in place of the channel's own.", PC_OPT_PIXELS, NULL},
    {"verbose", PC_OPT_BOOL, FIELD(verbose), "false", 0, 0, 0, NULL, NULL,
     "Report the pixels left after each step.", 0, "Reporting"},
    {"preview", PC_OPT_STRING, FIELD(preview), NULL, 0, 0, 0, NULL, "FILE.png",
     "Draw the residual with the mask's outline and the beam; of further channels FILE.chNNNNN.png.", 0,
     NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-mask",
    .summary = "makes the next clean mask of each channel",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the channels go: a directory, a .tar file or - (a stream)",
    .operand_max = 1,
    .examples = "pc-mask --usemask auto-multithresh --noisethreshold 4.25 stage\n"
                "pc-mask --mask disc.fits --pbmask 0.3 < in.tar > out.tar\n"
                "pc-mask --mask 'circle[[10h2m3s, -30d1m2s], 4arcsec]' stage\n"};

static const struct pc_use uses[] = {{"psf.fits", PC_TAKE},
                                     {"pb.fits", PC_TAKE},
                                     {"state", PC_TAKE},
                                     {"residual.fits", PC_TAKE},
                                     {"mask.fits", PC_TAKE},
                                     {"masknext.fits", PC_TAKE | PC_MAKE},
                                     {NULL, 0}};

/* What a channel came with; heads with nx 0 and planes that are NULL were not there. */
struct channel {
    struct pc_imhead psf, old;
    struct pc_mask_inputs from;
    struct pc_image shown; /* the residual, when it is only drawn */
    struct pc_nextmask next;
    struct pc_state state;
    bool done; /* the mask it has needs no successor */
    bool plane_done[PC_MAX_POL];
    bool has_mask; /* mask.fits is there */
};

/* What one run has for all its channels. */
struct job {
    const struct params *p;
    struct mask_given given;
    struct pc_run *r;
    int npreview; /* pictures drawn */
};

static void channel_fini(struct channel *c)
{
    pc_imhead_fini(&c->psf);
    pc_imhead_fini(&c->old);
    pc_mask_inputs_fini(&c->from);
    pc_image_fini(&c->shown);
    pc_nextmask_fini(&c->next);
    pc_state_fini(&c->state);
}

static int take_state(struct pc_pass *pass, struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(s, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

/* Planes that this mask does not need, or a channel that has stopped, are not read. */
static int take(struct pc_pass *pass, const struct params *p, const char *name, struct channel *c,
                struct pc_err *err)
{
    const bool autom = p->usemask == USEMASK_AUTO && c->state.stopcode == 0;
    const double pbmask = p->usemask == USEMASK_PB || p->automask.pbmask > 0 ? p->automask.pbmask : -1;
    if (!strcmp(name, "psf.fits"))
        return pc_pass_imhead(pass, &c->psf, err);
    if (!strcmp(name, "pb.fits"))
        return mask_read_pb(pass, &c->from, pbmask, err);
    if (!strcmp(name, "state"))
        return take_state(pass, &c->state, err);
    if (!strcmp(name, "residual.fits") && autom)
        return mask_read_residual(pass, &c->from, err);
    if (!strcmp(name, "residual.fits") && p->preview && c->state.stopcode == 0)
        return pc_pass_image(pass, &c->shown, err);
    if (!strcmp(name, "mask.fits"))
        c->has_mask = true;
    if (!strcmp(name, "mask.fits") && autom)
        return mask_read_prev(pass, &c->from, err);
    if (!strcmp(name, "masknext.fits") && autom) {
        if (pc_pass_imhead(pass, &c->old, err))
            return -1;
        c->done = pc_nextmask_done(&c->old, c->plane_done);
    }
    return 0;
}

/* stokes: " stokes=Q", or nothing when there is one plane. */
static void report_auto(struct pc_run *r, const struct pc_chan *chan, const char *stokes,
                        const struct pc_automask_out *o)
{
    pc_log_line(
        &r->log,
        "%s%s usemask=auto-multithresh median_jy=%.6g sigma_jy=%.6g limit=%s threshold_jy=%.6g regions=%lld "
        "pruned=%lld mask_px=%lld done=%d",
        chan->name, stokes, o->median, o->sigma_jy, o->noise_limited ? "noise" : "sidelobe",
        o->threshold_pos_jy, (long long)o->nregion, (long long)(o->nregion - o->nregion_kept),
        (long long)o->n_final, o->done);
    pc_log_note(
        &r->log,
        "%s%s: pixels above the threshold %lld, after pruning %lld, after smoothing %lld, grown %lld, "
        "negative %lld, in all %lld",
        chan->name, stokes, (long long)o->n_threshold, (long long)o->n_pruned, (long long)o->n_smoothed,
        (long long)o->n_grown, (long long)o->n_negative, (long long)o->n_final);
}

static void report_planes(struct pc_run *r, const struct pc_chan *chan, const struct channel *c,
                          const struct pc_automask_out *out)
{
    for (int pol = 0; pol < c->psf.npol; pol++) {
        char stokes[32] = "";
        const char *name = pc_stokes_name(c->psf.stokes[pol]);
        if (c->psf.npol > 1)
            snprintf(stokes, sizeof stokes, " stokes=%s", name ? name : "?");
        if (c->plane_done[pol] && c->from.prev.nx)
            pc_log_line(&r->log, "%s%s usemask=auto-multithresh mask_px=%lld done=1 passed=1", chan->name,
                        stokes, (long long)out[pol].n_final);
        else
            report_auto(r, chan, stokes, &out[pol]);
    }
}

static int auto_mask(const struct params *p, const struct pc_chan *chan, struct channel *c, struct pc_run *r,
                     struct pc_err *err)
{
    struct pc_automask_out out[PC_MAX_POL];
    struct pc_beam beam;
    if (p->beam && pc_beam_parse(p->beam, &beam, err))
        return -1;
    double cycle = p->cyclethreshold_jy > 0 ? p->cyclethreshold_jy : c->state.cyclethreshold_jy;
    struct pc_nextmask_in in = {.psf = &c->psf,
                                .from = &c->from,
                                .beam = p->beam ? &beam : NULL,
                                .sidelobe = p->psfsidelobe,
                                .iterdone = c->state.iterdone,
                                .cyclethreshold_jy = cycle,
                                .threshold_jy = p->threshold_jy};
    memcpy(in.done, c->plane_done, sizeof in.done);
    if (pc_mask_inputs_end(&c->from, err) || pc_nextmask_auto(&p->automask, &in, &c->next, out, &r->log, err))
        return -1;
    report_planes(r, chan, c, out);
    return 0;
}

static int fixed_mask(const struct job *j, const struct pc_chan *chan, struct channel *c, struct pc_err *err)
{
    const struct params *p = j->p;
    struct pc_nextmask_in in = {.psf = &c->psf, .from = &c->from};
    unsigned char *given = NULL;
    int64_t count;
    int bad =
        j->given.n > 0 && c->psf.nx > 0 && mask_given_paint(&j->given, &c->psf, chan->index, &given, err);
    bad = bad || pc_nextmask_fixed(&in, given, &c->next, &count, err);
    pc_mem_free(given);
    if (!bad)
        pc_log_line(&j->r->log, "%s usemask=%s mask_px=%lld", chan->name,
                    p->usemask == USEMASK_PB ? "pb" : "user", (long long)count);
    return bad ? -1 : 0;
}

/* The first plane of the mask, as bytes. */
static unsigned char *outlined(const struct channel *c, struct pc_err *err)
{
    int nx = c->psf.nx, ny = c->psf.ny;
    unsigned char *mask = pc_mem_new0((int64_t)nx * ny, 1, "the mask of a picture", err);
    if (mask)
        pc_runs_paint(&c->next.mask[0], nx, 1, mask);
    return mask;
}

static int preview(struct job *j, const struct pc_chan *chan, const struct channel *c, struct pc_err *err)
{
    char path[4096];
    const bool held = c->from.pix != NULL;
    struct pc_preview v = {.head = held ? &c->from.residual : &c->shown.head,
                           .plane = held ? c->from.pix : c->shown.pix,
                           .beam = c->psf.beam[0],
                           .label = chan->name};
    if (!j->p->preview)
        return 0;
    if (!v.plane)
        return pc_err_set(err, PC_EX_DATA, "there is no residual.fits to draw; run pc-grid first");
    if (pc_preview_path(j->p->preview, chan->name, j->npreview++ == 0, path, sizeof path, err))
        return -1;
    unsigned char *mask = outlined(c, err);
    if (!mask)
        return -1;
    v.mask = mask;
    int bad = pc_preview_write(&v, path, err);
    pc_mem_free(mask);
    return bad;
}

static int make_mask(struct pc_pass *pass, struct job *j, const struct pc_chan *chan, struct channel *c,
                     struct pc_err *err)
{
    const struct params *p = j->p;
    struct pc_run *r = j->r;
    if (c->state.stopcode != 0 || c->done) {
        pc_log_line(&r->log, "%s stopcode=%d done=%d passed=1", chan->name, c->state.stopcode, c->done);
        return 0;
    }
    /* No mask at all is the neutral one, and is left out; but pc-clean would take an older mask.fits instead.
     */
    if (p->usemask == USEMASK_USER && j->given.n == 0 && !(p->automask.pbmask > 0) && !c->has_mask) {
        pc_log_line(&r->log, "%s usemask=user mask=none", chan->name);
        return preview(j, chan, c, err) ? -1 : pc_pass_drop(pass, "masknext.fits", err);
    }
    if (p->usemask == USEMASK_AUTO ? auto_mask(p, chan, c, r, err) : fixed_mask(j, chan, c, err))
        return -1;
    if (preview(j, chan, c, err) || pc_imhead_history(&c->next.head, prog.name, r->history, err))
        return -1;
    return pc_pass_put_runs(pass, "masknext.fits", &c->next.head, c->next.mask, err);
}

static int one_channel(struct pc_pass *pass, struct job *j, const struct pc_chan *chan, struct pc_err *err)
{
    struct channel c = {0};
    struct pc_member m;
    int more;
    pc_state_init(&c.state);
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (take(pass, j->p, m.name, &c, err)) {
            more = -1;
            break;
        }
    int bad = more < 0 || make_mask(pass, j, chan, &c, err) || pc_pass_commit(pass, err);
    if (bad)
        pc_err_prefix(err, "%s", chan->name);
    channel_fini(&c);
    return bad ? -1 : 0;
}

static int run_channels(struct job *j, struct pc_err *err)
{
    struct pc_beam unused;
    struct pc_pass_conf conf = {.src = j->r->src, .dst = j->r->dst, .uses = uses, .tmpdir = getenv("TMPDIR")};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more;
    if (j->p->beam && pc_beam_parse(j->p->beam, &unused, err))
        return pc_err_prefix(err, "--beam");
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        if (one_channel(pass, j, &chan, err)) {
            more = -1;
            break;
        }
    if (more < 0) {
        pc_pass_abort(pass);
        return -1;
    }
    return pc_pass_close(pass, err);
}

/* What was given wins over the preset; the rest of the automask's options takes its values. */
static void apply_preset(struct params *p, const struct pc_run *r)
{
    struct pc_automask_conf given = p->automask;
    const size_t begin = offsetof(struct params, automask), end = begin + sizeof p->automask;
    pc_automask_preset(p->preset, &p->automask);
    for (const struct pc_opt *o = opts; o->name; o++) {
        if (o->offset < begin || o->offset >= end || !pc_opt_given(&prog, r->cl, o->name))
            continue;
        size_t size = o->type == PC_OPT_BOOL  ? sizeof(bool)
                      : o->type == PC_OPT_INT ? sizeof(int64_t)
                                              : sizeof(double);
        memcpy((char *)&p->automask + (o->offset - begin), (char *)&given + (o->offset - begin), size);
    }
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_text history = {0};
    struct pc_run resolved = *r;
    struct job j = {.p = p, .r = &resolved};
    if (p->mask.n > 0 && p->usemask != USEMASK_USER)
        return pc_err_set(err, PC_EX_USAGE, "--mask %s needs --usemask user", p->mask.s[0]);
    if (p->preset != 0 && p->usemask != USEMASK_AUTO)
        return pc_err_set(err, PC_EX_USAGE, "--automask-preset needs --usemask auto-multithresh");
    if (mask_given_open(&j.given, &p->mask, err))
        return -1;
    apply_preset(p, r);
    pc_opt_history(&prog, pc_version, p, &history);
    resolved.history = pc_text_str(&history);
    int bad = pc_text_ok(&history, err) || run_channels(&j, err);
    mask_given_close(&j.given);
    pc_text_free(&history);
    return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
