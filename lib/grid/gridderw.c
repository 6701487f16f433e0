/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "grid/engines.h"
#include "grid/touch.h"
#include "grid/wterm.h"

#include <math.h>
#include <string.h>

/* "w": with the w-term, to the accuracy. The samples are held until the image is made; each term of the sum
 * in grid/wterm.h then takes its turn on one and the same half-plane. */

enum { CHUNK = 16384 };

struct chunk {
    struct chunk *next;
    int64_t n;
    double u[CHUNK], v[CHUNK], w[CHUNK];
    float re[CHUNK], im[CHUNK]; /* weighted, turned by the phase of the middle of n-1 */
    float weight[CHUNK];
};

struct pc_gridder {
    struct pc_geom geom;
    struct pc_kernel kernel;
    struct pc_wterm wterm;
    int term; /* the one that is being worked on */
    float *corr_x, *corr_y, *factor;
    struct pc_halfplane grid;
    struct chunk *first, *last;
    const float *model;
    float re[CHUNK], im[CHUNK];
};

static int64_t mem_byte(const struct pc_gridder_conf *c)
{
    const struct pc_geom *geom = &c->geom;
    const int64_t npix = (int64_t)geom->nx * geom->ny;
    int64_t grid =
        pc_halfplane_byte(geom->nx, geom->ny, pc_kernel_oversampling(c->accuracy, npix, c->nsample));
    int64_t chunks = (c->nsample + CHUNK - 1) / CHUNK, byte;
    return __builtin_add_overflow(grid, chunks * (int64_t)sizeof(struct chunk), &byte) ? INT64_MAX : byte;
}

static int gridder_clear(struct pc_gridder *g, struct pc_err *err)
{
    (void)err;
    while (g->first != NULL) {
        struct chunk *next = g->first->next;
        pc_mem_free(g->first);
        g->first = next;
    }
    g->last = NULL;
    pc_halfplane_clear(&g->grid);
    return 0;
}

static void gridder_free(struct pc_gridder *g)
{
    if (g == NULL)
        return;
    struct pc_err none;
    if (g->grid.cell != NULL && gridder_clear(g, &none) == 0)
        pc_halfplane_fini(&g->grid);
    pc_wterm_fini(&g->wterm);
    pc_mem_free(g->corr_x);
    pc_mem_free(g->corr_y);
    pc_mem_free(g->factor);
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
    if (pc_kernel_init(&g->kernel, conf->accuracy, npix, conf->nsample, err) != 0 ||
        pc_wterm_init(&g->wterm, geom, conf->max_w, conf->accuracy, err) != 0)
        goto fail;
    g->corr_x = pc_mem_new(geom->nx, sizeof(float), "the kernel's correction", err);
    g->corr_y = pc_mem_new(geom->ny, sizeof(float), "the kernel's correction", err);
    g->factor = pc_mem_new(geom->nx, sizeof(float), "a row of the w-term", err);
    if (g->corr_x == NULL || g->corr_y == NULL || g->factor == NULL ||
        pc_halfplane_init(&g->grid, geom->nx, geom->ny, g->kernel.oversampling, err) != 0)
        goto fail;
    pc_kernel_correction(&g->kernel, geom->nx, g->grid.nu, g->corr_x);
    pc_kernel_correction(&g->kernel, geom->ny, g->grid.nv, g->corr_y);
    return g;
fail:
    gridder_free(g);
    return NULL;
}

/* Whether a sample is on the grid, and its w in the range the terms are for; a last digit's difference is not
 * looked at. */
static int holds(const struct pc_gridder *g, const struct pc_samples *s, int64_t i)
{
    return pc_geom_holds(&g->geom, s->u[i], s->v[i]) && fabs(s->w[i]) <= g->wterm.max_w * (1 + 1e-9);
}

static struct chunk *room(struct pc_gridder *g, struct pc_err *err)
{
    if (g->last != NULL && g->last->n < CHUNK)
        return g->last;
    struct chunk *c = pc_mem_new(1, sizeof *c, "samples", err);
    if (c == NULL)
        return NULL;
    c->next = NULL;
    c->n = 0;
    *(g->last != NULL ? &g->last->next : &g->first) = c;
    return g->last = c;
}

static int gridder_add(struct pc_gridder *g, const struct pc_samples *s, int64_t *outside, struct pc_err *err)
{
    for (int64_t i = 0; i < s->n; i++) {
        float cosine, sine, weight = s->weight[i];
        if (weight == 0)
            continue;
        if (!holds(g, s, i)) {
            ++*outside;
            continue;
        }
        struct chunk *c = room(g, err);
        if (c == NULL)
            return -1;
        pc_wterm_centre(&g->wterm, s->w[i], &cosine, &sine);
        c->u[c->n] = s->u[i];
        c->v[c->n] = s->v[i];
        c->w[c->n] = s->w[i];
        c->re[c->n] = weight * (s->re[i] * cosine - s->im[i] * sine);
        c->im[c->n] = weight * (s->re[i] * sine + s->im[i] * cosine);
        c->weight[c->n++] = weight;
    }
    return 0;
}

static void factor_row(const void *of, int y, float beyond, float *factor)
{
    const struct pc_gridder *g = of;
    pc_wterm_row(&g->wterm, g->term, y, beyond, factor);
}

