/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_look.h"

#include "image/pb_dishes.h"
#include "io/bundle.h"
#include "io/fits.h"
#include "io/order.h"
#include "io/vis_header.h"

#include <math.h>
#include <string.h>

static const struct pc_use uses[] = {{"vis*/uvw.fits", PC_TAKE},      {"vis*/freq.fits", PC_TAKE},
                                     {"vis*/vis.fits", PC_TAKE},      {"vis*/weight.fits", PC_TAKE},
                                     {"vis*/imweight.fits", PC_TAKE}, {"vis*/row.fits", PC_TAKE},
                                     {"psf.fits", PC_TAKE},           {NULL, 0}};

/* A block of visibilities is complete: what programs hold of it. imweight.fits counts before it is there. */
static void count_block(struct memest_vis *vis, const struct pc_visblock *b)
{
    struct memest_vis block;
    memest_vis_of(&block, b->nrow, b->nrow * b->nchan, b->ncorr, pc_dishes_differ(&b->info));
    if (b->freq_per_row)
        block.psf_byte += 8 * block.nsample, block.grid_byte += 8 * block.nsample;
    vis->nsample += block.nsample;
    vis->psf_byte += block.psf_byte;
    vis->grid_byte += block.grid_byte;
    vis->block_byte = block.grid_byte > vis->block_byte ? block.grid_byte : vis->block_byte;
}

/* A channel on its way through. */
struct seen {
    struct memest_vis vis;
    struct pc_visblock block; /* headers of the block that is being read */
    int iblock;               /* -1: none */
    struct pc_imhead psf;     /* nx 0: there is none */
};

static void end_block(struct seen *s, struct memest_in *in)
{
    struct pc_mix mix;
    if (s->iblock >= 0) {
        count_block(&s->vis, &s->block);
        if (in->mismatch.code == 0 && pc_mix_find(&mix, &in->planes, &s->block.info, &in->mismatch) == 0)
            in->mismatch.code = 0;
    }
    pc_visblock_fini(&s->block);
    s->iblock = -1;
}

static int see_member(struct seen *s, struct memest_in *in, struct pc_pass *pass, const struct pc_member *m,
                      struct pc_err *err)
{
    const char *rest;
    const int i = pc_order_block(m->name, &rest);
    struct pc_fits_shape shape;
    struct pc_text header = {0};
    if (i < 0)
        return pc_pass_imhead(pass, &s->psf, err);
    if (i != s->iblock)
        end_block(s, in);
    s->iblock = i;
    s->vis.bundle_byte += m->size;
    int bad =
        pc_fits_read_header(pc_pass_reader(pass), &shape, &header, err) ||
        pc_vis_header_parse((enum pc_vis_which)pc_vis_which(rest), &shape, &header, m->name, &s->block, err);
    pc_text_free(&header);
    return bad ? -1 : 0;
}

/* A number of 00plane, which may lack it. */
static int see_number(const struct pc_record *plane, const char *key, double *value, struct pc_err *err)
{
    return pc_record_has(plane, key) ? pc_record_double(plane, key, value, err) : 0;
}

/* How pc-psf gridded. */
static int see_plane(const struct pc_record *plane, struct memest_in *in, struct pc_err *err)
{
    const char *precision = pc_record_get(plane, "precision"), *scheme = pc_record_get(plane, "weighting");
    double npixels = 0, wterms = 2;
    in->wide = precision != NULL && strcmp(precision, "double") == 0;
    for (int w = PC_WEIGHT_NATURAL; scheme != NULL && w <= PC_WEIGHT_BRIGGSBWTAPER; w++)
        if (strcmp(scheme, pc_weighting_name((enum pc_weighting)w)) == 0)
            in->weighting = (enum pc_weighting)w;
    if (see_number(plane, "accuracy", &in->accuracy, err) != 0 ||
        see_number(plane, "npixels", &npixels, err) != 0 || see_number(plane, "wterms", &wterms, err) != 0)
        return -1;
    in->wterm = wterms > 1;
    in->npixels = npixels > 0 && npixels < 1e6 ? (int)npixels : 0;
    return 0;
}

/* How far samples reach. A channel that does not say it may reach anywhere. */
static int see_reach(const struct pc_record *plane, struct memest_in *in, bool *known, struct pc_err *err)
{
    double u = 0, v = 0;
    *known = *known && pc_record_has(plane, "umax_lambda") && pc_record_has(plane, "vmax_lambda");
    if (see_number(plane, "umax_lambda", &u, err) != 0 || see_number(plane, "vmax_lambda", &v, err) != 0)
        return -1;
    in->max_u = fmax(in->max_u, u);
    in->max_v = fmax(in->max_v, v);
    return 0;
}

static int see_channel(struct pc_pass *pass, const struct pc_chan *chan, struct memest_in *in, bool *known,
                       struct pc_err *err)
{
    struct seen s = {.iblock = -1};
    struct pc_member m;
    int bad = 0, more;
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || see_member(&s, in, pass, &m, err);
    end_block(&s, in);
    in->nchan++;
    if (s.vis.bundle_byte > in->vis.bundle_byte)
        in->vis = s.vis;
    if (!bad && s.psf.nx > 0 && in->nx == 0) {
        in->nx = s.psf.nx, in->ny = s.psf.ny, in->npol = s.psf.npol;
        memcpy(in->cell_rad, s.psf.cell_rad, sizeof in->cell_rad);
        bad = see_plane(&chan->plane, in, err);
    }
    bad = bad || see_reach(&chan->plane, in, known, err);
    pc_imhead_fini(&s.psf);
    return bad ? -1 : 0;
}

int memest_look(const char *src, struct memest_in *in, struct pc_err *err)
{
    struct pc_pass_conf conf = {.src = src, .uses = uses, .read_only = true, .accept_uncommitted = true};
    struct pc_pass *pass;
    struct pc_chan chan;
    bool known = true;
    int more;
    if (pc_pass_open(&pass, &conf, err) != 0)
        return -1;
    in->nchan = 0;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        if (see_channel(pass, &chan, in, &known, err) != 0) {
            more = -1;
            break;
        }
    if (!known)
        in->max_u = in->max_v = 0;
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return -1;
}
