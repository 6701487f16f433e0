/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_channel.h"

#include "base/mem.h"
#include "clean/state.h"
#include "grid/wterm.h"
#include "image/pb_image.h"
#include "image/stats.h"
#include "io/image_file.h"
#include "io/order.h"
#include "tools/psf_density.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t npix_of(const struct psf_conf *conf)
{
    return (int64_t)conf->geom.nx * conf->geom.ny;
}

/* One plane is gridded: the others are the same, their samples have the same weights. */
static struct pc_gridder_conf gridder_conf(const struct psf_conf *conf)
{
    return (struct pc_gridder_conf){
        .geom = conf->geom, .accuracy = conf->accuracy, .wide = conf->wide, .nthread = conf->nthread};
}

static int make_pix(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    if (c->psf.pix == NULL)
        c->psf.pix = pc_mem_new(npix_of(conf), sizeof(float), "psf.fits", err);
    return c->psf.pix == NULL ? -1 : 0;
}

int psf_channel_init(struct psf_channel *c, const struct psf_conf *conf, int64_t mem_byte, struct pc_err *err)
{
    const struct pc_weight_conf weight = {.scheme = conf->weighting, .npixels = conf->npixels};
    const struct pc_gridder_conf gridder = gridder_conf(conf);
    const int64_t grid = pc_gridder_mem_byte(&gridder),
                  density = pc_density_mem_byte(&conf->geom, &weight, 0);
    const int64_t plane = (conf->wide ? 8 : 4) * npix_of(conf);
    int64_t need;
    *c = (struct psf_channel){0};
    if (__builtin_add_overflow(grid > density ? grid : density, plane, &need))
        need = INT64_MAX;
    if (pc_mem_check(need, "an image of this --imsize", err) != 0)
        return -1;
    if (conf->wide)
        c->wide = pc_mem_new(npix_of(conf), sizeof(double), "psf.fits", err);
    if ((conf->wide ? c->wide == NULL : make_pix(c, conf, err) != 0) || pc_pb_array_new(&c->pb, err) != 0 ||
        pc_visstore_new(&c->vis, mem_byte, getenv("TMPDIR"), err) != 0) {
        psf_channel_fini(c);
        return -1;
    }
    return 0;
}

void psf_channel_fini(struct psf_channel *c)
{
    if (c->vis != NULL)
        pc_visstore_free(c->vis);
    pc_pb_array_free(c->pb);
    pc_image_fini(&c->psf);
    pc_mem_free(c->wide);
    memset(c, 0, sizeof *c);
}

void psf_channel_begin(struct psf_channel *c, const char *name)
{
    c->name = name;
    pc_visstore_clear(c->vis);
    pc_imhead_fini(&c->psf.head);
    c->count = (struct pc_weight_count){0};
    c->sumwt = c->sidelobe = c->wphase_rad = 0;
    c->reach = (struct pc_reach){0};
    c->wfull = false;
    c->dishes[0] = '\0';
    c->model = (struct pc_startmodel_tally){0};
    pc_pb_array_begin(c->pb);
}

int psf_channel_member(struct psf_channel *c, struct pc_pass *pass, const struct pc_member *m,
                       struct pc_err *err)
{
    const char *rest;
    const int i = pc_order_block(m->name, &rest);
    if (i >= 0 && i < pc_visstore_count(c->vis) && strcmp(rest, "row.fits") == 0 &&
        !pc_dishes_differ(pc_visstore_info(c->vis, i)))
        return 0;
    return pc_visstore_member(c->vis, pass, m, false, err);
}

static int block_count_check(const struct psf_channel *c, struct pc_err *err)
{
    if (pc_visstore_count(c->vis) > 0)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "no visibilities (vis00000/...): pc-select makes them");
}

/* Imaging weights of all blocks, into the store. */
static int weigh(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *cube,
                 struct pc_err *err)
{
    struct pc_density *d = NULL;
    struct pc_visblock *b;
    struct pc_mix mix;
    struct pc_weight_conf weight;
    int bad = -1;
    if (pc_visstore_block(c->vis, 0, &b, err) != 0 || pc_mix_find(&mix, &conf->planes, &b->info, err) != 0 ||
        psf_density_conf(conf, cube, mix.hands_sum, &weight, err) != 0 ||
        pc_density_new(&d, &conf->geom, &weight, err) != 0)
        return -1;
    if (conf->density != NULL && psf_density_read(d, conf->density, err) != 0)
        goto out;
    for (int i = 0; conf->density == NULL && i < pc_visstore_count(c->vis); i++)
        if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_density_add(d, b, err) != 0)
            goto out;
    for (int i = 0; i < pc_visstore_count(c->vis); i++) {
        if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_density_weigh(d, b, &c->count, err) != 0 ||
            pc_visstore_keep_imweight(c->vis, i, err) != 0)
            goto out;
        pc_vis_reach(b, false, &c->reach);
    }
    c->sumwt = mix.hands_sum * c->count.sumweight;
    bad = 0;