/* f times (-i)^k of re,im; k < 0 for powers of +i. */
static void turn(int k, float f, float *re, float *im)
{
    float a = *re, b = *im;
    switch (k & 3) {
    case 0:
        *re = f * a, *im = f * b;
        break;
    case 1:
        *re = f * b, *im = -f * a;
        break;
    case 2:
        *re = -f * a, *im = -f * b;
        break;
    default:
        *re = -f * b, *im = f * a;
    }
}

static int gridder_image(struct pc_gridder *g, double scale, float *image, struct pc_err *err)
{
    const struct pc_touch touch = {&g->geom, &g->kernel, &g->grid};
    for (int k = 0; k < g->wterm.nterm; k++) {
        const struct pc_screen screen = {factor_row, g, g->factor, k > 0};
        g->term = k;
        pc_wterm_choose(&g->wterm, k);
        pc_halfplane_clear(&g->grid);
        for (struct chunk *c = g->first; c != NULL; c = c->next) {
            const struct pc_samples s = {c->n, c->u, c->v, c->w, g->re, g->im, NULL};
            for (int64_t i = 0; i < c->n; i++) {
                g->re[i] = c->re[i];
                g->im[i] = c->im[i];
                turn(k, pc_wterm_sample(&g->wterm, k, c->w[i]), &g->re[i], &g->im[i]);
            }
            pc_touch_spread(&touch, &s, NULL);
        }
        pc_halfplane_to_image(&g->grid, g->corr_x, g->corr_y, scale, &screen, image);
    }
    return gridder_clear(g, err);
}

static int gridder_model(struct pc_gridder *g, const float *image, struct pc_err *err)
{
    (void)err;
    g->model = image;
    return 0;
}

/* Term k of the model onto the half-plane. */
static void model_term(struct pc_gridder *g, int k)
{
    const struct pc_screen screen = {factor_row, g, g->factor, false};
    g->term = k;
    pc_wterm_choose(&g->wterm, k);
    pc_halfplane_from_image(&g->grid, g->corr_x, g->corr_y, &screen, g->model);
}

static int gridder_subtract(struct pc_gridder *g, struct pc_err *err)
{
    const struct pc_touch touch = {&g->geom, &g->kernel, &g->grid};
    (void)err;
    for (int k = 0; k < g->wterm.nterm; k++) {
        model_term(g, k);
        for (struct chunk *c = g->first; c != NULL; c = c->next) {
            struct pc_samples s = {c->n, c->u, c->v, c->w, g->re, g->im, NULL};
            pc_touch_collect(&touch, &s);
            for (int64_t i = 0; i < c->n; i++) {
                turn(-k, c->weight[i] * pc_wterm_sample(&g->wterm, k, c->w[i]), &g->re[i], &g->im[i]);
                c->re[i] -= g->re[i];
                c->im[i] -= g->im[i];
            }
        }
    }
    return 0;
}

/* One term for a slice of the samples: added to re,im. */
static void predict_slice(struct pc_gridder *g, int k, const struct pc_samples *s)
{
    const struct pc_touch touch = {&g->geom, &g->kernel, &g->grid};
    struct pc_samples slice = {s->n, s->u, s->v, s->w, g->re, g->im, NULL};
    pc_touch_collect(&touch, &slice);
    for (int64_t i = 0; i < s->n; i++) {
        if (!holds(g, s, i))
            continue;
        turn(-k, pc_wterm_sample(&g->wterm, k, s->w[i]), &g->re[i], &g->im[i]);
        s->re[i] += g->re[i];
        s->im[i] += g->im[i];
    }
}

static int gridder_predict(struct pc_gridder *g, struct pc_samples *s, struct pc_err *err)
{
    if (g->model == NULL)
        return pc_err_set(err, PC_EX_BUG, "prediction was asked for before a model was given");
    memset(s->re, 0, (size_t)s->n * sizeof *s->re);
    memset(s->im, 0, (size_t)s->n * sizeof *s->im);
    for (int k = 0; k < g->wterm.nterm; k++) {
        model_term(g, k);
        for (int64_t at = 0; at < s->n; at += CHUNK) {
            const struct pc_samples slice = {s->n - at < CHUNK ? s->n - at : CHUNK,
                                             s->u + at,
                                             s->v + at,
                                             s->w + at,
                                             s->re + at,
                                             s->im + at,
                                             NULL};
            predict_slice(g, k, &slice);
        }
    }
    for (int64_t i = 0; i < s->n; i++) {
        float cosine = 1, sine = 0, re = s->re[i], im = s->im[i];
        if (holds(g, s, i))
            pc_wterm_centre(&g->wterm, s->w[i], &cosine, &sine);
        s->re[i] = re * cosine + im * sine;
        s->im[i] = im * cosine - re * sine;
    }
    return 0;
}

const struct pc_gridder_ops pc_gridder_w = {
    .name = "w",
    .best_accuracy = PC_KERNEL_BEST_ACCURACY,
    .mem_byte = mem_byte,
    .image_mem_byte = mem_byte,
    .new = gridder_new,
    .clear = gridder_clear,
    .add = gridder_add,
    .image = gridder_image,
    .model = gridder_model,
    .subtract = gridder_subtract,
    .predict = gridder_predict,
    .free = gridder_free,
};
