/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/engines.h"
#include "grid/touch.h"

/* "2d": n - 1 = 0. Samples are spread by a separable kernel onto a padded half-plane; the image is its
 * transform, divided by the kernel's own. */

struct pc_gridder {
    struct pc_geom geom;
    struct pc_kernel kernel;
    float *corr_x, *corr_y;
    struct pc_halfplane grid;  /* what is being added */
    struct pc_halfplane model; /* made by the first model() */
    bool has_model;
};

static int64_t image_mem_byte(const struct pc_gridder_conf *c)
{
    const struct pc_geom *geom = &c->geom;
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    return pc_halfplane_byte(geom->nx, geom->ny, pc_kernel_oversampling(c->accuracy, npix, c->nsample));
}

static int64_t mem_byte(const struct pc_gridder_conf *c)
{
    int64_t byte = image_mem_byte(c);
    return byte > INT64_MAX / 2 ? INT64_MAX : 2 * byte;
}

static void gridder_free(struct pc_gridder *g)
{
    if (g == NULL)
        return;
    pc_mem_free(g->corr_x);
    pc_mem_free(g->corr_y);
    pc_halfplane_fini(&g->grid);
    pc_halfplane_fini(&g->model);
    pc_mem_free(g);
}

static struct pc_gridder *gridder_new(const struct pc_gridder_conf *conf, struct pc_err *err)
{
    const struct pc_geom *geom = &conf->geom;
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    struct pc_gridder *g = pc_mem_new0(1, sizeof *g, "a gridder", err);
    if (g == NULL)
        return NULL;
    g->geom = *geom;
    if (pc_kernel_init(&g->kernel, conf->accuracy, npix, conf->nsample, err) != 0)
        goto fail;
    g->corr_x = pc_mem_new(geom->nx, sizeof(float), "the kernel's correction", err);
    g->corr_y = pc_mem_new(geom->ny, sizeof(float), "the kernel's correction", err);
    if (g->corr_x == NULL || g->corr_y == NULL ||
        pc_halfplane_init(&g->grid, geom->nx, geom->ny, g->kernel.oversampling, err) != 0)
        goto fail;
    pc_kernel_correction(&g->kernel, geom->nx, g->grid.nu, g->corr_x);
    pc_kernel_correction(&g->kernel, geom->ny, g->grid.nv, g->corr_y);
    return g;
fail:
    gridder_free(g);
    return NULL;
}

static int gridder_clear(struct pc_gridder *g, struct pc_err *err)
{
    (void)err;
    pc_halfplane_clear(&g->grid);
    return 0;
}

static int gridder_add(struct pc_gridder *g, const struct pc_samples *s, int64_t *outside, struct pc_err *err)
{
    (void)err;
    const struct pc_touch touch = {&g->geom, &g->kernel, &g->grid};
    *outside += pc_touch_spread(&touch, s, s->weight);
    return 0;
}

static int gridder_image(struct pc_gridder *g, double scale, float *image, struct pc_err *err)
{
    (void)err;
    pc_halfplane_to_image(&g->grid, g->corr_x, g->corr_y, scale, NULL, image);
    return 0;
}

static int gridder_model(struct pc_gridder *g, const float *image, struct pc_err *err)
{
    if (!g->has_model &&
        pc_halfplane_init(&g->model, g->geom.nx, g->geom.ny, g->kernel.oversampling, err) != 0)
        return -1;
    g->has_model = true;
    pc_halfplane_from_image(&g->model, g->corr_x, g->corr_y, NULL, image);
    return 0;
}

static int gridder_predict(struct pc_gridder *g, struct pc_samples *s, struct pc_err *err)
{
    if (!g->has_model)
        return pc_err_set(err, PC_EX_BUG, "prediction was asked for before a model was given");
    const struct pc_touch touch = {&g->geom, &g->kernel, &g->model};
    pc_touch_collect(&touch, s);
    return 0;
}

const struct pc_gridder_ops pc_gridder_2d = {
    .name = "2d",
    .best_accuracy = PC_KERNEL_BEST_ACCURACY,
    .mem_byte = mem_byte,
    .image_mem_byte = image_mem_byte,
    .new = gridder_new,
    .clear = gridder_clear,
    .add = gridder_add,
    .image = gridder_image,
    .model = gridder_model,
    .predict = gridder_predict,
    .free = gridder_free,
};
