/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-psf: imaging weights, point spread function and primary beam of each channel. */

#include "base/mem.h"
#include "grid/kernel.h"
#include "io/fdio.h"
#include "tools/psf_density.h"
#include "tools/tool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct params {
    int64_t imsize[2], npixels;
    double cell_rad[2];
    int stokes, weighting, gridder, wterm, precision;
    int64_t threads;
    const char *pb, *vptable;
    double robust, noise_jy, fracbw, accuracy, pblimit, psfcutoff, mem_byte;
    bool perchanweightdensity;
    const char *uvtaper, *density, *density_out;
    struct pc_strlist startmodel;
};
enum { GRIDDER_AUTO, GRIDDER_STANDARD };
static const char *const gridder_names[] = {"auto", "standard", "wproject", "widefield"}; /* as below */
enum { SINGLE, DOUBLE };
#define STOKES "I|Q|U|V|IV|QU|IQU|IQUV|RR|LL|RRLL|XX|YY|XXYY|pseudoI"
static const char *const stokes_names[] = {"I",  "Q",  "U",    "V",  "IV", "QU",   "IQU",    "IQUV",
                                           "RR", "LL", "RRLL", "XX", "YY", "XXYY", "pseudoI"};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"imsize", PC_OPT_PAIR_INT, FIELD(imsize), NULL, 0, 1, 1e9, NULL, "N[,N]",
     "Pixels of the image, to the east and to the north.", PC_OPT_PIXELS | PC_OPT_REQUIRED, "Image"},
    {"cell", PC_OPT_PAIR_NUMBER, FIELD(cell_rad), NULL, PC_DIM_ANGLE, 0, 1, NULL, "ANGLE[,ANGLE]",
     "Size of a pixel; a number without unit is in arcsec.", PC_OPT_PIXELS | PC_OPT_REQUIRED | PC_OPT_OPEN_LO,
     NULL},
    {"stokes", PC_OPT_CHOICE, FIELD(stokes), "I", 0, 0, 0, STOKES, NULL,
     "The planes of the image, of linear or of circular correlations. pseudoI: I, also of samples with one "
     "of "
     "two hands flagged.",
     PC_OPT_PIXELS, NULL},
    {"weighting", PC_OPT_CHOICE, FIELD(weighting), "natural", 0, 0, 0,
     "natural|uniform|briggs|superuniform|radial|briggsabs|briggsbwtaper", NULL,
     "How visibilities are weighted.", PC_OPT_PIXELS, "Weighting"},
    {"robust", PC_OPT_NUMBER, FIELD(robust), "0.5", 0, -2, 2, NULL, NULL,
     "Robustness of briggs: -2 is nearly uniform, 2 nearly natural.", PC_OPT_PIXELS, NULL},
    {"noise", PC_OPT_NUMBER, FIELD(noise_jy), "1Jy", PC_DIM_FLUX, 0, 1e30, NULL, "FLUX",
     "Noise of briggsabs.", PC_OPT_PIXELS, NULL},
    {"npixels", PC_OPT_INT, FIELD(npixels), "0", 0, 0, 1e6, NULL, NULL,
     "superuniform, and any density of one channel: cells to each side that a sample counts in (superuniform "
     "takes 0 for 3). Other densities: their cells are those of an image of that many pixels.",
     PC_OPT_PIXELS, NULL},
    {"fracbw", PC_OPT_NUMBER, FIELD(fracbw), "0", 0, 0, 2, NULL, NULL,
     "Fractional bandwidth for briggsbwtaper; 0: that of the cube.", PC_OPT_PIXELS, NULL},
    {"uvtaper", PC_OPT_STRING, FIELD(uvtaper), NULL, 0, 0, 0, NULL, "WIDTH[,WIDTH[,ANGLE]]",
     "Gaussian taper of the weights: half width in the uv plane (400klambda) or full width in the image "
     "(0.3arcsec); major axis, minor axis, position angle.",
     PC_OPT_PIXELS, NULL},
    {"perchanweightdensity", PC_OPT_BOOL, FIELD(perchanweightdensity), "true", 0, 0, 0, NULL, NULL,
     "Each channel of a cube has its own density of visibilities; else all share that of --density.",
     PC_OPT_PIXELS, NULL},
    {"density", PC_OPT_STRING, FIELD(density), NULL, 0, 0, 0, NULL, "FILE",
     "The density of all channels of the cube, made by --density-out.", 0, NULL},
    {"density-out", PC_OPT_STRING, FIELD(density_out), NULL, 0, 0, 0, NULL, "FILE",
     "Only write the density of all channels of SRC there; no channel goes out.", 0, NULL},
    {"gridder", PC_OPT_CHOICE, FIELD(gridder), "auto", 0, 0, 0, "auto|standard|wproject|widefield", NULL,
     "How visibilities become an image. standard: in two dimensions, without the w-term; wproject, "
     "widefield: "
     "with all of it; auto: with it where --accuracy needs it.",
     PC_OPT_PIXELS, "Gridding"},
    {"wterm", PC_OPT_CHOICE, FIELD(wterm), "auto", 0, 0, 0, "auto|none|full", NULL,
     "The w-term: none or full, whatever --gridder is; auto: as --gridder says.", PC_OPT_PIXELS, NULL},
    {"accuracy", PC_OPT_NUMBER, FIELD(accuracy), "1e-5", 0, 1e-12, 1e-2, NULL, NULL,
     "Largest relative error against the direct Fourier transform (L2 norm, edges and corners included); "
     "below 1e-6 with --precision double.",
     PC_OPT_PIXELS, NULL},
    {"precision", PC_OPT_CHOICE, FIELD(precision), "single", 0, 0, 0, "single|double", NULL,
     "Of gridding, here and in pc-grid. double: psf and residual are written in 64 bits, too.", PC_OPT_PIXELS,
     NULL},
    {"pblimit", PC_OPT_NUMBER, FIELD(pblimit), "0.2", 0, -1, 1, NULL, NULL,
     "The primary beam is 0 where it is not above this. If positive it also bounds cleaning and images.",
     PC_OPT_PIXELS | PC_OPT_OPEN_LO | PC_OPT_OPEN_HI, "Beams"},
    {"pb", PC_OPT_STRING, FIELD(pb), NULL, 0, 0, 0, NULL, "FILE",
     "Image of the primary beam (power; FITS or CASA) instead of the telescope's; of several planes the one "
     "of the "
     "nearest frequency, scaled to the channel's.",
     0, NULL},
    {"vptable", PC_OPT_STRING, FIELD(vptable), NULL, 0, 0, 0, NULL, "TABLE",
     "CASA's table of voltage patterns: refused, give the beam as an image (--pb).", 0, NULL},
    {"psfcutoff", PC_OPT_NUMBER, FIELD(psfcutoff), "0.35", 0, 0, 1, NULL, NULL,
     "The clean beam is fitted to the main lobe above this.", PC_OPT_PIXELS | PC_OPT_OPEN_LO | PC_OPT_OPEN_HI,
     NULL},
    {"startmodel", PC_OPT_LIST, FIELD(startmodel), NULL, 0, 0, 0, NULL, "FILE[,FILE...]",
     "Begin with this model: images in Jy/pixel (FITS or CASA) of any grid; several are added up.", 0,
     "Model"},
    {"mem", PC_OPT_NUMBER, FIELD(mem_byte), "256MiB", PC_DIM_BYTE, 1e6, 1e15, NULL, "SIZE",
     "Memory for a channel's visibilities; what does not fit goes to an unlinked file in $TMPDIR.", 0,
     "Resources"},
    {"threads", PC_OPT_INT, FIELD(threads), "1", 0, 1, 256, NULL, "N",
     "Threads that work on a plane; the bytes do not depend on it.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-psf",
    .summary = "makes imaging weights, point spread function and primary beam of each channel",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the channels go: a directory, a .tar file or - (a stream)",
    .operand_max = 1,
    .examples = "pc-psf --imsize 1024 --cell 0.1arcsec --weighting briggs --robust 0.5 stage\n"
                "pc-select --channels 42 obs.ms | pc-psf --imsize 512,300 --cell 0.2arcsec | pc-grid\n"};