out:
    pc_density_free(d);
    return bad;
}

/* All blocks, as often as the imager wants them. */
static int walk(struct psf_channel *c, struct pc_imager *im, void *image, struct pc_tally *tally,
                struct pc_err *err)
{
    struct pc_visblock *b;
    for (int pass = 0; pass < pc_imager_npass(im); pass++) {
        pc_imager_begin(im, pass);
        for (int i = 0; i < pc_visstore_count(c->vis); i++)
            if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_imager_add(im, b, err) != 0)
                return -1;
        pc_imager_end(im, &image, tally);
    }
    return 0;
}

/* Peak 1, by CASA's rule: divided by the largest value if that is above 1e-7. */
static void normalise(struct psf_channel *c, int64_t n, double max)
{
    const double by = max > 1e-7 ? max : 1;
    const float by_f32 = (float)by;
    for (int64_t i = 0; c->wide == NULL && i < n; i++)
        c->psf.pix[i] /= by_f32;
    for (int64_t i = 0; c->wide != NULL && i < n; i++)
        c->wide[i] /= by;
}

/* A psf of double precision has a twin of single, for as long as it is looked at: not while the uv plane
 * takes its memory. */
static int make_twin(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    if (make_pix(c, conf, err) != 0)
        return -1;
    for (int64_t i = 0; c->wide != NULL && i < npix_of(conf); i++)
        c->psf.pix[i] = (float)c->wide[i];
    return 0;
}

static void drop_twin(struct psf_channel *c)
{
    if (c->wide == NULL)
        return;
    pc_mem_free(c->psf.pix);
    c->psf.pix = NULL;
}

/* The psf of one plane, with the w-term if it is asked for, or if the accuracy needs it. */
static int grid(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    struct pc_imager_conf want = {.gridder = gridder_conf(conf), .planes = conf->planes, .psf = true};
    struct pc_imager *im = NULL;
    struct pc_tally tally;
    want.gridder.nsample = pc_visstore_nsample(c->vis);
    want.gridder.max_w = c->reach.w;
    c->wphase_rad = pc_geom_wphase_rad(&conf->geom, c->reach.w);
    c->wfull = conf->wterm == PSF_WTERM_FULL ||
               (conf->wterm == PSF_WTERM_AUTO && pc_wterm_needed(&conf->geom, c->reach.w, conf->accuracy));
    want.gridder.wterm = c->wfull;
    if (!(c->sumwt > 0))
        return 0;
    int bad = pc_imager_new(&im, &want, err) ||
              walk(c, im, c->wide != NULL ? (void *)c->wide : (void *)c->psf.pix, &tally, err);
    pc_imager_free(im);
    if (!bad)
        normalise(c, npix_of(conf), tally.max);
    return bad ? -1 : 0;
}

static void fill(float *pix, int64_t n, float value)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = value;
}

static int fit(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    struct pc_imhead *h = &c->psf.head;
    struct pc_err why = {0};
    if (pc_beam_fit(c->psf.pix, h->nx, h->ny, h->cell_rad, conf->psfcutoff, &h->beam[0], &why) != 0) {
        pc_log_warn(conf->log, "%s: no clean beam: %s", c->name, why.msg);
        h->beam[0] = (struct pc_beam){0};
        return 0;
    }
    c->sidelobe = pc_beam_sidelobe(c->psf.pix, h->nx, h->ny, h->cell_rad, &h->beam[0]);
    return pc_record_set_double(&h->extra, "SIDELOBE", c->sidelobe, err);
}

/* Where dishes looked, and which; by weight where that counts. */
static int choose_pb(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    const int n = pc_visstore_count(c->vis);
    /* the beam of a telescope that is not known matters only where none is given */
    struct pc_log *log = conf->pb == NULL ? conf->log : NULL;
    for (int i = 0; i < n; i++)
        if (pc_pb_array_see(c->pb, pc_visstore_info(c->vis, i), log, err) != 0)
            return -1;
    if (conf->pb != NULL)
        return 0; /* only the place counts */
    for (int i = 0; pc_pb_array_needs_weights(c->pb) && i < n; i++) {
        struct pc_visblock *b;
        if (pc_visstore_block(c->vis, i, &b, err) != 0 || pc_pb_array_weigh(c->pb, b, err) != 0)
            return -1;
    }
    strcpy(c->dishes, " dishes=");
    if (!pc_pb_array_shares(c->pb, c->dishes + strlen(c->dishes), sizeof c->dishes - strlen(c->dishes)))
        c->dishes[0] = '\0';
    return 0;
}

