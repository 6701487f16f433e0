/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/grid_residual.h"

#include "base/mem.h"
#include "io/rows_out.h"

#include <math.h>

static void drop_model(struct grid_channel *c)
{
    pc_mem_free(c->model.pix);
    c->model.pix = NULL;
}

/* Room for the residual: that of the model, which is not needed any more. */
static int make_room(struct grid_channel *c, bool wide, struct pc_err *err)
{
    const int64_t n = pc_imhead_npix(&c->psf);
    if (wide) {
        drop_model(c);
        c->residual.wide = pc_mem_new(n, sizeof(double), "residual.fits", err);
    } else if (c->model.pix != NULL) {
        c->residual.pix = c->model.pix;
        c->model.pix = NULL;
    } else {
        c->residual.pix = pc_mem_new(n, sizeof(float), "residual.fits", err);
    }
    return c->residual.wide == NULL && c->residual.pix == NULL ? -1 : 0;
}

/* All blocks, as often as the imager wants them, into the residual's pixels where it has any. */
static int image(struct grid_channel *c, struct pc_imager *im, const struct pc_row_taker *taker,
                 struct pc_err *err)
{
    const int64_t npix = (int64_t)c->psf.nx * c->psf.ny;
    const bool held = c->residual.pix != NULL || c->residual.wide != NULL;
    struct pc_visblock *b;
    void *at[PC_MAX_POL];
    for (int p = 0; held && p < c->psf.npol; p++)
        at[p] = c->residual.wide != NULL ? (void *)(c->residual.wide + p * npix)
                                         : (void *)(c->residual.pix + p * npix);
    for (int pass = 0; pass < pc_imager_npass(im); pass++) {
        pc_imager_begin(im, pass);
        for (int i = 0; i < pc_visstore_count(c->vis); i++)
            if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_imager_add(im, b, err) != 0)
                return -1;
        pc_imager_end(im, held ? at : NULL, taker, c->tally);
    }
    c->count = pc_imager_count(im);
    return 0;
}

/* Where a file can be written anywhere, rows go there as they are made. */
static int image_into_file(struct grid_channel *c, struct pc_imager *im, const struct pc_gridder_conf *g,
                           struct pc_pass *pass, struct pc_err *err)
{
    const struct pc_rows_out_conf conf = {
        .name = "residual.fits", .head = &c->residual.head, .wide = g->wide, .nthread = g->nthread};
    struct pc_rows_out *out;
    if (pc_rows_out_begin(&out, pass, &conf, err) != 0)
        return -1;
    const struct pc_row_taker taker = {.take = pc_rows_out_take, .of = out};
    if (image(c, im, &taker, err) == 0)
        return pc_rows_out_end(out, err);
    pc_rows_out_free(out);
    return -1;
}

static int put_image(struct grid_channel *c, const struct pc_gridder_conf *g, const struct pc_planes *planes,
                     struct pc_pass *pass, struct pc_err *err)
{
    const struct pc_imager_conf want = {.gridder = *g, .planes = *planes};
    const bool amend = pc_pass_can_amend(pass);
    struct pc_imager *im = NULL;
    int bad = pc_imager_new(&im, &want, err);
    if (!bad && amend && pc_imager_npass(im) == 1)
        drop_model(c);
    else if (!bad)
        bad = make_room(c, g->wide, err);
    if (!bad && amend)
        bad = image_into_file(c, im, g, pass, err);
    else if (!bad)
        bad = image(c, im, NULL, err) || pc_pass_put_image(pass, "residual.fits", &c->residual, NULL, err);
    pc_imager_free(im);
    return bad ? -1 : 0;
}

static int put_blank(struct grid_channel *c, bool wide, struct pc_pass *pass, struct pc_err *err)
{
    const int64_t n = pc_imhead_npix(&c->psf);
    if (make_room(c, wide, err) != 0)
        return -1;
    for (int64_t i = 0; i < n; i++) {
        if (wide)
            c->residual.wide[i] = NAN;
        else
            c->residual.pix[i] = NAN;
    }
    return pc_pass_put_image(pass, "residual.fits", &c->residual, NULL, err);
}

int grid_residual_put(struct grid_channel *c, const struct pc_gridder_conf *g, const struct pc_planes *planes,
                      struct pc_pass *pass, struct pc_err *err)
{
    if (c->sumwt.pix[0] > 0)
        return put_image(c, g, planes, pass, err);
    return put_blank(c, g->wide, pass, err);
}
