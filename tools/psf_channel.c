/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_channel.h"

#include "base/mem.h"
#include "grid/wterm.h"
#include "io/image_file.h"
#include "io/order.h"
#include "tools/psf_density.h"
#include "tools/psf_plane.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t npix_of(const struct psf_conf *conf)
{
    return (int64_t)conf->geom.nx * conf->geom.ny;
}

void *psf_channel_plane(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err)
{
    if (c->plane == NULL)
        c->plane = pc_mem_new(npix_of(conf), conf->wide ? sizeof(double) : sizeof(float), "psf.fits", err);
    return c->plane;
}

int psf_channel_init(struct psf_channel *c, const struct psf_conf *conf, int64_t mem_byte, struct pc_err *err)
{
    const struct pc_weight_conf weight = {.scheme = conf->weighting, .npixels = conf->npixels};
    const struct pc_gridder_conf gridder = psf_plane_gridder(conf);
    const int64_t grid = pc_gridder_mem_byte(&gridder),
                  density = pc_density_mem_byte(&conf->geom, &weight, 0);
    *c = (struct psf_channel){0};
    if (pc_mem_check(grid > density ? grid : density, "an image of this --imsize", err) != 0)
        return -1;
    if (pc_pb_array_new(&c->pb, err) == 0 && pc_visstore_new(&c->vis, mem_byte, getenv("TMPDIR"), err) == 0)
        return 0;
    psf_channel_fini(c);
    return -1;
}

void psf_channel_fini(struct psf_channel *c)
{
    if (c->vis != NULL)
        pc_visstore_free(c->vis);
    pc_pb_array_free(c->pb);
    pc_imhead_fini(&c->psf);
    pc_mem_free(c->plane);
    memset(c, 0, sizeof *c);
}

void psf_channel_begin(struct psf_channel *c, const char *name)
{
    c->name = name;
    pc_visstore_clear(c->vis);
    pc_imhead_fini(&c->psf);
    c->count = (struct pc_weight_count){0};
    c->sumwt = c->sidelobe = c->wphase_rad = 0;
    c->reach = (struct pc_reach){0};
    c->wspread = (struct pc_wspread){0};
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
        pc_wspread_add(&c->wspread, b);
    }
    c->sumwt = mix.hands_sum * c->count.sumweight;
    bad = 0;
out:
    pc_density_free(d);
    return bad;
}

/* With the w-term if it is asked for, or if the accuracy needs it. */
static void choose_wterm(struct psf_channel *c, const struct psf_conf *conf)
{
    c->wphase_rad = pc_geom_wphase_rad(&conf->geom, c->reach.w);
    c->wfull = conf->wterm == PSF_WTERM_FULL ||
               (conf->wterm == PSF_WTERM_AUTO && pc_wterm_needed(&conf->geom, c->reach.w, conf->accuracy));
    c->wterms = c->wfull ? pc_wterm_count(&conf->geom, c->reach.w, conf->accuracy, &c->wspread) : 1;
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
    struct pc_imhead *h = &c->psf;
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
        weigh(c, conf, cube, err) != 0 || choose_pb(c, conf, err) != 0)
        return -1;
    choose_wterm(c, conf);
    return 0;
}