static const struct pc_use uses[] = {{"00plane", PC_MAKE},
                                     {"vis*/uvw.fits", PC_TAKE},
                                     {"vis*/freq.fits", PC_TAKE},
                                     {"vis*/weight.fits", PC_TAKE},
                                     {"vis*/imweight.fits", PC_MAKE},
                                     {"vis*/row.fits", PC_TAKE},
                                     {"psf.fits", PC_MAKE},
                                     {"pb.fits", PC_MAKE},
                                     {"sumwt.fits", PC_MAKE},
                                     {"state", PC_MAKE},
                                     /* what an earlier life of the channel left */
                                     {"vis*/model_vis.fits", PC_MAKE},
                                     {"residual.fits", PC_MAKE},
                                     {"mask.fits", PC_MAKE},
                                     {"masknext.fits", PC_MAKE},
                                     {"model.fits", PC_MAKE},
                                     {"modelbest.fits", PC_MAKE},
                                     {"image.fits", PC_MAKE},
                                     {"image.pbcor.fits", PC_MAKE},
                                     {NULL, 0}};

static int wterm_of(const struct params *p)
{
    if (p->wterm != PSF_WTERM_AUTO || p->gridder == GRIDDER_AUTO)
        return p->wterm;
    return p->gridder == GRIDDER_STANDARD ? PSF_WTERM_NONE : PSF_WTERM_FULL;
}

