/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/grid_channel.h"

#include "base/mem.h"
#include "grid/kernel.h"
#include "grid/predict.h"
#include "image/stats.h"
#include "io/fits.h"
#include "io/later.h"
#include "tools/grid_residual.h"

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

/* A block of the model: blocks that lie in a hole of its file never come, and take no memory. */
static int take_model(void *ctx, int64_t first, const float *pix, int64_t n, struct pc_err *err)
{
    struct grid_channel *c = ctx;
    (void)err;
    if (c->model_bad < 0 && !pc_stats_all_finite(pix, n))
        for (c->model_bad = first; isfinite(pix[c->model_bad - first]); c->model_bad++)
            ;
    c->model_datasum = pc_datasum_f32(c->model_datasum, pix, n);
    if (first + n <= pc_imhead_npix(&c->psf)) /* else it is refused by its size */
        memcpy(c->model.pix + first, pix, (size_t)n * sizeof *pix);
    return 0;
}

static int read_model(struct grid_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    c->model.pix = pc_mem_new0(pc_imhead_npix(&c->psf), sizeof *c->model.pix, "model.fits", err);
    c->model_bad = -1;
    c->model_datasum = 0;
    if (c->model.pix == NULL)
        return -1;
    struct pc_later member = {0};
    int rc = pc_pass_blocks(pass, &member, take_model, c, err);
    c->model.head = member.image.head;
    member.image.head = (struct pc_imhead){0};
    pc_later_fini(&member);
    return rc;
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
        return read_model(c, pass, err);
    if (strcmp(m->name, "state") == 0)
        return take_state(c, pass, err);
    c->has_residual = true; /* that it is there is enough */
    return 0;
}

static int check_model(struct grid_channel *c, struct pc_err *err)
{
    const int64_t i = c->model_bad;
    strcpy(c->model_sum, "0");
    if (c->model.head.nx == 0)
        return 0;
    if (pc_imhead_same_grid(&c->model.head, "model.fits", &c->psf, "psf.fits", err) != 0)
        return -1;
    if (i >= 0)
        return pc_err_set(err, PC_EX_DATA, "model.fits: pixel (%lld, %lld), counted from 1, is %g",
                          (long long)(i % c->psf.nx + 1), (long long)(i / c->psf.nx % c->psf.ny + 1),
                          (double)c->model.pix[i]);
    snprintf(c->model_sum, sizeof c->model_sum, "%" PRIu32, c->model_datasum);
    return 0;
}

int grid_channel_check(struct grid_channel *c, struct pc_err *err)
{
    if (c->psf.nx == 0 || c->sumwt.pix == NULL || !c->has_state)
        return pc_err_set(err, PC_EX_DATA, "no %s: pc-psf makes it",
                          c->psf.nx == 0         ? "psf.fits"
                          : c->sumwt.pix == NULL ? "sumwt.fits"
                                                 : "state");
    for (int p = 0; p < c->psf.npol; p++)
        if (c->sumwt.head.npol != c->psf.npol || (c->sumwt.pix[p] > 0) != (c->sumwt.pix[0] > 0))
            return pc_err_set(err, PC_EX_DATA, "sumwt.fits does not belong to psf.fits of %d Stokes planes",
                              c->psf.npol);
    return check_model(c, err);
}

/* Where prediction wants to know how far samples reach. All samples: none may be worse than the others. */
static int find_reach(struct grid_channel *c, bool all, struct pc_gridder_conf *g, struct pc_err *err)
{
    struct pc_reach reach = {.w = g->max_w};
    struct pc_visblock *b;
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        if (pc_visstore_block(c->vis, i, &b, err) != 0)
            return -1;
        pc_vis_reach(b, all, &reach);
    }
    g->max_u = reach.u;
    g->max_w = reach.w;
    g->nterm = all ? 0 : g->nterm;
    return 0;
}

