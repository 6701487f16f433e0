/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/grid_channel.h"

#include "base/mem.h"
#include "io/fits.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void grid_channel_begin(struct grid_channel *c)
{
    pc_visstore_clear(c->vis);
    pc_state_init(&c->state);
}

void grid_channel_end(struct grid_channel *c)
{
    struct pc_visstore *vis = c->vis;
    pc_imhead_fini(&c->psf);
    pc_image_fini(&c->sumwt);
    pc_image_fini(&c->model);
    pc_image_fini(&c->residual);
    pc_state_fini(&c->state);
    *c = (struct grid_channel){.vis = vis};
}

static int take_state(struct grid_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_record r = {0};
    pc_state_fini(&c->state);
    int bad = pc_pass_record(pass, &r, err) || pc_state_parse(&c->state, &r, err);
    pc_record_free(&r);
    c->has_state = !bad;
    return bad ? -1 : 0;
}

int grid_channel_take(struct grid_channel *c, struct pc_pass *pass, const struct pc_member *m,
                      struct pc_err *err)
{
    int taken = pc_visstore_member(c->vis, pass, m, true, err);
    if (taken != 0)
        return taken < 0 ? -1 : 0;
    if (strcmp(m->name, "psf.fits") == 0)
        return pc_pass_imhead(pass, &c->psf, err);
    if (strcmp(m->name, "sumwt.fits") == 0)
        return pc_pass_image(pass, &c->sumwt, err);
    if (strcmp(m->name, "model.fits") == 0)
        return pc_pass_image(pass, &c->model, err);
    if (strcmp(m->name, "state") == 0)
        return take_state(c, pass, err);
    c->has_residual = true; /* that it is there is enough */
    return 0;
}

static int check_model(struct grid_channel *c, struct pc_err *err)
{
    const int64_t npix = pc_imhead_npix(&c->model.head);
    strcpy(c->model_sum, "0");
    if (c->model.head.nx == 0)
        return 0;
    if (c->model.pix == NULL)
        return pc_err_set(err, PC_EX_DATA, "model.fits must have BITPIX -32");
    if (pc_imhead_same_grid(&c->model.head, "model.fits", &c->psf, "psf.fits", err) != 0)
        return -1;
    for (int64_t i = 0; i < npix; i++)
        if (!isfinite(c->model.pix[i]))
            return pc_err_set(err, PC_EX_DATA, "model.fits: pixel (%lld, %lld), counted from 1, is %g",
                              (long long)(i % c->psf.nx + 1), (long long)(i / c->psf.nx % c->psf.ny + 1),
                              (double)c->model.pix[i]);
    snprintf(c->model_sum, sizeof c->model_sum, "%" PRIu32, pc_datasum_f32(0, c->model.pix, npix));
    return 0;
}

int grid_channel_check(struct grid_channel *c, struct pc_err *err)
{
    if (c->psf.nx == 0 || c->sumwt.pix == NULL || !c->has_state)
        return pc_err_set(err, PC_EX_DATA, "no %s: pc-psf makes it",
                          c->psf.nx == 0         ? "psf.fits"
                          : c->sumwt.pix == NULL ? "sumwt.fits"
                                                 : "state");
    if (c->psf.npol != 1)
        return pc_err_set(err, PC_EX_DATA, "psf.fits has %d Stokes planes, only one can be gridded",
                          c->psf.npol);
    return check_model(c, err);
}

/* How pc-psf gridded: the residual is gridded alike. */
static int engine_of(const struct pc_record *plane, struct pc_residual_conf *conf, struct pc_err *err)
{
    const char *wterm = pc_record_get(plane, "wterm");
    if (pc_record_get(plane, "gridder") == NULL || wterm == NULL)
        return pc_err_set(err, PC_EX_DATA, "00plane says nothing of a gridder: pc-psf completes it");
    bool full = strcmp(wterm, "full") == 0;
    if (!full && strcmp(wterm, "none") != 0)
        return pc_err_set(err, PC_EX_DATA, "00plane has wterm=%s, it is none or full", wterm);
    conf->engine = pc_gridder_find(full ? "w" : "2d");
    if (full && pc_record_double(plane, "wmax_lambda", &conf->gridder.max_w, err) != 0)
        return -1;
    return pc_record_double(plane, "accuracy", &conf->gridder.accuracy, err);
}

/* All blocks into the residual's pixels. */
static int image(struct grid_channel *c, const struct pc_record *plane, struct pc_residual_count *count,
                 struct pc_err *err)
{
    struct pc_residual_conf conf = {
        .gridder.geom = {c->psf.nx, c->psf.ny, {c->psf.cell_rad[0], c->psf.cell_rad[1]}},
        .gridder.nsample = pc_visstore_nsample(c->vis),
        .stokes = c->psf.stokes[0],
        .model = strcmp(c->model_sum, "0") != 0 ? c->model.pix : NULL};
    struct pc_residual *res = NULL;
    if (engine_of(plane, &conf, err) != 0 || pc_residual_new(&res, &conf, err) != 0)
        return -1;
    int bad = 0;
    for (int i = 0; !bad && i < pc_visstore_count(c->vis); i++) {
        struct pc_visblock *b;
        bad = pc_visstore_block(c->vis, i, &b, err) || pc_residual_add(res, b, err);
    }
    bad = bad || pc_residual_image(res, (double)c->sumwt.pix[0], c->residual.pix, count, err);
    pc_residual_free(res);
    return bad ? -1 : 0;
}

static int make_head(struct grid_channel *c, const char *program, const char *history, struct pc_err *err)
{
    struct pc_imhead *h = &c->residual.head;
    if (pc_imhead_copy(h, &c->psf, err) != 0)
        return -1;
    pc_record_remove(&h->extra, "SIDELOBE");
    snprintf(h->bunit, sizeof h->bunit, "Jy/beam");
    snprintf(h->btype, sizeof h->btype, "Intensity");
    if (c->model.head.nx != 0 && pc_imhead_history_merge(h, &c->model.head, err) != 0)
        return -1;
    return pc_imhead_history(h, program, history, err);
}

bool grid_channel_is_done(const struct grid_channel *c)
{
    return c->has_residual && strcmp(c->state.residual_model, c->model_sum) == 0;
}

int grid_channel_make(struct grid_channel *c, const struct pc_record *plane, const char *program,
                      const char *history, struct pc_residual_count *count, struct pc_err *err)
{
    const int64_t npix = (int64_t)c->psf.nx * c->psf.ny;
    c->residual.pix = pc_mem_new(npix, sizeof(float), "residual.fits", err);
    if (c->residual.pix == NULL || make_head(c, program, history, err) != 0)
        return -1;
    if (c->sumwt.pix[0] > 0)
        return image(c, plane, count, err);
    for (int64_t i = 0; i < npix; i++)
        c->residual.pix[i] = NAN;
    return 0;
}

int grid_channel_put(struct grid_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_record r = {0};
    c->state.nmajor++;
    memcpy(c->state.residual_model, c->model_sum, sizeof c->model_sum);
    int bad = pc_state_format(&c->state, &r, err) || pc_pass_put_record(pass, "state", &r, err) ||
              pc_pass_put_image(pass, "residual.fits", &c->residual, NULL, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}
