/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_look.h"

#include "image/pb_dishes.h"
#include "io/bundle.h"
#include "io/fits.h"
#include "io/order.h"
#include "io/vis_header.h"
#include "tools/memest_reach.h"

#include <math.h>
#include <string.h>

static const double LIGHT_MPS = 299792458;

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

/* What is known of all channels. */
struct looking {
    struct memest_in *in;
    struct memest_reach reach;
    bool known; /* how far the samples of each reach */
};

/* A channel on its way through. */
struct seen {
    struct memest_vis vis;
    double most_m[3];         /* how far its baselines reach */
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

static int see_member(struct seen *s, struct looking *l, struct pc_pass *pass, const struct pc_member *m,
                      struct pc_err *err)
{
    const char *rest;
    const int i = pc_order_block(m->name, &rest);
    struct pc_fits_shape shape;
    struct pc_text header = {0};
    if (i < 0)
        return pc_pass_imhead(pass, &s->psf, err);
    if (i != s->iblock)
        end_block(s, l->in);
    s->iblock = i;
    s->vis.bundle_byte += m->size;
    const enum pc_vis_which which = (enum pc_vis_which)pc_vis_which(rest);
    int bad = pc_fits_read_header(pc_pass_reader(pass), &shape, &header, err) ||
              pc_vis_header_parse(which, &shape, &header, m->name, &s->block, err);
    pc_text_free(&header);
    if (!bad && which == PC_VIS_UVW)
        bad = memest_reach_raise(&l->reach, pass, shape.datasum, s->block.nrow, s->most_m, err);
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

/* How far samples reach: as pc-psf says, or else by the baselines and the upper edge of the channel. */
static int see_reach(const struct pc_record *plane, const struct seen *s, struct looking *l,
                     struct pc_err *err)
{
    static const char *const keys[] = {"umax_lambda", "vmax_lambda", "wmax_lambda"};
    double freq_hz = 0, width_hz = 0, most[3];
    if (see_number(plane, "freq_hz", &freq_hz, err) != 0 ||
        see_number(plane, "width_hz", &width_hz, err) != 0)
        return -1;
    for (int i = 0; i < 3; i++) {
        most[i] = s->most_m[i] * (freq_hz + fabs(width_hz)) / LIGHT_MPS;
        if (see_number(plane, keys[i], &most[i], err) != 0)
            return -1;
    }
    l->known = l->known && most[0] > 0 && most[1] > 0;
    l->in->max_u = fmax(l->in->max_u, most[0]);
    l->in->max_v = fmax(l->in->max_v, most[1]);
    l->in->max_w = fmax(l->in->max_w, most[2]);
    return 0;
}

static int see_channel(struct pc_pass *pass, const struct pc_chan *chan, struct looking *l,
                       struct pc_err *err)
{
    struct memest_in *in = l->in;
    struct seen s = {.iblock = -1};
    struct pc_member m;
    int bad = 0, more;
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || see_member(&s, l, pass, &m, err);
    end_block(&s, in);
    in->nchan++;
    if (s.vis.bundle_byte > in->vis.bundle_byte)
        in->vis = s.vis;
    if (!bad && s.psf.nx > 0 && in->nx == 0) {
        in->nx = s.psf.nx, in->ny = s.psf.ny, in->npol = s.psf.npol;
        memcpy(in->cell_rad, s.psf.cell_rad, sizeof in->cell_rad);
        bad = see_plane(&chan->plane, in, err);
    }
    bad = bad || see_reach(&chan->plane, &s, l, err);
    pc_imhead_fini(&s.psf);
    return bad ? -1 : 0;
}

int memest_look(const char *src, struct memest_in *in, struct pc_err *err)
{
    struct pc_pass_conf conf = {.src = src, .uses = uses, .read_only = true, .accept_uncommitted = true};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct looking l = {.in = in, .known = true};
    int more;
    if (pc_pass_open(&pass, &conf, err) != 0)
        return -1;
    in->nchan = 0;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        if (see_channel(pass, &chan, &l, err) != 0) {
            more = -1;
            break;
        }
    if (!l.known)
        in->max_u = in->max_v = 0;
    memest_reach_free(&l.reach);
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return -1;
}
