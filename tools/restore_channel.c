/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/restore_channel.h"

#include "base/mem.h"
#include "io/modelsum.h"
#include "io/together.h"

#include <stdio.h>
#include <string.h>

/* What makes the rows of a Stokes plane. */
struct restore_plane {
    struct restore_channel *c;
    int pol;
    struct pc_restorer *restorer;
};

void restore_channel_init(struct restore_channel *c, const struct restore_options *opt)
{
    *c = (struct restore_channel){.opt = opt, .at = -1};
    pc_state_init(&c->state);
}

void restore_channel_fini(struct restore_channel *c)
{
    for (int k = 0; k < c->image.head.npol && c->plane; k++)
        pc_restorer_free(c->plane[k].restorer);
    pc_mem_free(c->plane);
    pc_mem_free(c->row);
    pc_mem_free(c->pb_row);
    pc_later_fini(&c->pb);
    pc_later_fini(&c->residual);
    pc_image_fini(&c->image);
    pc_image_fini(&c->mask);
    model_in_fini(&c->model);
    pc_imhead_fini(&c->psf);
    pc_state_fini(&c->state);
}

int restore_channel_take(struct restore_channel *c, struct pc_pass *pass, const char *name,
                         struct pc_err *err)
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
        return model_in_take(&c->model, pass, err);
    if (strcmp(name, "state") != 0)
        return 0;
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(&c->state, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int check(const struct restore_channel *c, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.image.head;
    if (!c->residual.there)
        return pc_err_set(err, PC_EX_DATA, "no residual.fits: pc-grid makes it");
    if (c->psf.nx == 0)
        return pc_err_set(err, PC_EX_DATA, "no psf.fits: pc-psf makes it");
    if (c->opt->pbcor && !c->pb.there)
        return pc_err_set(err, PC_EX_DATA, "no pb.fits: --pbcor needs it, pc-psf makes it");
    if (c->residual.is_bytes || c->pb.is_bytes)
        return pc_err_set(err, PC_EX_DATA, "%s must have BITPIX -32 or -64",
                          c->pb.is_bytes ? "pb.fits" : "residual.fits");
    if ((c->pb.there && pc_imhead_same_grid(&c->pb.image.head, "pb.fits", h, "residual.fits", err)) ||
        (c->model.there &&
         pc_imhead_same_grid(&c->model.file.image.head, "model.fits", h, "residual.fits", err)))
        return -1;
    if (c->state.stopcode == -1)
        return 0;
    return pc_model_check(c->state.residual_model, c->model.datasum, err);
}

/* The header of the image: the residual's, and what made the model. */
static int make_head(struct restore_channel *c, struct pc_err *err)
{
    struct pc_imhead head;
    if (pc_imhead_copy(&head, &c->residual.image.head, err))
        return -1;
    if (pc_imhead_history_merge(&head, &c->model.file.image.head, err) ||
        pc_imhead_history(&head, c->opt->program, c->opt->history, err)) {
        pc_imhead_fini(&head);
        return -1;
    }
    snprintf(head.bunit, sizeof head.bunit, "Jy/beam");
    c->image.head = head;
    c->pblimit = c->opt->pblimit;
    if (!c->opt->has_pblimit && pc_record_has(&c->pb.image.head.extra, "PBLIMIT"))
        return pc_record_double(&c->pb.image.head.extra, "PBLIMIT", &c->pblimit, err);
    return 0;
}

/* The beam of one plane: the one for all channels, or the one in the psf's header. */
static struct pc_beam beam_of(const struct restore_channel *c, int pol)
{
    static const struct pc_beam none = {0, 0, 0};
    if (c->state.stopcode == -1) /* no data: a blank plane */
        return none;
    return c->opt->beam->is_given ? c->opt->beam->beam : c->psf.beam[pol];
}

/* ---- rows ---- */

static int64_t first_of(const struct restore_plane *p, int y)
{
    const struct pc_imhead *h = &p->c->image.head;
    return ((int64_t)p->pol * h->ny + y) * h->nx;
}

static int model_row(void *ctx, int y, float *pix, struct pc_err *err)
{
    const struct restore_plane *p = ctx;
    return model_in_fill(&p->c->model, first_of(p, y), p->c->image.head.nx, pix, err);
}

static int residual_row(void *ctx, int y, float *pix, struct pc_err *err)
{
    const struct restore_plane *p = ctx;
    const int64_t nx = p->c->image.head.nx;
    const float *v = pc_later_floats(&p->c->residual, first_of(p, y), nx, pix, err);
    if (v && v != pix)
        memcpy(pix, v, (size_t)nx * sizeof *pix);
    return v ? 1 : -1;
}

/* Row `at`, counted through all planes; and where corrected is not NULL, the same corrected by the primary
 * beam: it may be where image is. */
static int make_row(struct restore_channel *c, int64_t at, float *image, float *corrected, struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    const bool is_held = c->image.pix, blanks = !is_held && c->pb.there && c->pblimit >= 0;
    const float *pb = NULL;
    if (is_held)
        memcpy(image, c->image.pix + at * h->nx, (size_t)h->nx * sizeof *image);
    else if (pc_restorer_row(c->plane[at / h->ny].restorer, (int)(at % h->ny), image, err))
        return -1;
    if ((blanks || corrected) && !(pb = pc_later_floats(&c->pb, at * h->nx, h->nx, c->pb_row, err)))
        return -1;
    if (blanks)
        pc_restore_blank(image, pb, c->pblimit, h->nx);
    if (corrected)
        pc_restore_pbcor(corrected, image, pb, h->nx);
    return 0;
}

/* The same of pixels first .. first + n - 1. A row that two blocks share is made once. */
static int make_pixels(struct restore_channel *c, int64_t first, int64_t n, float *image, float *corrected,
                       struct pc_err *err)
{
    const int nx = c->image.head.nx;
    float *row = c->row, *row2 = !corrected ? NULL : corrected == image ? row : c->row + nx;
    for (int64_t i = 0, m; i < n; i += m) {
        const int64_t at = (first + i) / nx, x = (first + i) % nx;
        m = nx - x < n - i ? nx - x : n - i;
        if (m == nx) {
            if (make_row(c, at, image + i, corrected ? corrected + i : NULL, err))
                return -1;
            continue;
        }
        if (c->at != at && make_row(c, at, row, row2, err))
            return -1;
        c->at = at;
        memcpy(image + i, row + x, (size_t)m * sizeof *image);
        if (corrected)
            memcpy(corrected + i, row2 + x, (size_t)m * sizeof *corrected);
    }
    return 0;
}

/* Both images at once, or the one. */
static int make_together(void *ctx, int64_t first, int64_t n, float *const block[], struct pc_err *err)
{
    struct restore_channel *c = ctx;
    if (make_pixels(c, first, n, block[0], c->opt->pbcor ? block[1] : NULL, err))
        return -1;
    pc_stats_add(&c->seen, block[0], NULL, n);
    return 0;
}

/* One after the other. */
static const void *make_one(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                            struct pc_err *err)
{
    struct restore_channel *c = ctx;
    (void)is_zero;
    if (make_pixels(c, first, n, buf, c->corrected ? buf : NULL, err))
        return NULL;
    if (round == 0 && !c->corrected)
        pc_stats_add(&c->seen, buf, NULL, n);
    return buf;
}

/* ---- making ---- */

static int open_plane(struct restore_channel *c, int pol, struct pc_log *log, struct pc_err *err)
{
    struct restore_plane *p = &c->plane[pol];
    struct pc_imhead *h = &c->image.head;
    bool smaller;
    *p = (struct restore_plane){.c = c, .pol = pol};
    h->beam[pol] = beam_of(c, pol);
    const struct pc_restore_in in = {.nx = h->nx,
                                     .ny = h->ny,
                                     .cell_rad = {h->cell_rad[0], h->cell_rad[1]},
                                     .own = c->psf.beam[pol],
                                     .beam = h->beam[pol],
                                     .model = {c->model.there && !c->model.is_zero ? model_row : NULL, p},
                                     .residual = {residual_row, p}};
    if (h->beam[pol].maj_rad == 0 && c->state.stopcode != -1)
        pc_log_warn(log, "psf.fits has no clean beam: the image is blank (--restoringbeam gives one)");
    if (pc_restorer_new(&p->restorer, &in, &smaller, err))
        return -1;
    if (smaller)
        pc_log_warn(log,
                    "the beam asked for is smaller than the PSF's: the residual keeps its own resolution");
    return 0;
}

/* In the place of the residual when that is held. */
static int hold(struct restore_channel *c, struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    float *pix = c->residual.image.pix;
    if (!pix && !(pix = pc_mem_new(pc_imhead_npix(h), sizeof *pix, "the image", err)))
        return -1;
    int rc = 0;
    for (int64_t at = 0; at < (int64_t)h->ny * h->npol && !rc; at++)
        rc = make_row(c, at, pix + at * h->nx, NULL, err);
    c->image.pix = pix;
    c->residual.image.pix = NULL;
    return rc;
}

int restore_channel_open(struct restore_channel *c, const struct pc_pass *pass, struct pc_log *log,
                         struct pc_err *err)
{
    const struct pc_imhead *h = &c->image.head;
    bool slow = false;
    if (check(c, err) || make_head(c, err))
        return -1;
    if (!(c->plane = pc_mem_new0(h->npol, sizeof *c->plane, "planes", err)) ||
        !(c->row = pc_mem_new(2 * (int64_t)h->nx, sizeof *c->row, "rows", err)) ||
        !(c->pb_row = pc_mem_new(h->nx, sizeof *c->pb_row, "a row", err)))
        return -1;
    for (int k = 0; k < h->npol; k++) {
        if (open_plane(c, k, log, err))
            return -1;
        slow = slow || pc_restorer_is_slow(c->plane[k].restorer);
    }
    return c->opt->preview || (slow && !pc_pass_can_amend(pass)) ? hold(c, err) : 0;
}

int restore_channel_put(struct restore_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    static const char *const name[] = {"image.fits", "image.pbcor.fits"};
    const struct pc_maker maker = {make_one, c, false};
    const int nimage = c->opt->pbcor ? 2 : 1;
    int bad = 0;
    if (pc_pass_can_amend(pass))
        bad = pc_pass_put_together(pass, name, nimage, &c->image.head, make_together, c, err);
    for (int k = 0; k < nimage && !bad && !pc_pass_can_amend(pass); k++) {
        c->corrected = k == 1;
        c->at = -1;
        bad = pc_pass_put_made(pass, name[k], &c->image.head, &maker, err);
    }
    if (bad || c->opt->pbcor)
        return bad;
    return pc_pass_drop(pass, name[1], err); /* it would belong to an image that is gone */
}