/* The header of psf.fits, from the first block and 00plane. */
static int make_head(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *plane,
                     struct pc_err *err)
{
    struct pc_imhead *h = &c->psf.head;
    struct pc_visblock *b;
    if (pc_visstore_block(c->vis, 0, &b, err) != 0)
        return -1;
    pc_visinfo_imhead(&b->info, conf->geom.nx, conf->geom.ny, conf->geom.cell_rad, conf->planes.code[0], h);
    h->npol = conf->planes.n;
    memcpy(h->stokes, conf->planes.code, sizeof h->stokes);
    pc_text_add_bytes(&h->history, b->history.s, b->history.len);
    if (pc_text_ok(&h->history, err) != 0 || pc_imhead_history(h, conf->program, conf->history, err) != 0 ||
        pc_record_double(plane, "freq_hz", &h->freq_hz, err) != 0 ||
        pc_record_double(plane, "width_hz", &h->width_hz, err) != 0)
        return -1;
    if (pc_record_has(plane, "restfreq_hz"))
        return pc_record_double(plane, "restfreq_hz", &h->restfreq_hz, err);
    return 0;
}

int psf_channel_make(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *cube,
                     const struct pc_record *plane, struct pc_err *err)
{
    if (block_count_check(c, err) != 0 || make_head(c, conf, plane, err) != 0 ||
        weigh(c, conf, cube, err) != 0 || choose_pb(c, conf, err) != 0 || grid(c, conf, err) != 0)
        return -1;
    for (int64_t i = 0; !(c->sumwt > 0) && i < npix_of(conf); i++) {
        if (c->wide != NULL)
            c->wide[i] = NAN;
        else
            c->psf.pix[i] = NAN;
    }
    if (make_twin(c, conf, err) != 0 || (c->sumwt > 0 && fit(c, conf, err) != 0))
        return -1;
    for (int p = 1; p < conf->planes.n; p++)
        c->psf.head.beam[p] = c->psf.head.beam[0];
    return 0;
}

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

/* From the user's image; scaled by frequency when there is one place to scale it about. */
static int given_pb(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *plane,
                    struct pc_image *pb, struct pc_err *err)
{
    struct pc_image im = {0};
    double centre_rad[2];
    long long index;
    bool one = pc_pb_array_pointing(c->pb, centre_rad);
    if (pc_record_int(plane, "index", &index, err) != 0)
        return -1;
    const struct pc_image_want want = {
        .freq_hz = pb->head.freq_hz, .index = (int)index, .tmpdir = getenv("TMPDIR")};
    int bad = pc_image_file_load(conf->pb, &want, &im, NULL, err) ||
              pc_pb_resample(&im, conf->pb, &pb->head, one ? centre_rad : NULL, conf->pblimit, pb->pix, err);
    pc_image_fini(&im);
    return bad ? -1 : 0;
}

/* The psf's buffer becomes the primary beam: the psf has been written by then. */
static int put_pb(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                  const struct pc_record *plane, struct pc_err *err)
{
    struct pc_image pb = {.pix = c->psf.pix};
    if (pc_imhead_copy(&pb.head, &c->psf.head, err) != 0)
        return -1;
    pc_record_remove(&pb.head.extra, "SIDELOBE");
    int bad = pc_record_set_double(&pb.head.extra, "PBLIMIT", conf->pblimit, err);
    if (!bad && c->sumwt > 0 && conf->pb != NULL)
        bad = given_pb(c, conf, plane, &pb, err);
    else if (!bad && c->sumwt > 0)
        bad = pc_pb_array_fill(c->pb, &pb.head, pb.head.freq_hz, conf->pblimit, pb.pix, err);
    else
        fill(pb.pix, npix_of(conf), NAN);
    bad = bad || pc_pass_put_alike(pass, "pb.fits", &pb, err);
    pc_imhead_fini(&pb.head);
    return bad ? -1 : 0;
}

static int put_sumwt(struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    float value[PC_MAX_POL];
    struct pc_image im = {.pix = value};
    for (int p = 0; p < PC_MAX_POL; p++)
        value[p] = (float)c->sumwt;
    if (pc_imhead_copy(&im.head, &c->psf.head, err) != 0)
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
    if (pc_record_int(plane, "index", &index, err) != 0 || pc_imhead_copy(h, &c->psf.head, err) != 0)
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

static int put_psf(struct psf_channel *c, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_image psf = c->psf; /* the same header */
    psf.wide = c->wide;
    if (c->wide != NULL)
        psf.pix = NULL;
    return pc_pass_put_alike(pass, "psf.fits", &psf, err);
}

int psf_channel_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                    const struct pc_record *plane, struct pc_err *err)
{
    if (put_plane_record(c, conf, pass, plane, err) != 0 || put_weights(c, pass, err) != 0 ||
        put_psf(c, pass, err) != 0 || put_pb(c, conf, pass, plane, err) != 0 ||
        put_sumwt(c, pass, err) != 0 || put_state(c, pass, err) != 0 ||
        put_model(c, conf, pass, plane, err) != 0)
        return -1;
    drop_twin(c);
    return drop_earlier_life(c, pass, err);
}
