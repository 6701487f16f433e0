/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_channel.h"

#include "base/mem.h"
#include "clean/state.h"
#include "tools/psf_plane.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is said of weights only where it counts. */
static int record_weighting(const struct psf_conf *conf, struct pc_record *r, struct pc_err *err)
{
    if ((conf->npixels > 0 && pc_record_setf(r, err, "npixels", "%d", conf->npixels)) ||
        (conf->weighting == PC_WEIGHT_BRIGGSABS &&
         pc_record_set_double(r, "noise_jy", conf->noise_jy, err)) ||
        (conf->fracbw > 0 && pc_record_set_double(r, "fracbw", conf->fracbw, err)) ||
        (conf->taper.on && pc_record_set(r, "uvtaper", conf->uvtaper, err)) ||
        (conf->density != NULL && pc_record_set(r, "density", "cube", err)))
        return -1;
    return 0;
}

static int put_plane_record(const struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                            const struct pc_record *plane, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_record_copy(&r, plane, err) || pc_record_set(&r, "stokes", conf->stokes, err) ||
              pc_record_set(&r, "gridder", conf->gridder, err) ||
              pc_record_set(&r, "precision", conf->wide ? "double" : "single", err) ||
              pc_record_set_double(&r, "accuracy", conf->accuracy, err) ||
              pc_record_set(&r, "wterm", c->wfull ? "full" : "none", err) ||
              pc_record_setf(&r, err, "wterms", "%d", c->wterms) ||
              pc_record_set_double(&r, "wphase_rad", c->wphase_rad, err) ||
              pc_record_set_double(&r, "umax_lambda", c->reach.u, err) ||
              pc_record_set_double(&r, "vmax_lambda", c->reach.v, err) ||
              pc_record_set_double(&r, "wmax_lambda", c->reach.w, err) ||
              pc_record_set(&r, "weighting", pc_weighting_name(conf->weighting), err) ||
              pc_record_set_double(&r, "robust", conf->robust, err) || record_weighting(conf, &r, err) ||
              pc_pass_put_record(pass, "00plane", &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int put_weights(struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        struct pc_visblock *b;
        if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_pass_put_imweight(pass, i, b, err) != 0)
            return -1;
    }
    return 0;
}

static int put_sumwt(struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    float value[PC_MAX_POL];
    struct pc_image im = {.pix = value};
    for (int p = 0; p < PC_MAX_POL; p++)
        value[p] = (float)c->sumwt;
    if (pc_imhead_copy(&im.head, &c->psf, err) != 0)
        return -1;
    im.head.nx = im.head.ny = 1;
    im.head.crpix[0] = im.head.crpix[1] = 1;
    memset(im.head.beam, 0, sizeof im.head.beam);
    pc_record_remove(&im.head.extra, "SIDELOBE");
    int bad = pc_pass_put_image(pass, "sumwt.fits", &im, NULL, err);
    pc_imhead_fini(&im.head);
    return bad;
}

static int put_state(const struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_state s;
    struct pc_record r = {0};
    pc_state_init(&s);
    s.stopcode = c->sumwt > 0 ? 0 : -1;
    int bad = pc_state_format(&s, &r, err) || pc_pass_put_record(pass, "state", &r, err);
    pc_record_free(&r);
    pc_state_fini(&s);
    return bad ? -1 : 0;
}

/* The model to begin with. */
static int put_model(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                     const struct pc_record *plane, struct pc_err *err)
{
    struct pc_image model = {0};
    struct pc_imhead *h = &model.head;
    long long index;
    bool any = false;
    if (conf->model->n == 0 || !(c->sumwt > 0))
        return pc_pass_drop(pass, "model.fits", err);
    if (pc_record_int(plane, "index", &index, err) != 0 || pc_imhead_copy(h, &c->psf, err) != 0)
        return -1;
    snprintf(h->bunit, sizeof h->bunit, "Jy/pixel");
    snprintf(h->btype, sizeof h->btype, "Intensity");
    memset(h->beam, 0, sizeof h->beam);
    pc_record_free(&h->extra);
    model.pix = pc_mem_new(pc_imhead_npix(h), sizeof *model.pix, "model.fits", err);
    int bad =
        model.pix == NULL || psf_model_fill(conf->model, h, (int)index, model.pix, &any, &c->model, err);
    if (!bad)
        bad = any ? pc_pass_put_image(pass, "model.fits", &model, NULL, err)
                  : pc_pass_drop(pass, "model.fits", err);
    pc_image_fini(&model);
    return bad ? -1 : 0;
}

static int drop_earlier_life(const struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    static const char *const name[] = {"residual.fits",  "mask.fits",  "masknext.fits",
                                       "modelbest.fits", "image.fits", "image.pbcor.fits"};
    for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
        if (pc_pass_drop(pass, name[i], err) != 0)
            return -1;
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        char predicted[40];
        snprintf(predicted, sizeof predicted, "vis%05d/model_vis.fits", i);
        if (pc_pass_drop(pass, predicted, err) != 0)
            return -1;
    }
    return 0;
}

/* Both, as they may be written at the same time. */
static int put_psf_and_pb(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                          const struct pc_record *plane, struct pc_err *err)
{
    struct psf_pb pb = {0};
    int bad = psf_plane_put(c, conf, pass, &pb, err) || psf_pb_put(&pb, c, conf, pass, plane, err);
    psf_pb_fini(&pb);
    return bad ? -1 : 0;
}

int psf_channel_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                    const struct pc_record *plane, struct pc_err *err)
{
    if (put_plane_record(c, conf, pass, plane, err) != 0 || put_weights(c, pass, err) != 0 ||
        put_psf_and_pb(c, conf, pass, plane, err) != 0 || put_sumwt(c, pass, err) != 0 ||
        put_state(c, pass, err) != 0 || put_model(c, conf, pass, plane, err) != 0)
        return -1;
    return drop_earlier_life(c, pass, err);
}