/* What 00plane says under that key, one of two words: whether it is the second. */
static int either(const struct pc_record *plane, const char *key, const char *no, const char *yes, bool *is,
                  struct pc_err *err)
{
    const char *value = pc_record_get(plane, key);
    if (value == NULL)
        return pc_err_set(err, PC_EX_DATA, "00plane says nothing of %s: pc-psf completes it", key);
    *is = strcmp(value, yes) == 0;
    if (*is || strcmp(value, no) == 0)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "00plane has %s=%s, it is %s or %s", key, value, no, yes);
}

/* What 00plane says under that key, a number between two bounds. */
static int between(const struct pc_record *plane, const char *key, double lo, double hi, double *value,
                   struct pc_err *err)
{
    if (pc_record_get(plane, key) == NULL)
        return pc_err_set(err, PC_EX_DATA, "00plane says nothing of %s: pc-psf completes it", key);
    if (pc_record_double(plane, key, value, err) != 0)
        return pc_err_prefix(err, "00plane");
    if (*value >= lo && *value <= hi)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "00plane has %s=%g, it is %g to %g", key, *value, lo, hi);
}

/* The planes of 00plane, which psf.fits has too. */
static int stokes_planes(const struct grid_channel *c, const struct pc_record *plane,
                         struct pc_planes *planes, struct pc_err *err)
{
    const char *stokes = pc_record_get(plane, "stokes");
    if (stokes == NULL)
        return pc_err_set(err, PC_EX_DATA, "00plane says nothing of stokes: pc-psf completes it");
    if (pc_stokes_planes(stokes, planes, err) != 0) {
        err->code = PC_EX_DATA; /* no user typed it */
        return pc_err_prefix(err, "00plane");
    }
    if (planes->n == c->psf.npol && memcmp(planes->code, c->psf.stokes, (size_t)planes->n * sizeof(int)) == 0)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "00plane has stokes=%s, psf.fits has other planes (%d, %d wanted)",
                      stokes, c->psf.npol, planes->n);
}

/* How pc-psf gridded: the residual is gridded alike. */
static int gridding(struct grid_channel *c, const struct grid_conf *conf, const struct pc_record *plane,
                    struct pc_gridder_conf *g, struct pc_planes *planes, struct pc_err *err)
{
    double nterm = 0;
    *g = (struct pc_gridder_conf){.geom = {c->psf.nx, c->psf.ny, {c->psf.cell_rad[0], c->psf.cell_rad[1]}},
                                  .nsample = pc_visstore_nsample(c->vis),
                                  .nthread = conf->nthread};
    if (either(plane, "wterm", "none", "full", &g->wterm, err) != 0 ||
        either(plane, "precision", "single", "double", &g->wide, err) != 0 ||
        between(plane, "accuracy", pc_kernel_finest(g->wide), 1e-2, &g->accuracy, err) != 0 ||
        (g->wterm && between(plane, "wmax_lambda", 0, 1e30, &g->max_w, err) != 0) ||
        (g->wterm && between(plane, "wterms", 1, 1e5, &nterm, err) != 0))
        return -1;
    g->nterm = (int)nterm;
    return stokes_planes(c, plane, planes, err);
}

/* Adds factor times the visibilities of the model to those of the store: for a residual only to those that
 * are imaged. */
static int add_model(struct grid_channel *c, const struct pc_gridder_conf *g, const struct pc_planes *planes,
                     double factor, bool imaged, struct pc_err *err)
{
    struct pc_predict_conf want = {.gridder = *g, .planes = *planes, .imaged = imaged, .model = c->model.pix};
    struct pc_predictor *p = NULL;
    struct pc_visblock *b;
    int bad = find_reach(c, !imaged, &want.gridder, err) || pc_predictor_new(&p, &want, err);
    for (int pass = 0; !bad && pass < pc_predictor_npass(p); pass++) {
        pc_predictor_begin(p, pass);
        for (int i = 0; !bad && i < pc_visstore_count(c->vis); i++)
            bad = pc_visstore_block(c->vis, i, &b, err) || pc_predictor_add(p, b, factor, b->vis_jy, err) ||
                  pc_visstore_keep_vis(c->vis, i, err);
    }
    if (!bad)
        c->direct = pc_predictor_direct(p);
    pc_predictor_free(p);
    return bad ? -1 : 0;
}

