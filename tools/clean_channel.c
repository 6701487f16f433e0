/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/clean_channel.h"

#include "base/mem.h"
#include "io/modelsum.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void clean_channel_init(struct clean_channel *c, const struct clean_options *opt)
{
    *c = (struct clean_channel){.opt = opt};
    pc_state_init(&c->state);
}

void clean_channel_fini(struct clean_channel *c)
{
    pc_later_fini(&c->psf);
    pc_later_fini(&c->pb);
    pc_later_fini(&c->residual);
    pc_later_fini(&c->mask);
    pc_later_fini(&c->best);
    model_in_fini(&c->model);
    clean_window_fini(&c->window);
    pc_state_fini(&c->state);
}

static int take_state(struct pc_pass *pass, struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(s, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

/* masknext.fits comes after mask.fits, and in its place. */
static int take_mask(struct clean_channel *c, struct pc_pass *pass, bool is_next, struct pc_err *err)
{
    struct pc_later *m = &c->mask, came = {0};
    came.image = m->image; /* whose pixels, if they are held, make room */
    m->image = (struct pc_image){0};
    pc_later_fini(m);
    c->mask_is_next = is_next;
    int rc = pc_pass_later(pass, &came, err);
    *m = came;
    if (rc)
        return -1;
    if (m->image.pix && pc_image_to_mask(&m->image, err))
        return -1;
    return 0;
}

/* The best model is read only when it is to take the model's place. */
static int take_best(struct clean_channel *c, struct pc_pass *pass, struct pc_log *log, struct pc_err *err)
{
    c->had_best = true;
    if (clean_channel_turn(c, log, err))
        return -1;
    if (!c->result.restore)
        return 0;
    clean_window_fini(&c->window);
    return pc_pass_later(pass, &c->best, err) ||
                   pc_imhead_same_grid(&c->best.image.head, "modelbest.fits", &c->residual.image.head,
                                       "residual.fits", err)
               ? -1
               : 0;
}

int clean_channel_take(struct clean_channel *c, struct pc_pass *pass, const char *name, struct pc_log *log,
                       struct pc_err *err)
{
    const struct {
        const char *name;
        struct pc_later *to;
    } planes[] = {{"psf.fits", &c->psf}, {"pb.fits", &c->pb}, {"residual.fits", &c->residual}};
    if (!strcmp(name, "state"))
        return take_state(pass, &c->state, err);
    if (c->state.stopcode != 0 && !c->is_tested)
        return 0;
    for (size_t i = 0; i < sizeof planes / sizeof planes[0]; i++)
        if (!strcmp(name, planes[i].name))
            return pc_pass_later(pass, planes[i].to, err);
    if (!strcmp(name, "mask.fits") || !strcmp(name, "masknext.fits"))
        return take_mask(c, pass, !strcmp(name, "masknext.fits"), err);
    if (!strcmp(name, "modelbest.fits"))
        return take_best(c, pass, log, err);
    return strcmp(name, "model.fits") ? 0 : model_in_take(&c->model, pass, err);
}

/* ---- the turn ---- */

/* What must be there is, planes are no masks, and all have the grid of the residual. */
static int check(const struct clean_channel *c, struct pc_err *err)
{
    const struct pc_imhead *grid = &c->residual.image.head;
    const struct {
        const char *name, *maker;
        const struct pc_later *l;
        bool is_mask;
    } all[] = {{"residual.fits", "pc-grid", &c->residual, false},
               {"psf.fits", "pc-psf", &c->psf, false},
               {"pb.fits", NULL, &c->pb, false},
               {c->mask_is_next ? "masknext.fits" : "mask.fits", NULL, &c->mask, true}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!all[i].l->there && all[i].maker)
            return pc_err_set(err, PC_EX_DATA, "no %s: %s makes it", all[i].name, all[i].maker);
        if (all[i].l->there && !all[i].is_mask && all[i].l->is_bytes)
            return pc_err_set(err, PC_EX_DATA, "%s must have BITPIX -32 or -64", all[i].name);
        if (i && all[i].l->there &&
            pc_imhead_same_grid(&all[i].l->image.head, all[i].name, grid, "residual.fits", err))
            return -1;
    }
    if (c->model.there &&
        pc_imhead_same_grid(&c->model.file.image.head, "model.fits", grid, "residual.fits", err))
        return -1;
    return pc_model_check(c->state.residual_model, c->model.datasum, err);
}

static struct pc_beam beam_of(const struct clean_channel *c)
{
    return c->opt->beam.maj_rad > 0 ? c->opt->beam : c->psf.image.head.beam[0];
}

/* The largest of the psf itself, a plane at a time. */
static int measure_sidelobe(const struct clean_channel *c, const struct pc_beam *beam, double *sidelobe,
                            struct pc_err *err)
{
    const struct pc_imhead *h = &c->psf.image.head;
    const int64_t npix = (int64_t)h->nx * h->ny;
    float *own = c->psf.in_file ? pc_mem_new(npix, sizeof *own, "the psf", err) : NULL;
    int rc = c->psf.in_file && !own ? -1 : 0;
    for (int k = 0; k < h->npol && !rc; k++) {
        const float *psf = pc_later_floats(&c->psf, k * npix, npix, own, err);
        double s = psf ? pc_beam_sidelobe(psf, h->nx, h->ny, h->cell_rad, beam) : 0;
        *sidelobe = s > *sidelobe ? s : *sidelobe;
        rc = psf ? 0 : -1;
    }
    pc_mem_free(own);
    return rc;
}

/* From the options, the psf's header, or the psf itself; 0 with a warning when nothing tells. */
static int find_sidelobe(const struct clean_channel *c, struct pc_log *log, double *sidelobe,
                         struct pc_err *err)
{
    const struct pc_imhead *h = &c->psf.image.head;
    struct pc_beam beam = beam_of(c);
    *sidelobe = c->opt->sidelobe;
    if (*sidelobe >= 0)
        return 0;
    if (!(c->opt->beam.maj_rad > 0) && pc_record_has(&h->extra, "SIDELOBE"))
        return pc_record_double(&h->extra, "SIDELOBE", sidelobe, err);
    *sidelobe = 0;
    if (beam.maj_rad > 0)
        return measure_sidelobe(c, &beam, sidelobe, err);
    pc_log_warn(log,
                "psf.fits has neither SIDELOBE nor a beam: only --minpsffraction limits the minor cycle");
    return 0;
}

/* The sums of a model that reaches beyond the window. */
static int measure_flux(const struct clean_channel *c, struct pc_cycle *cycle, struct pc_err *err)
{
    const struct pc_imhead *h = &c->residual.image.head;
    const int64_t plane = (int64_t)h->nx * h->ny;
    float *buf = pc_mem_new(PC_MADE_BLOCK, sizeof *buf, "a block of pixels", err);
    int any = buf ? 0 : -1;
    cycle->modelflux_jy = 0;
    for (int k = 0; k < h->npol && any >= 0; k++) {
        double sum = 0;
        for (int64_t i = 0; i < plane && any >= 0; i += PC_MADE_BLOCK) {
            int64_t n = plane - i < PC_MADE_BLOCK ? plane - i : PC_MADE_BLOCK;
            any = clean_window_model(&c->window, &c->model, k * plane + i, n, buf, err);
            for (int64_t x = 0; x < n && any > 0; x++)
                sum += (double)buf[x];
        }
        cycle->modelflux_jy += sum;
        if (cycle->nplane)
            cycle->plane[k].modelflux_jy = sum;
    }
    pc_mem_free(buf);
    return any < 0 ? -1 : 0;
}

static int minor(struct clean_channel *c, const struct pc_clean_conf *conf, const struct clean_source *s,
                 struct pc_err *err)
{
    struct clean_window *w = &c->window;
    if (clean_window_open(w, s, err))
        return -1;
    struct pc_clean_planes p = {.nx = w->nx, .ny = w->ny, .npol = w->npol, .residual = w->residual};
    p.psf = w->psf;
    p.window = w->psf_part;
    p.mask = w->mask;
    p.model = w->model;
    p.stokes = c->residual.image.head.stokes;
    c->is_cleaned = true;
    if (pc_clean_minor(conf, &p, &c->result, &c->state, err))
        return -1;
    const bool whole = w->nx == w->full_nx && w->ny == w->full_ny;
    return whole ? 0 : measure_flux(c, &c->state.cycle[c->state.ncycle - 1], err);
}

int clean_channel_turn(struct clean_channel *c, struct pc_log *log, struct pc_err *err)
{
    struct pc_clean_conf conf = c->opt->conf;
    struct clean_source s = {
        &c->residual, &c->psf, &c->pb, &c->mask, &conf, &c->model, 0, c->opt->pbmask, c->state.ncycle == 0};
    struct pc_clean_seen seen;
    if (c->state.stopcode != 0 || c->is_tested)
        return 0;
    if (check(c, err) || find_sidelobe(c, log, &conf.sidelobe, err) ||
        (pc_record_has(&c->pb.image.head.extra, "PBLIMIT") &&
         pc_record_double(&c->pb.image.head.extra, "PBLIMIT", &s.pblimit, err)))
        return -1;
    const struct pc_beam beam = beam_of(c);
    const double *cell_rad = c->psf.image.head.cell_rad;
    conf.options.beam_px = beam.maj_rad / fabs(cell_rad[0]);
    conf.options.psf_px = (conf.options.beam_px + beam.min_rad / fabs(cell_rad[1])) / 2;
    /* an automatic mask */
    conf.nsigma_median = c->mask_is_next && pc_record_has(&c->mask.image.head.extra, "AMDONE");
    conf.peak_only = true;
    if (clean_window_look(&c->window, &s, &seen, err))
        return -1;
    c->is_tested = true;
    pc_clean_decide(&conf, &seen, &c->state, &c->result);
    return c->result.stop == PC_STOP_NOT ? minor(c, &conf, &s, err) : 0;
}

/* ---- what is put ---- */

static int put_state(struct pc_pass *pass, const struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_state_format(s, &r, err) || pc_pass_put_record(pass, "state", &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static const void *make_mask(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                             struct pc_err *err)
{
    const struct clean_channel *c = ctx;
    (void)round;
    *is_zero = !clean_window_meets(&c->window, first, n);
    return *is_zero ? NULL : pc_later_bytes(&c->mask, first, n, buf, err);
}

static const void *make_model(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                              struct pc_err *err)
{
    const struct clean_channel *c = ctx;
    (void)round;
    const int any = clean_window_model(&c->window, &c->model, first, n, buf, err);
    *is_zero = any == 0;
    return any > 0 ? buf : NULL;
}

/* The model as it came. */
static const void *make_came(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                             struct pc_err *err)
{
    const struct clean_channel *c = ctx;
    (void)round;
    const int any = model_in_fill(&c->model, first, n, buf, err);
    *is_zero = any == 0;
    return any > 0 ? buf : NULL;
}

static const void *make_best(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                             struct pc_err *err)
{
    const struct clean_channel *c = ctx;
    (void)round;
    *is_zero = pc_later_skip(&c->best, first) >= first + n;
    return *is_zero ? NULL : pc_later_floats(&c->best, first, n, buf, err);
}

/* The header of the model as it is now: its own, or that of one that begins. */
static int new_head(const struct clean_channel *c, struct pc_imhead *h, struct pc_err *err)
{
    if (pc_imhead_copy(h, c->model.there ? &c->model.file.image.head : &c->residual.image.head, err))
        return -1;
    if (!c->model.there) {
        snprintf(h->bunit, sizeof h->bunit, "Jy/pixel");
        memset(h->beam, 0, sizeof h->beam);
        pc_record_free(&h->extra);
    }
    if (pc_imhead_history_merge(h, &c->residual.image.head, err) ||
        (c->mask_is_next && pc_imhead_history_merge(h, &c->mask.image.head, err)) ||
        pc_imhead_history(h, c->opt->program, c->opt->history, err)) {
        pc_imhead_fini(h);
        return -1;
    }
    return 0;
}

static int put_model(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_maker now = {make_model, c, false}, best = {make_best, c, false};
    struct pc_imhead h;
    if (c->result.restore)
        return c->had_best ? pc_pass_put_made(pass, "model.fits", &c->best.image.head, &best, err)
                           : pc_pass_drop(pass, "model.fits", err); /* the best model was none */
    if (!c->is_cleaned || c->state.cycle[c->state.ncycle - 1].iterdone == 0)
        return 0;
    if (new_head(c, &h, err))
        return -1;
    int rc = pc_pass_put_made(pass, "model.fits", &h, &now, err);
    pc_imhead_fini(&h);
    return rc;
}

static int put_best(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_maker came = {make_came, c, false};
    if (!c->result.best)
        return 0;
    return c->model.there ? pc_pass_put_made(pass, "modelbest.fits", &c->model.file.image.head, &came, err)
                          : pc_pass_drop(pass, "modelbest.fits", err);
}

int clean_channel_put(struct clean_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_maker mask = {make_mask, c, true};
    /* mask.fits is the mask of the last minor cycle */
    bool keep_mask = c->mask_is_next && (c->is_cleaned || c->state.ncycle == 0);
    return put_state(pass, &c->state, err) ||
                   (keep_mask && pc_pass_put_made(pass, "mask.fits", &c->mask.image.head, &mask, err)) ||
                   put_model(c, pass, err) || put_best(c, pass, err)
               ? -1
               : 0;
}
