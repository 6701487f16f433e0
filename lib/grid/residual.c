/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/residual.h"

#include "base/mem.h"
#include "grid/samples.h"

struct pc_residual {
    struct pc_residual_conf conf;
    struct pc_gridder *gridder;
    struct pc_sampler vis, predicted; /* predicted: only its buffers are used */
    int nhand;
    int64_t noutside;
};

int pc_residual_new(struct pc_residual **out, const struct pc_residual_conf *conf, struct pc_err *err)
{
    struct pc_residual *r = *out = pc_mem_new0(1, sizeof *r, "a residual", err);
    if (r == NULL)
        return -1;
    r->conf = *conf;
    r->nhand = 1;
    if (pc_sampler_init(&r->vis, err) == 0 && pc_sampler_init(&r->predicted, err) == 0 &&
        (r->gridder = conf->engine->new (&conf->gridder, err)) != NULL &&
        (conf->model == NULL || conf->engine->model(r->gridder, conf->model, err) == 0))
        return 0;
    pc_residual_free(r);
    *out = NULL;
    return -1;
}

void pc_residual_free(struct pc_residual *r)
{
    if (r == NULL)
        return;
    pc_sampler_fini(&r->vis);
    pc_sampler_fini(&r->predicted);
    if (r->gridder != NULL)
        r->conf.engine->free(r->gridder);
    pc_mem_free(r);
}

static int subtract_model(struct pc_residual *r, struct pc_samples *batch, struct pc_err *err)
{
    struct pc_samples model = {.n = batch->n,
                               .u = batch->u,
                               .v = batch->v,
                               .w = batch->w,
                               .weight = batch->weight,
                               .re = r->predicted.batch.re,
                               .im = r->predicted.batch.im};
    if (r->conf.engine->predict(r->gridder, &model, err) != 0)
        return -1;
    for (int64_t i = 0; i < batch->n; i++) {
        batch->re[i] -= model.re[i];
        batch->im[i] -= model.im[i];
    }
    return 0;
}

int pc_residual_add(struct pc_residual *r, const struct pc_visblock *b, struct pc_err *err)
{
    struct pc_hands hands;
    struct pc_samples *batch;
    if (b->vis_jy == NULL)
        return pc_err_set(err, PC_EX_DATA, "a block has no vis.fits");
    if (pc_hands_find(&hands, r->conf.stokes, &b->info, err) != 0)
        return -1;
    r->nhand = hands.n;
    pc_sampler_start(&r->vis, b, &hands, false);
    while ((batch = pc_sampler_next(&r->vis)) != NULL) {
        if (r->conf.model != NULL && r->conf.engine->subtract == NULL && subtract_model(r, batch, err) != 0)
            return -1;
        if (r->conf.engine->add(r->gridder, batch, &r->noutside, err) != 0)
            return -1;
    }
    return 0;
}

int pc_residual_image(struct pc_residual *r, double sumwt, float *image, struct pc_residual_count *count,
                      struct pc_err *err)
{
    *count = (struct pc_residual_count){r->vis.nused - r->noutside, r->vis.npassed, r->noutside};
    if (r->conf.model != NULL && r->conf.engine->subtract != NULL &&
        r->conf.engine->subtract(r->gridder, err) != 0)
        return -1;
    return r->conf.engine->image(r->gridder, r->nhand / sumwt, image, err);
}
