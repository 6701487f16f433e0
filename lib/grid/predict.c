/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/predict.h"

#include "base/mem.h"
#include "grid/batcher.h"
#include "grid/direct.h"
#include "grid/middle.h"
#include "grid/wterm.h"

struct pc_predictor {
    struct pc_predict_conf conf;
    struct pc_direct *direct;   /* NULL: by the gridder */
    struct pc_gridder *gridder; /* NULL: directly */
    struct pc_batcher batcher;
    float *middle; /* of the model, where that is what conf is of; or NULL */
};

/* A direct sum in single precision errs by 5e-7 of the model's flux at the most. */
static const double single_accuracy = 1e-5;

/* Keeps the components when to sum them costs less than the gridder takes. */
static int try_direct(struct pc_predictor *p, struct pc_err *err)
{
    const struct pc_gridder_conf *c = &p->conf.gridder;
    const double limit_s = pc_gridder_predict_s(c);
    struct pc_direct_conf conf = {.geom = c->geom,
                                  .nplane = c->nplane,
                                  .wfull = c->wterm,
                                  .max_w = c->max_w,
                                  .single = !c->wide && c->accuracy >= single_accuracy,
                                  .nthread = c->nthread};
    /* what one costs when many share their rows and columns: with more the model is dense in any case */
    enum { SIDE = 32, MANY = SIDE * SIDE };
    const double least_s = pc_direct_cost_s(&conf, MANY, SIDE, SIDE, c->nsample) / MANY;
    conf.max_component = least_s > 0 ? (int64_t)(limit_s / least_s) + 1 : 0;
    int found = pc_direct_new(&p->direct, &conf, p->conf.model, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (pc_direct_predict_s(p->direct, c->nsample) <= limit_s)
        return 0;
    pc_direct_free(p->direct);
    p->direct = NULL;
    return 0;
}

/* Where the model's middle takes no more memory than all of it: the uv plane shrinks by more than the copy
 * takes. */
static int take_middle(struct pc_predictor *p, struct pc_err *err)
{
    struct pc_gridder_conf small = p->conf.gridder;
    const int nplane = small.nplane;
    const int64_t all_byte = pc_gridder_mem_byte(&small);
    small.geom = pc_middle_find(&small.geom, nplane, p->conf.model);
    const int64_t copy_byte = (int64_t)nplane * small.geom.nx * small.geom.ny * (int64_t)sizeof(float);
    if (copy_byte + pc_gridder_mem_byte(&small) > all_byte)
        return 0;
    p->middle = pc_middle_copy(&p->conf.gridder.geom, nplane, p->conf.model, &small.geom, err);
    if (p->middle == NULL)
        return -1;
    if (small.wterm) {
        const int nterm = pc_wterm_count(&small.geom, small.max_w, small.accuracy, NULL);
        small.nterm = small.nterm > 0 && small.nterm < nterm ? small.nterm : nterm;
    }
    p->conf.gridder = small;
    p->conf.model = p->middle;
    return 0;
}

int pc_predictor_new(struct pc_predictor **out, const struct pc_predict_conf *conf, struct pc_err *err)
{
    struct pc_predictor *p = *out = pc_mem_new0(1, sizeof *p, "a predictor", err);
    if (p == NULL)
        return -1;
    p->conf = *conf;
    p->conf.gridder.nplane = conf->planes.n;
    p->conf.gridder.no_images = true;
    if (pc_batcher_init(&p->batcher, conf->planes.n, err) == 0 && take_middle(p, err) == 0 &&
        try_direct(p, err) == 0 &&
        (p->direct != NULL || (p->gridder = pc_gridder_new(&p->conf.gridder, err)) != NULL))
        return 0;
    pc_predictor_free(p);
    *out = NULL;
    return -1;
}

void pc_predictor_free(struct pc_predictor *p)
{
    if (p == NULL)
        return;
    pc_direct_free(p->direct);
    pc_gridder_free(p->gridder);
    pc_batcher_fini(&p->batcher);
    pc_mem_free(p->middle);
    pc_mem_free(p);
}

bool pc_predictor_direct(const struct pc_predictor *p)
{
    return p->direct != NULL;
}

int pc_predictor_npass(const struct pc_predictor *p)
{
    return p->direct != NULL ? 1 : pc_gridder_nterm(p->gridder);
}

void pc_predictor_begin(struct pc_predictor *p, int pass)
{
    const struct pc_geom *geom = &p->conf.gridder.geom;
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    const float *image[PC_MAX_POL];
    if (p->direct != NULL)
        return;
    for (int i = 0; i < p->conf.planes.n; i++)
        image[i] = p->conf.model + i * npix;
    pc_gridder_model(p->gridder, pass, image);
}

/* The gridder makes nothing of samples beyond its grid; nor does a direct sum then. */
static void predict_directly(const struct pc_predictor *p, struct pc_batch *b)
{
    pc_direct_predict(p->direct, b);
    for (int64_t i = 0; i < b->n; i++)
        if (!pc_geom_holds(&p->conf.gridder.geom, b->u[i], b->v[i]))
            for (int k = 0; k < b->nplane; k++)
                b->re[k][i] = b->im[k][i] = 0;
}

int pc_predictor_add(struct pc_predictor *p, const struct pc_visblock *b, double factor, float *vis_jy,
                     struct pc_err *err)
{
    const enum pc_batch_mode mode = p->conf.imaged ? PC_BATCH_ZERO : PC_BATCH_ALL;
    struct pc_batch *batch;
    if (pc_batcher_start(&p->batcher, b, &p->conf.planes, mode, err) != 0)
        return -1;
    while ((batch = pc_batcher_next(&p->batcher)) != NULL) {
        if (p->direct != NULL)
            predict_directly(p, batch);
        else
            pc_gridder_predict(p->gridder, batch);
        pc_batcher_add_to(&p->batcher, batch, factor, vis_jy);
    }
    return 0;
}
