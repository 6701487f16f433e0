/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "clean/restore.h"
#include "clean/sparse.h"
#include "clean/state.h"
#include "image/convolve.h"
#include "image/paint.h"
#include "image/stats.h"
#include "io/fits.h"
#include "io/later.h"
#include "io/modelsum.h"
#include "tools/restore_beam.h"
#include "tools/tool.h"
#include "view/preview.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct params {
    const char *restoringbeam, *preview;
    bool pbcor;
    double pblimit;
    bool has_pblimit; /* it was given */
    struct restore_beam beam;
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
    struct pc_imhead psf, model;
    struct pc_later pb, residual;
    struct pc_sparse sparse; /* the model's pixels */
    struct pc_image image;   /* pix only when it cannot be made block by block */
    struct pc_image mask;
    struct pc_state state;
    double pblimit;
    /* the image block by block: */
    struct pc_painter *painter[PC_MAX_POL]; /* NULL: nothing to paint */
    struct restore_block *block;
    struct pc_stats_sum seen;
    bool corrected; /* by the primary beam */
};

/* Room for a block. */
struct restore_block {
    float residual[PC_MADE_BLOCK], pb[PC_MADE_BLOCK];
    double *row;
};

static void channel_init(struct channel *c)
{
    *c = (struct channel){0};
    pc_state_init(&c->state);
}

static void channel_fini(struct channel *c)
{
    for (int k = 0; k < PC_MAX_POL; k++)
        pc_painter_free(c->painter[k]);
    if (c->block)
        pc_mem_free(c->block->row);
    pc_mem_free(c->block);
    pc_later_fini(&c->pb);
    pc_later_fini(&c->residual);
    pc_sparse_fini(&c->sparse);
    pc_image_fini(&c->image);
    pc_image_fini(&c->mask);
    pc_imhead_fini(&c->model);
    pc_imhead_fini(&c->psf);
    pc_state_fini(&c->state);
}

static int add_to_model(void *ctx, int64_t first, const float *pix, int64_t n, struct pc_err *err)
{
    return pc_sparse_add(ctx, first, pix, n, err);
}