static bool has_model(const struct grid_channel *c)
{
    return strcmp(c->model_sum, "0") != 0;
}

static int make_head(struct grid_channel *c, const struct grid_conf *conf, struct pc_err *err)
{
    struct pc_imhead *h = &c->residual.head;
    if (pc_imhead_copy(h, &c->psf, err) != 0)
        return -1;
    pc_record_remove(&h->extra, "SIDELOBE");
    snprintf(h->bunit, sizeof h->bunit, "Jy/beam");
    snprintf(h->btype, sizeof h->btype, "Intensity");
    if (c->model.head.nx != 0 && pc_imhead_history_merge(h, &c->model.head, err) != 0)
        return -1;
    return pc_imhead_history(h, conf->program, conf->history, err);
}

bool grid_channel_is_done(const struct grid_channel *c)
{
    return c->has_residual && strcmp(c->state.residual_model, c->model_sum) == 0;
}

static int put_state(struct grid_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_record r = {0};
    int bad = pc_state_format(&c->state, &r, err) || pc_pass_put_record(pass, "state", &r, err);
    pc_record_free(&r);
    return bad ? -1 : 0;
}

int grid_channel_restart(struct grid_channel *c, const struct grid_conf *conf, struct pc_pass *pass,
                         struct pc_err *err)
{
    static const char *const old[] = {"masknext.fits", "modelbest.fits", "image.fits", "image.pbcor.fits"};
    const bool done = grid_channel_is_done(c);
    struct pc_state s;
    if (!(c->sumwt.pix[0] > 0))
        return 0;
    if (!done && !conf->calcres)
        return pc_err_set(err, PC_EX_DATA, "%s; --calcres=true makes it",
                          !c->has_residual
                              ? "there is no residual.fits to be kept"
                              : "residual.fits does not belong to model.fits and cannot be kept");
    pc_state_init(&s);
    memcpy(s.residual_model, done ? c->model_sum : "", done ? sizeof s.residual_model : 1);
    s.nmajor = done; /* the first residual counts, made or kept */
    s.other = c->state.other;
    c->state.other = (struct pc_record){0};
    pc_state_fini(&c->state);
    c->state = s;
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (pc_pass_drop(pass, old[i], err) != 0)
            return -1;
    return done ? put_state(c, pass, err) : 0;
}

int grid_channel_make(struct grid_channel *c, const struct grid_conf *conf, const struct pc_record *plane,
                      struct pc_pass *pass, struct pc_err *err)
{
    const bool data = c->sumwt.pix[0] > 0;
    struct pc_gridder_conf g;
    struct pc_planes planes;
    if (gridding(c, conf, plane, &g, &planes, err) != 0 || make_head(c, conf, err) != 0 ||
        (data && has_model(c) && add_model(c, &g, &planes, -1, true, err) != 0))
        return -1;
    c->state.nmajor++;
    memcpy(c->state.residual_model, c->model_sum, sizeof c->model_sum);
    if (put_state(c, pass, err) != 0)
        return -1;
    return grid_residual_put(c, &g, &planes, pass, err);
}

int grid_channel_predict(struct grid_channel *c, const struct grid_conf *conf, const struct pc_record *plane,
                         struct pc_err *err)
{
    struct pc_gridder_conf g;
    struct pc_planes planes;
    struct pc_visblock *b;
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        if (pc_visstore_block(c->vis, i, &b, err) != 0)
            return -1;
        memset(b->vis_jy, 0, (size_t)(b->nrow * b->nchan * b->ncorr) * 2 * sizeof *b->vis_jy);
        if (pc_visstore_keep_vis(c->vis, i, err) != 0)
            return -1;
    }
    if (gridding(c, conf, plane, &g, &planes, err) != 0)
        return -1;
    return has_model(c) ? add_model(c, &g, &planes, 1, false, err) : 0;
}

int grid_channel_put_predicted(struct grid_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        struct pc_visblock *b;
        if (pc_visstore_block(c->vis, i, &b, err) != 0 ||
            pc_pass_put_model_vis(pass, i, b, b->vis_jy, err) != 0)
            return -1;
    }
    return 0;
}
