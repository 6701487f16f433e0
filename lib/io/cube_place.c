/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "base/mem.h"
#include "io/cubefile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is held while a channel's members go by: the primary beam, for what it blanks, and the plane at hand.
 */
struct work {
    struct pc_image im, pb;
    double pblimit; /* <= 0: nothing is blanked */
    struct pc_record planes;
    bool residual, model; /* have come */
    bool safe;            /* each plane is made safe on disk before the channel counts as placed */
};

/* Blank where the primary beam is not above its limit. A pb of fewer Stokes planes counts for all. */
static void blank(struct pc_image *im, const struct pc_image *pb, double limit)
{
    int64_t px = (int64_t)im->head.nx * im->head.ny;
    if (im->pix == NULL || pb->pix == NULL || limit <= 0)
        return;
    for (int p = 0; p < im->head.npol; p++) {
        const float *beam = pb->pix + px * (p < pb->head.npol ? p : 0);
        float *pix = im->pix + px * p;
        for (int64_t i = 0; i < px; i++) /* a choice, not a branch: it becomes vectors */
            pix[i] = (double)beam[i] > limit ? pix[i] : NAN;
    }
}

static int put(struct pc_cube *c, const struct pc_cube_product *product, int index, struct work *w,
               const struct pc_image *im, struct pc_record *done, struct pc_err *err)
{
    struct pc_cubefile f;
    uint32_t sum[PC_MAX_POL] = {0}, total = 0;
    if (pc_cubefile_open(&f, c->dir, product->name, c->count, im, err) != 0)
        return -1;
    int ret = pc_cubefile_put(&f, index - c->first, im, sum, err);
    if (ret == 0 && w->safe)
        ret = pc_cubefile_sync(&f, err);
    pc_cubefile_close(&f);
    if (ret != 0 || pc_cube_planes_add(&w->planes, product->name, im, sum, err) != 0)
        return -1;
    char key[64];
    for (int p = 0; p < im->head.npol; p++)
        total = pc_datasum_add(total, sum[p]);
    snprintf(key, sizeof key, "datasum_%s", product->name);
    return pc_record_setf(done, err, key, "%lu", (unsigned long)total);
}

static int keep_beam(const struct pc_beam *b, struct pc_record *done, struct pc_err *err)
{
    const double arcsec = M_PI / 180 / 3600;
    if (!(b->maj_rad > 0))
        return 0;
    return pc_record_setf(done, err, "beam_maj_arcsec", "%.9g", b->maj_rad / arcsec) ||
                   pc_record_setf(done, err, "beam_min_arcsec", "%.9g", b->min_rad / arcsec) ||
                   pc_record_setf(done, err, "beam_pa_deg", "%.9g", b->pa_rad * 180 / M_PI)
               ? -1
               : 0;
}

static const struct pc_cube_product *find(const struct pc_cube *c, const char *member)
{
    for (int i = 0; i < c->nproduct; i++) {
        size_t n = strlen(c->product[i]->name);
        if (strncmp(member, c->product[i]->name, n) == 0 && strcmp(member + n, ".fits") == 0)
            return c->product[i];
    }
    return NULL;
}

static int take_pb(struct pc_pass *pass, struct work *w, struct pc_err *err)
{
    if (pc_pass_image(pass, &w->pb, err) != 0)
        return -1;
    w->pblimit = 0;
    if (pc_record_has(&w->pb.head.extra, "PBLIMIT") &&
        pc_record_double(&w->pb.head.extra, "PBLIMIT", &w->pblimit, err) != 0)
        return -1;
    blank(&w->pb, &w->pb, w->pblimit);
    return 0;
}

static int check_blanking(const struct pc_image *im, const struct work *w, struct pc_err *err)
{
    if (w->pb.pix == NULL || w->pblimit <= 0)
        return 0;
    if (im->head.nx == w->pb.head.nx && im->head.ny == w->pb.head.ny)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "it is %d x %d pixels, pb.fits has %d x %d", im->head.nx, im->head.ny,
                      w->pb.head.nx, w->pb.head.ny);
}

