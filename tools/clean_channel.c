/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/clean_channel.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void clean_channel_init(struct clean_channel *c, const struct clean_options *opt)
{
    *c = (struct clean_channel){.opt = opt,
                                .wanted = {{"residual.fits", &c->residual, "pc-grid", false},
                                           {"psf.fits", &c->psf, "pc-psf", false},
                                           {"pb.fits", &c->pb, NULL, true},
                                           {"mask.fits", &c->mask, NULL, true},
                                           {"masknext.fits", &c->masknext, NULL, true},
                                           {"model.fits", &c->model, NULL, false},
                                           {"modelbest.fits", &c->best, NULL, false},
                                           {NULL, NULL, NULL, false}}};
    pc_state_init(&c->state);
}

void clean_channel_fini(struct clean_channel *c)
{
    for (const struct pc_wanted *w = c->wanted; w->name; w++)
        pc_image_fini(w->image);
    pc_mem_free(c->spare);
    pc_sparse_fini(&c->before);
    pc_state_fini(&c->state);
}

static int take_state(struct pc_pass *pass, struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(s, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

/* The primary beam, kept as two bits a pixel. */
static int take_pb(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_image *pb = &c->pb;
    double pblimit = 0;
    if (pc_pass_image(pass, pb, err))
        return -1;
    int64_t n = pc_imhead_npix(&pb->head);
    if (!pb->pix)
        return pc_err_set(err, PC_EX_DATA, "pb.fits must have BITPIX -32 or -64");
    if ((pc_record_has(&pb->head.extra, "PBLIMIT") &&
         pc_record_double(&pb->head.extra, "PBLIMIT", &pblimit, err)) ||
        !(pb->mask = pc_mem_new(n, 1, "the pixels inside the primary beam", err)))
        return -1;
    pc_clean_inside(pb->pix, pblimit, c->opt->pbmask, n, pb->mask);
    c->spare = pb->pix;
    pb->pix = NULL;
    return 0;
}

/* An image not read yet gets the pixels of one that is used up, of the size of `like`. */
static void hand_on_pix(struct pc_image *im, float **pix, const struct pc_imhead *like)
{
    im->head.nx = like->nx, im->head.ny = like->ny, im->head.npol = like->npol;
    im->pix = *pix;
    *pix = NULL;
}

static void hand_on_mask(struct pc_image *im, unsigned char **mask, const struct pc_imhead *like)
{
    im->head.nx = like->nx, im->head.ny = like->ny, im->head.npol = like->npol;
    im->mask = *mask;
    *mask = NULL;
}

/* The best model is read only when it is to take the model's place; the psf's plane is free then. */
static int take_best(struct clean_channel *c, struct pc_pass *pass, struct pc_log *log, struct pc_err *err)
{
    c->had_best = true;
    if (clean_channel_turn(c, log, err))
        return -1;
    if (!c->result.restore)
        return 0;
    hand_on_pix(&c->best, &c->psf.pix, &c->psf.head);
    return pc_pass_image(pass, &c->best, err) || pc_imhead_same_grid(&c->best.head, "modelbest.fits",
                                                                     &c->residual.head, "residual.fits", err)
               ? -1
               : 0;
}

int clean_channel_take(struct clean_channel *c, struct pc_pass *pass, const char *name, struct pc_log *log,
                       struct pc_err *err)
{
    if (!strcmp(name, "state"))
        return take_state(pass, &c->state, err);
    if (c->state.stopcode != 0 && !c->is_tested)
        return 0;
    if (!strcmp(name, "pb.fits"))
        return take_pb(c, pass, err);
    if (!strcmp(name, "modelbest.fits"))
        return take_best(c, pass, log, err);
    if (!strcmp(name, "residual.fits") && c->spare)
        hand_on_pix(&c->residual, &c->spare, &c->pb.head);
    if (!strcmp(name, "masknext.fits") && c->mask.mask)
        hand_on_mask(&c->masknext, &c->mask.mask, &c->mask.head);
    return pc_wanted_take(c->wanted, pass, name, err) < 0 ? -1 : 0;
}

static struct pc_beam beam_of(const struct clean_channel *c)
{
    return c->opt->beam.maj_rad > 0 ? c->opt->beam : c->psf.head.beam[0];
}

/* From the options, the psf's header, or the psf itself; 0 with a warning when nothing tells. */
static int find_sidelobe(const struct clean_channel *c, struct pc_log *log, double *sidelobe,
                         struct pc_err *err)
{
    const struct pc_imhead *h = &c->psf.head;
    struct pc_beam beam = beam_of(c);
    *sidelobe = c->opt->sidelobe;
    if (*sidelobe >= 0)
        return 0;
    if (!(c->opt->beam.maj_rad > 0) && pc_record_has(&h->extra, "SIDELOBE"))
        return pc_record_double(&h->extra, "SIDELOBE", sidelobe, err);
    if (beam.maj_rad <= 0)
        pc_log_warn(log,
                    "psf.fits has neither SIDELOBE nor a beam: only --minpsffraction limits the minor cycle");
    *sidelobe = 0;
    for (int k = 0; k < h->npol && beam.maj_rad > 0; k++) {
        double s =
            pc_beam_sidelobe(c->psf.pix + (int64_t)k * h->nx * h->ny, h->nx, h->ny, h->cell_rad, &beam);
        *sidelobe = s > *sidelobe ? s : *sidelobe;
    }
    return 0;
}

/* A model that begins. */
static int new_model(struct clean_channel *c, struct pc_err *err)
{
    struct pc_imhead *h = &c->model.head;
    c->model.pix = pc_mem_new0(pc_imhead_npix(&c->residual.head), sizeof(float), "the model", err);
    if (!c->model.pix || pc_imhead_copy(h, &c->residual.head, err))
        return -1;
    snprintf(h->bunit, sizeof h->bunit, "Jy/pixel");
    memset(h->beam, 0, sizeof h->beam);
    pc_record_free(&h->extra);
    return 0;
}

static int test(struct clean_channel *c, struct pc_clean_conf *conf, struct pc_clean_planes *p,
                struct pc_log *log, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.head;
    if (pc_wanted_check(c->wanted, err) || pc_model_check(c->state.residual_model, &c->model, err) ||
        find_sidelobe(c, log, &conf->sidelobe, err))
        return -1;
    conf->options.beam_px = beam_of(c).maj_rad / fabs(c->psf.head.cell_rad[0]);
    conf->options.psf_px = (conf->options.beam_px + beam_of(c).min_rad / fabs(c->psf.head.cell_rad[1])) / 2;
    conf->nsigma_median = pc_record_has(&c->masknext.head.extra, "AMDONE"); /* an automatic mask */
    *p = (struct pc_clean_planes){
        .nx = h->nx, .ny = h->ny, .npol = h->npol, .residual = c->residual.pix, .psf = c->psf.pix};
    p->inside = c->pb.mask;
    p->stokes = h->stokes;
    p->mask = c->masknext.mask ? c->masknext.mask : c->mask.mask;
    c->had_model = c->model.pix;
    c->is_tested = true;
    return pc_clean_test(conf, p, &c->state, &c->result, err);
}

int clean_channel_turn(struct clean_channel *c, struct pc_log *log, struct pc_err *err)
{
    struct pc_clean_conf conf = c->opt->conf;
    struct pc_clean_planes p;
    if (c->state.stopcode != 0 || c->is_tested)
        return 0;
    if (test(c, &conf, &p, log, err))
        return -1;
    if (c->result.best && c->had_model &&
        pc_sparse_pack(&c->before, c->model.pix, pc_imhead_npix(&c->model.head), err))
        return -1;
    if (c->result.stop != PC_STOP_NOT)
        return 0;
    if (!c->had_model && new_model(c, err))
        return -1;
    p.model = c->model.pix;
    c->is_cleaned = true;
    return pc_clean_minor(&conf, &p, &c->result, &c->state, err);
}

static int put_state(struct pc_pass *pass, const struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_state_format(s, &r, err) || pc_pass_put_record(pass, "state", &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int put_model(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_imhead *h = &c->model.head;
    if (c->result.restore)
        return c->had_best ? pc_pass_put_image(pass, "model.fits", &c->best, NULL, err)
                           : pc_pass_drop(pass, "model.fits", err); /* the best model was none */
    if (!c->is_cleaned || c->state.cycle[c->state.ncycle - 1].iterdone == 0)
        return 0;
    if (pc_imhead_history_merge(h, &c->residual.head, err) ||
        pc_imhead_history_merge(h, &c->masknext.head, err) ||
        pc_imhead_history(h, c->opt->program, c->opt->history, err))
        return -1;
    return pc_pass_put_image(pass, "model.fits", &c->model, NULL, err);
}

/* The model as it came, in the residual's plane, which is used up. */
static int put_best(struct clean_channel *c, struct pc_pass *pass, const struct pc_imhead *head,
                    struct pc_err *err)
{
    struct pc_image im = {.head = *head, .pix = c->residual.pix};
    if (!c->result.best)
        return 0;
    if (!c->had_model)
        return pc_pass_drop(pass, "modelbest.fits", err);
    pc_sparse_unpack(&c->before, im.pix, pc_imhead_npix(head));
    return pc_pass_put_image(pass, "modelbest.fits", &im, NULL, err);
}

int clean_channel_put(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_imhead came = {0}; /* the model's header as it came, for the best */
    if (c->result.best && c->had_model && pc_imhead_copy(&came, &c->model.head, err))
        return -1;
    /* mask.fits is the mask of the last minor cycle */
    bool keep_mask = c->masknext.mask && (c->is_cleaned || c->state.ncycle == 0);
    int bad = put_state(pass, &c->state, err) ||
              (keep_mask && pc_pass_put_image(pass, "mask.fits", &c->masknext, NULL, err)) ||
              put_model(c, pass, err) || put_best(c, pass, &came, err);
    pc_imhead_fini(&came);
    return bad ? -1 : 0;
}
