/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/clean_channel.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void clean_channel_init(struct clean_channel *c)
{
    *c = (struct clean_channel){.wanted = {{"residual.fits", &c->residual, "pc-grid", false},
                                           {"psf.fits", &c->psf, "pc-psf", false},
                                           {"pb.fits", &c->pb, NULL, false},
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
    pc_state_fini(&c->state);
}

static int take_state(struct pc_pass *pass, struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(s, &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

int clean_channel_take(struct clean_channel *c, struct pc_pass *pass, const char *name, struct pc_err *err)
{
    if (!strcmp(name, "state"))
        return take_state(pass, &c->state, err);
    return c->state.stopcode == 0 && pc_wanted_take(c->wanted, pass, name, err) < 0 ? -1 : 0;
}

int clean_channel_complete(struct clean_channel *c, struct pc_err *err)
{
    if (pc_wanted_check(c->wanted, err) || pc_model_check(c->state.residual_model, &c->model, err))
        return -1;
    int64_t npix = pc_imhead_npix(&c->residual.head);
    struct pc_imhead *h = &c->model.head;
    c->had_model = c->model.pix, c->had_best = c->best.pix;
    if (!c->had_best && !(c->best.pix = pc_mem_new0(npix, sizeof(float), "the best model", err)))
        return -1;
    if (c->had_model)
        return 0;
    if (!(c->model.pix = pc_mem_new0(npix, sizeof(float), "the model", err)) ||
        pc_imhead_copy(h, &c->residual.head, err))
        return -1;
    snprintf(h->bunit, sizeof h->bunit, "Jy/pixel");
    memset(h->beam, 0, sizeof h->beam);
    pc_record_free(&h->extra);
    return 0;
}

static int put_state(struct pc_pass *pass, const struct pc_state *s, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_state_format(s, &r, err) || pc_pass_put_record(pass, "state", &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int put_model(struct clean_channel *c, struct pc_pass *pass, const char *program, const char *history,
                     const struct pc_clean_result *res, struct pc_err *err)
{
    struct pc_imhead *h = &c->model.head;
    bool zero = !res->cleaned && !c->had_best; /* the best model, brought back, was none */
    if (!res->model_changed)
        return 0;
    if (zero)
        return pc_pass_drop(pass, "model.fits", err);
    if (pc_imhead_history_merge(h, &c->residual.head, err) ||
        pc_imhead_history_merge(h, &c->masknext.head, err) || pc_imhead_history(h, program, history, err))
        return -1;
    return pc_pass_put_image(pass, "model.fits", &c->model, NULL, err);
}

int clean_channel_put(struct clean_channel *c, struct pc_pass *pass, const struct pc_clean_result *res,
                      const char *program, const char *history, struct pc_err *err)
{
    bool keep_best = res->best_changed && c->had_model;
    if (keep_best) { /* with the header the model had when it came */
        pc_imhead_fini(&c->best.head);
        if (pc_imhead_copy(&c->best.head, &c->model.head, err))
            return -1;
    }
    if (put_state(pass, &c->state, err))
        return -1;
    /* mask.fits is the mask of the last minor cycle */
    if (c->masknext.mask && (res->cleaned || c->state.ncycle == 0) &&
        pc_pass_put_image(pass, "mask.fits", &c->masknext, NULL, err))
        return -1;
    if (put_model(c, pass, program, history, res, err))
        return -1;
    if (keep_best)
        return pc_pass_put_image(pass, "modelbest.fits", &c->best, NULL, err);
    return res->best_changed ? pc_pass_drop(pass, "modelbest.fits", err) : 0;
}