static int take(struct pc_pass *pass, const char *name, struct channel *c, struct pc_err *err)
{
    if (!strcmp(name, "psf.fits"))
        return pc_pass_imhead(pass, &c->psf, err);
    if (!strcmp(name, "mask.fits"))
        return pc_pass_image(pass, &c->mask, err);
    if (!strcmp(name, "pb.fits"))
        return pc_pass_later(pass, &c->pb, err);
    if (!strcmp(name, "residual.fits"))
        return pc_pass_later(pass, &c->residual, err);
    if (!strcmp(name, "model.fits"))
        return pc_pass_blocks(pass, &c->model, add_to_model, &c->sparse, err);
    if (strcmp(name, "state") != 0)
        return 0;
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(&c->state, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int check(const struct channel *c, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.image.head;
    if (!c->residual.there)
        return pc_err_set(err, PC_EX_DATA, "no residual.fits: pc-grid makes it");
    if (c->residual.is_bytes || c->pb.is_bytes)
        return pc_err_set(err, PC_EX_DATA, "%s must have BITPIX -32 or -64",
                          c->pb.is_bytes ? "pb.fits" : "residual.fits");
    if ((c->pb.there && pc_imhead_same_grid(&c->pb.image.head, "pb.fits", h, "residual.fits", err)) ||
        (c->model.nx && pc_imhead_same_grid(&c->model, "model.fits", h, "residual.fits", err)))
        return -1;
    if (c->state.stopcode == -1)
        return 0;
    return pc_model_check(c->state.residual_model, pc_datasum_f32(0, c->sparse.value, c->sparse.nvalue), err);
}

/* The beam of one plane: the one for all channels, or the one in the psf's header. */
static struct pc_beam beam_of(const struct params *p, const struct channel *c, int pol)
{
    static const struct pc_beam none = {0, 0, 0};
    if (c->state.stopcode == -1) /* no data: a blank plane */
        return none;
    return p->beam.is_given ? p->beam.beam : c->psf.beam[pol];
}

/* The header of the image: the residual's, and what made the model. */
static int make_head(struct channel *c, const struct pc_run *r, struct pc_err *err)
{
    struct pc_imhead head;
    if (pc_imhead_copy(&head, &c->residual.image.head, err))
        return -1;
    if (pc_imhead_history_merge(&head, &c->model, err) ||
        pc_imhead_history(&head, prog.name, r->history, err)) {
        pc_imhead_fini(&head);
        return -1;
    }
    snprintf(head.bunit, sizeof head.bunit, "Jy/beam");
    c->image.head = head;
    return 0;
}

static bool is_other(const struct channel *c, int pol, const struct pc_beam *beam)
{
    const struct pc_beam *own = &c->psf.beam[pol];
    return beam->maj_rad > 0 && own->maj_rad > 0 && memcmp(beam, own, sizeof *own) != 0;
}

/* The residual of a plane, as it would be with the user's beam. */
static int match(struct pc_run *r, const struct channel *c, int pol, float *residual,
                 const struct pc_beam *beam, struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    bool possible = true;
    if (!is_other(c, pol, beam))
        return 0;
    if (pc_restore_match(residual, h->nx, h->ny, h->cell_rad, &c->psf.beam[pol], beam, &possible, err))
        return -1;
    if (!possible)
        pc_log_warn(&r->log,
                    "the beam asked for is smaller than the PSF's: the residual keeps its own resolution");
    return 0;
}

/* ---- block by block, when the model is sparse ---- */

/* The painters of all planes; *all false: a model is too dense for one. */
static int painters(struct channel *c, bool *all, struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    const int64_t n = (int64_t)h->nx * h->ny;
    int64_t count[PC_MAX_POL] = {0};
    for (int64_t i = 0; i < c->sparse.nrun; i++)
        for (int64_t k = 0; k < c->sparse.run[i].n; k++)
            count[(c->sparse.run[i].at + k) / n]++;
    *all = true;
    for (int k = 0; k < h->npol && *all; k++) {
        if (!count[k] || h->beam[k].maj_rad == 0)
            continue;
        if (pc_convolve_check(&h->beam[k], err))
            return pc_err_prefix(err, "model");
        struct pc_beam_form form = pc_beam_in_pixels(&h->beam[k], h->cell_rad);
        if (pc_painter_new(&c->painter[k], count[k], h->nx, h->ny, &form, 1, err))
            return -1;
        *all = c->painter[k] != NULL;
    }
    for (int64_t i = 0; i < c->sparse.nrun && *all; i++)
        for (int64_t k = 0; k < c->sparse.run[i].n; k++) {
            int64_t at = c->sparse.run[i].at + k, in = at % n;
            float v = c->sparse.value[c->sparse.run[i].first + k];
            if (!isfinite(v))
                return pc_err_set(err, PC_EX_DATA,
                                  "model: pixel (%d, %d) is %g: only finite pixels can be convolved",
                                  (int)(in % h->nx), (int)(in / h->nx), (double)v);
            if (c->painter[at / n] && v != 0)
                pc_painter_add(c->painter[at / n], (int)(in % h->nx), (int)(in / h->nx), v);
        }
    return 0;
}

/* Model and residual of a block; the model is painted a row at a time. */
static void add_rows(const struct channel *c, int64_t first, int64_t n, const float *residual, float *out)
{
    const struct pc_imhead *h = &c->image.head;
    for (int64_t i = 0, m; i < n; i += m) {
        int64_t x = (first + i) % h->nx, y = (first + i) / h->nx, pol = y / h->ny;
        m = h->nx - x < n - i ? h->nx - x : n - i;
        const double *row = c->block->row + x;
        bool blank = h->beam[pol].maj_rad == 0;
        bool any = c->painter[pol] && pc_painter_row(c->painter[pol], (int)(y % h->ny), c->block->row);
        pc_restore_add(any ? row : NULL, residual + i, m, out + i);
        for (int64_t k = i; k < i + m && blank; k++)
            out[k] = NAN;
    }
}

static const void *make_image(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                              struct pc_err *err)
{
    struct channel *c = ctx;
    float *out = buf;
    const bool needs_pb = c->pb.there && (c->pblimit >= 0 || c->corrected);
    const float *residual, *pb = NULL;
    (void)is_zero;
    if (c->image.pix) {
        memcpy(out, c->image.pix + first, (size_t)n * sizeof *out);
    } else {
        if (!(residual = pc_later_floats(&c->residual, first, n, c->block->residual, err)))
            return NULL;
        add_rows(c, first, n, residual, out);
    }
    if (needs_pb && !(pb = pc_later_floats(&c->pb, first, n, c->block->pb, err)))
        return NULL;
    if (pb && !c->image.pix)
        pc_restore_blank(out, pb, c->pblimit, n);
    if (round == 0 && !c->corrected)
        pc_stats_add(&c->seen, out, NULL, n);
    if (c->corrected)
        pc_restore_pbcor(out, pb, n);
    return out;
}

/* ---- as a plane, when it is convolved by transforms, or looked at ---- */

static int restore_plane(struct pc_run *r, struct channel *c, int k, struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    const int64_t n = (int64_t)h->nx * h->ny;
    const struct pc_beam *beam = &h->beam[k];
    float *plane = c->image.pix + k * n, *own = NULL;
    if (!pc_sparse_fill(&c->sparse, k * n, n, plane))
        memset(plane, 0, (size_t)n * sizeof *plane);
    else if (beam->maj_rad > 0 &&
             pc_convolve_gaussian(plane, h->nx, h->ny, h->cell_rad, beam, PC_CONVOLVE_PEAK1, err))
        return pc_err_prefix(err, "model");
    const int64_t step = is_other(c, k, beam) ? n : PC_MADE_BLOCK; /* a new beam needs all at once */
    if (step == n && !c->residual.image.pix && !(own = pc_mem_new(n, sizeof *own, "the residual", err)))
        return -1;
    int rc = 0;
    for (int64_t i = 0, m; i < n && !rc; i += m) {
        const float *residual, *pb = NULL;
        m = n - i < step ? n - i : step;
        residual = pc_later_floats(&c->residual, k * n + i, m, own ? own : c->block->residual, err);
        if (!residual || (step == n && match(r, c, k, own ? own : c->residual.image.pix + k * n, beam, err)))
            rc = -1;
        for (int64_t x = 0; x < m && !rc; x++)
            plane[i + x] = beam->maj_rad == 0 ? NAN : plane[i + x] + residual[x];
        for (int64_t b = i, p; c->pb.there && b < i + m && !rc; b += p) {
            p = i + m - b < PC_MADE_BLOCK ? i + m - b : PC_MADE_BLOCK;
            if (!(pb = pc_later_floats(&c->pb, k * n + b, p, c->block->pb, err)))
                rc = -1;
            else
                pc_restore_blank(plane + b, pb, c->pblimit, p);
        }
    }
    pc_mem_free(own);
    return rc;
}

static int restore(const struct params *p, struct pc_run *r, struct channel *c, struct pc_err *err)
{
    bool sparse = true, same_beam = true;
    if (check(c, err) || make_head(c, r, err))
        return -1;
    struct pc_imhead *h = &c->image.head;
    if (c->psf.nx == 0)
        return pc_err_set(err, PC_EX_DATA, "no psf.fits: pc-psf makes it");
    c->pblimit = p->pblimit;
    if (!p->has_pblimit && pc_record_has(&c->pb.image.head.extra, "PBLIMIT") &&
        pc_record_double(&c->pb.image.head.extra, "PBLIMIT", &c->pblimit, err))
        return -1;
    if (!(c->block = pc_mem_new0(1, sizeof *c->block, "blocks of pixels", err)) ||
        !(c->block->row = pc_mem_new(h->nx, sizeof(double), "a row", err)))
        return -1;
    for (int k = 0; k < h->npol; k++) {
        h->beam[k] = beam_of(p, c, k);
        if (h->beam[k].maj_rad == 0 && c->state.stopcode != -1)
            pc_log_warn(&r->log,
                        "psf.fits has no clean beam: the image is blank (--restoringbeam gives one)");
        same_beam = same_beam && !is_other(c, k, &h->beam[k]);
    }
    if (same_beam && !p->preview && painters(c, &sparse, err))
        return -1;
    if (same_beam && !p->preview && sparse)
        return 0;
    if (!(c->image.pix = pc_mem_new(pc_imhead_npix(h), sizeof(float), "the image", err)))
        return -1;
    for (int k = 0; k < h->npol; k++)
        if (restore_plane(r, c, k, err))
            return -1;
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
    struct pc_maker maker = {make_image, c, false};
    if (pc_pass_put_made(pass, "image.fits", &c->image.head, &maker, err))
        return -1;
    if (!p->pbcor)
        return pc_pass_drop(pass, "image.pbcor.fits", err); /* it would belong to an image that is gone */
    if (!c->pb.there)
        return pc_err_set(err, PC_EX_DATA, "no pb.fits: --pbcor needs it, pc-psf makes it");
    c->corrected = true;
    return pc_pass_put_made(pass, "image.pbcor.fits", &c->image.head, &maker, err);
}

static void report(struct pc_run *r, const char *name, const struct channel *c)
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
    struct channel c;
    struct pc_member m;
    int more, bad = 0;
    channel_init(&c);
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || take(pass, m.name, &c, err);
    bad = bad || restore(p, r, &c, err) || preview(p, name, first, &c, err) || put(pass, p, &c, err);
    if (!bad)
        report(r, name, &c);
    if (bad || pc_pass_commit(pass, err))
        bad = pc_err_prefix(err, "%s", name);
    channel_fini(&c);
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
    p->has_pblimit = pc_opt_given(&prog, r->cl, "pblimit");
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
