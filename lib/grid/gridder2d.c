/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/engines.h"
#include "grid/halfplane.h"
#include "grid/kernel.h"

#include <math.h>

/* "2d": n - 1 = 0. Samples are spread by a separable kernel onto a padded half-plane; the image is its
 * transform, divided by the kernel's own. Everything runs in the order of the samples: the bytes depend on
 * nothing else. */

struct pc_gridder {
    struct pc_geom geom;
    struct pc_kernel kernel;
    float *corr_x, *corr_y;
    struct pc_halfplane grid;  /* what is being added */
    struct pc_halfplane model; /* made by the first model() */
    bool has_model;
};

static int64_t image_mem_byte(const struct pc_geom *geom, double accuracy)
{
    (void)accuracy; /* a finer one takes wider kernels, not more cells */
    return pc_halfplane_byte(geom->nx, geom->ny);
}

static int64_t mem_byte(const struct pc_geom *geom, double accuracy)
{
    int64_t byte = image_mem_byte(geom, accuracy);
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

static struct pc_gridder *gridder_new(const struct pc_geom *geom, double accuracy, struct pc_err *err)
{
    struct pc_gridder *g = pc_mem_new0(1, sizeof *g, "a gridder", err);
    if (g == NULL)
        return NULL;
    g->geom = *geom;
    if (pc_kernel_init(&g->kernel, accuracy, err) != 0)
        goto fail;
    g->corr_x = pc_mem_new(geom->nx, sizeof(float), "the kernel's correction", err);
    g->corr_y = pc_mem_new(geom->ny, sizeof(float), "the kernel's correction", err);
    if (g->corr_x == NULL || g->corr_y == NULL || pc_halfplane_init(&g->grid, geom->nx, geom->ny, err) != 0)
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

/* Where a sample touches the half-plane. */
struct touch {
    int64_t u0, v0;
    float ku[PC_KERNEL_TAPS], kv[PC_KERNEL_TAPS];
    bool conj; /* it is the conjugate sample, at -u,-v, that lies in our half */
};

static void locate(const struct pc_gridder *g, double u, double v, struct touch *t)
{
    double pos_u = u * g->geom.cell_rad[0] * g->grid.nu;
    double pos_v = v * g->geom.cell_rad[1] * g->grid.nv;
    t->conj = pos_u < 0;
    t->u0 = pc_kernel_taps(&g->kernel, t->conj ? -pos_u : pos_u, t->ku);
    t->v0 = pc_kernel_taps(&g->kernel, t->conj ? -pos_v : pos_v, t->kv);
    if (t->v0 < 0)
        t->v0 += g->grid.nv;
}

/* ntap is a constant where these are called: the loops over v unroll. */
static inline void spread(struct pc_halfplane *h, const struct touch *t, float re, float im, int ntap)
{
    float value[2 * PC_KERNEL_TAPS];
    for (int j = 0; j < ntap; j++) {
        value[2 * j] = t->kv[j] * re;
        value[2 * j + 1] = t->kv[j] * im;
    }
    for (int i = 0; i < ntap; i++) {
        if (!h->open[t->u0 + i + PC_GUARD])
            pc_halfplane_open(h, t->u0 + i);
        float *col = h->cell + 2 * ((t->u0 + i + PC_GUARD) * h->stride + t->v0);
        float k = t->ku[i];
        for (int j = 0; j < 2 * ntap; j++)
            col[j] += k * value[j];
    }
}

static inline void collect(const struct pc_halfplane *h, const struct touch *t, float *re, float *im,
                           int ntap)
{
    float sum[2 * PC_KERNEL_TAPS] = {0};
    for (int i = 0; i < ntap; i++) {
        const float *col = h->cell + 2 * ((t->u0 + i + PC_GUARD) * h->stride + t->v0);
        float k = t->ku[i];
        for (int j = 0; j < 2 * ntap; j++)
            sum[j] += k * col[j];
    }
    *re = *im = 0;
    for (int j = 0; j < ntap; j++) {
        *re += t->kv[j] * sum[2 * j];
        *im += t->kv[j] * sum[2 * j + 1];
    }
}

static int gridder_add(struct pc_gridder *g, const struct pc_samples *s, int64_t *outside, struct pc_err *err)
{
    (void)err;
    for (int64_t i = 0; i < s->n; i++) {
        if (s->weight[i] == 0)
            continue;
        if (!pc_geom_holds(&g->geom, s->u[i], s->v[i])) {
            ++*outside;
            continue;
        }
        struct touch t;
        locate(g, s->u[i], s->v[i], &t);
        float re = s->weight[i] * s->re[i], im = s->weight[i] * s->im[i];
        im = t.conj ? -im : im;
        if (g->kernel.ntap == 8)
            spread(&g->grid, &t, re, im, 8);
        else if (g->kernel.ntap == 6)
            spread(&g->grid, &t, re, im, 6);
        else
            spread(&g->grid, &t, re, im, g->kernel.ntap);
    }
    return 0;
}

static int gridder_image(struct pc_gridder *g, double scale, float *image, struct pc_err *err)
{
    (void)err;
    pc_halfplane_to_image(&g->grid, g->corr_x, g->corr_y, scale, image);
    return 0;
}

static int gridder_model(struct pc_gridder *g, const float *image, struct pc_err *err)
{
    if (!g->has_model && pc_halfplane_init(&g->model, g->geom.nx, g->geom.ny, err) != 0)
        return -1;
    g->has_model = true;
    pc_halfplane_from_image(&g->model, g->corr_x, g->corr_y, image);
    return 0;
}

static int gridder_predict(struct pc_gridder *g, struct pc_samples *s, struct pc_err *err)
{
    if (!g->has_model)
        return pc_err_set(err, PC_EX_BUG, "prediction was asked for before a model was given");
    for (int64_t i = 0; i < s->n; i++) {
        s->re[i] = s->im[i] = 0;
        if (!pc_geom_holds(&g->geom, s->u[i], s->v[i]))
            continue;
        struct touch t;
        locate(g, s->u[i], s->v[i], &t);
        if (g->kernel.ntap == 8)
            collect(&g->model, &t, &s->re[i], &s->im[i], 8);
        else
            collect(&g->model, &t, &s->re[i], &s->im[i], g->kernel.ntap);
        if (t.conj)
            s->im[i] = -s->im[i];
    }
    return 0;
}

const struct pc_gridder_ops pc_gridder_2d = {
    .name = "2d",
    .best_accuracy = 1e-4,
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