static int take_member(struct pc_cube *c, struct pc_pass *pass, const struct pc_chan *chan, const char *name,
                       struct work *w, struct pc_record *done, struct pc_err *err)
{
    const struct pc_cube_product *product = find(c, name);
    bool is_pb = strcmp(name, "pb.fits") == 0;
    struct pc_image *im = is_pb ? &w->pb : &w->im;
    if (is_pb ? take_pb(pass, w, err) != 0 : product && pc_pass_image(pass, im, err) != 0)
        return -1;
    if (product == NULL)
        return 0;
    if (strcmp(name, "mask.fits") == 0 && pc_image_to_mask(im, err) != 0)
        return -1;
    w->residual |= strcmp(name, "residual.fits") == 0;
    w->model |= strcmp(name, "model.fits") == 0;
    if (product->blanked && !is_pb) {
        if (check_blanking(im, w, err) != 0)
            return -1;
        blank(im, &w->pb, w->pblimit);
    }
    if (product->has_beam && keep_beam(&im->head.beam[0], done, err) != 0)
        return -1;
    int ret = put(c, product, chan->index, w, im, done, err);
    if (im->mask)
        pc_image_fini(im); /* floats and bytes come by turns: a buffer is reused among floats only */
    return ret;
}

/* A model of zeros is left out of a bundle, but users of the cubes look for it: it is placed where there is a
 * residual. */
static int place_zero_model(struct pc_cube *c, const struct pc_chan *chan, struct work *w,
                            struct pc_record *done, struct pc_err *err)
{
    const struct pc_cube_product *product = find(c, "model.fits");
    struct pc_image zero = {0};
    if (product == NULL || w->model || !w->residual || w->pb.pix == NULL)
        return 0;
    int ret = pc_imhead_copy(&zero.head, &w->pb.head, err);
    pc_record_remove(&zero.head.extra, "PBLIMIT");
    snprintf(zero.head.bunit, sizeof zero.head.bunit, "Jy/pixel");
    snprintf(zero.head.btype, sizeof zero.head.btype, "Intensity");
    if (ret == 0)
        zero.pix = pc_mem_new0(pc_imhead_npix(&zero.head), sizeof *zero.pix, "a model of zeros", err);
    if (zero.pix)
        ret = put(c, product, chan->index, w, &zero, done, err);
    else
        ret = -1;
    pc_image_fini(&zero);
    return ret;
}

int pc_cube_place(struct pc_cube *c, struct pc_pass *pass, const struct pc_chan *chan, bool once,
                  struct pc_record *done, struct pc_err *err)
{
    struct work w = {.safe = !once};
    struct pc_member m;
    int more, ret = -1;
    double freq_hz;
    if (chan->index < c->first || chan->index >= c->first + c->count)
        return pc_err_set(err, PC_EX_DATA, "%s: the cube has channels %d to %d", chan->name, c->first,
                          c->first + c->count - 1);
    if (once && pc_cube_is_placed(c, chan->index))
        return pc_err_set(err, PC_EX_DATA, "%s: came before; each channel is wanted once", chan->name);
    if (pc_cube_take_back(c, err) != 0 || pc_record_setf(done, err, "index", "%d", chan->index) != 0 ||
        pc_record_double(&chan->plane, "freq_hz", &freq_hz, err) != 0 ||
        pc_record_set_double(done, "freq_hz", freq_hz, err) != 0)
        goto out;
    if (pc_record_setf(&w.planes, err, "index", "%d", chan->index) != 0)
        goto out;
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (take_member(c, pass, chan, m.name, &w, done, err) != 0) {
            pc_err_prefix(err, "%s/%s", chan->name, m.name);
            goto out;
        }
    if (more == 0 && place_zero_model(c, chan, &w, done, err) == 0)
        ret = pc_cube_planes_save(c, chan->index, &w.planes, w.safe, err);
out:
    pc_image_fini(&w.im);
    pc_image_fini(&w.pb);
    pc_record_free(&w.planes);
    return ret;
}