static int configure(const struct params *p, const struct psf_model *model, struct psf_conf *c,
                     struct pc_run *r, struct pc_err *err)
{
    *c = (struct psf_conf){.geom = {(int)p->imsize[0], (int)p->imsize[1], {-p->cell_rad[0], p->cell_rad[1]}},
                           .stokes = stokes_names[p->stokes],
                           .weighting = p->weighting,
                           .robust = p->robust,
                           .noise_jy = p->noise_jy,
                           .fracbw = p->fracbw,
                           .npixels = (int)p->npixels,
                           .uvtaper = p->uvtaper,
                           .density = p->density,
                           .perchanweightdensity = p->perchanweightdensity,
                           .gridder = gridder_names[p->gridder],
                           .wterm = wterm_of(p),
                           .accuracy = p->accuracy,
                           .wide = p->precision == DOUBLE,
                           .nthread = (int)p->threads,
                           .pblimit = p->pblimit,
                           .psfcutoff = p->psfcutoff,
                           .pb = p->pb,
                           .model = model,
                           .program = prog.name,
                           .history = r->history,
                           .log = &r->log};
    if (!c->wide && c->accuracy < pc_kernel_finest(false))
        return pc_err_set(
            err, PC_EX_USAGE,
            "--accuracy %g is finer than single precision has (%g); --precision double reaches %g",
            c->accuracy, pc_kernel_finest(false), pc_kernel_finest(true));
    if (pc_stokes_planes(c->stokes, &c->planes, err) != 0)
        return -1;
    if (p->density_out != NULL && (p->density != NULL || r->dst != NULL))
        return pc_err_set(err, PC_EX_USAGE, "--density-out makes a density and no channels: %s has no use",
                          p->density != NULL ? "--density" : "-o");
    if (p->density != NULL && pc_fd_size(p->density) < 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", p->density);
    if (pc_taper_parse(p->uvtaper, &c->taper, err) != 0)
        return -1;
    /* what of the weights is wrong whatever the channels are */
    const struct pc_weight_conf weight = {.scheme = c->weighting,
                                          .robust = c->robust,
                                          .cube = p->weighting == PC_WEIGHT_BRIGGSBWTAPER &&
                                                  p->perchanweightdensity,
                                          .npixels = c->npixels,
                                          .noise_jy = c->noise_jy};
    return pc_weight_check(&c->geom, &weight, err);
}

static void report(struct pc_run *r, const char *name, const struct psf_channel *c)
{
    const double arcsec = M_PI / 648000;
    const struct pc_beam *b = &c->psf.beam[0];
    pc_log_line(&r->log,
                "%s beam_maj_arcsec=%.6g beam_min_arcsec=%.6g beam_pa_deg=%.5g sumwt=%.9g "
                "sensitivity_jy=%.4g sidelobe=%.4g wphase_rad=%.3g wterm=%s wterms=%d samples=%lld "
                "flagged=%lld outside=%lld%s",
                name, b->maj_rad / arcsec, b->min_rad / arcsec, b->pa_rad * 180 / M_PI, c->sumwt,
                c->sumwt > 0 ? 1 / sqrt(c->sumwt) : 0.0, c->sidelobe, c->wphase_rad,
                c->wfull ? "full" : "none", c->wterms, (long long)c->count.nsample,
                (long long)c->count.nflagged, (long long)c->count.noutside,
                c->sumwt > 0 ? c->dishes : " nodata=1");
}

static void report_model(struct pc_run *r, const char *name, const struct psf_conf *conf,
                         const struct psf_channel *c)
{
    const struct pc_regrid_tally *t = &c->model.flux;
    if (conf->model->n == 0 || !(c->sumwt > 0))
        return;
    pc_log_line(&r->log, "%s startmodel_jy=%.6g outside_jy=%.6g blank=%lld", name, t->flux, t->outside,
                (long long)t->nblank);
    if (c->model.nabsent > 0)
        pc_log_warn(&r->log,
                    "%s: %d of %d start models have no channel of its frequency: nothing is taken from them",
                    name, c->model.nabsent, conf->model->n);
}

/* The w-term is told of once a run: it is the same for all channels, nearly. */
static void warn(struct pc_run *r, const char *name, struct psf_channel *c, double accuracy)
{
    static const char neglected[] =
        "%s: the w-term turns phases in the corner of the image by up to %.3g rad; the "
        "gridder neglects it (accuracy %g)";
    if (c->count.noutside > 0)
        pc_log_warn(&r->log,
                    "%s: %lld of %lld visibilities are beyond the uv plane that --cell can hold: left out",
                    name, (long long)c->count.noutside, (long long)c->count.nsample);
    const bool neglects = !c->wfull && c->wphase_rad > accuracy;
    if (neglects && !c->told_wphase)
        pc_log_warn(&r->log, neglected, name, c->wphase_rad, accuracy);
    c->told_wphase = c->told_wphase || neglects;
}

static int one_channel(struct pc_pass *pass, const struct pc_chan *chan, const struct psf_conf *conf,
                       struct psf_channel *c, struct pc_run *r, struct pc_err *err)
{
    struct pc_member m;
    int more;
    psf_channel_begin(c, chan->name);
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (psf_channel_member(c, pass, &m, err) < 0)
            return -1;
    if (more < 0 || psf_channel_make(c, conf, pc_pass_cube(pass), &chan->plane, err) ||
        psf_channel_put(c, conf, pass, &chan->plane, err) || pc_pass_commit(pass, err))
        return -1;
    report(r, chan->name, c);
    report_model(r, chan->name, conf, c);
    warn(r, chan->name, c, conf->accuracy);
    return 0;
}

static int check_pb(const struct params *p, struct pc_err *err)
{
    if (p->vptable != NULL)
        return pc_err_set(
            err, PC_EX_USAGE,
            "--vptable %s: tables of voltage patterns are not read; save the power pattern as a FITS "
            "image and give it to --pb",
            p->vptable);
    if (p->pb != NULL && access(p->pb, R_OK) != 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "--pb %s", p->pb);
    return 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_pass_conf pass_conf = {.src = r->src,
                                     .dst = r->dst,
                                     .uses = uses,
                                     .accept_uncommitted = true,
                                     .nthread = (int)p->threads,
                                     .tmpdir = getenv("TMPDIR")};
    struct psf_conf conf;
    struct psf_model model = {0};
    struct psf_channel c = {0};
    struct pc_pass *pass = NULL;
    struct pc_chan chan;
    int more = -1;
    if (check_pb(p, err) != 0 || configure(p, &model, &conf, r, err) != 0)
        return -1;
    if (p->density_out != NULL)
        return psf_density_make(&conf, r->src, p->density_out, (int64_t)p->mem_byte, err);
    if (psf_model_open(&model, &p->startmodel, err) == 0 &&
        psf_channel_init(&c, &conf, (int64_t)p->mem_byte, err) == 0 &&
        pc_pass_open(&pass, &pass_conf, err) == 0)
        while ((more = pc_pass_channel(pass, &chan, err)) > 0)
            if (one_channel(pass, &chan, &conf, &c, r, err)) {
                more = pc_err_prefix(err, "%s", chan.name);
                break;
            }
    psf_channel_fini(&c);
    psf_model_close(&model);
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
