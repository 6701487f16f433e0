/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "io/cube_copy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is known while a channel's members go by: the primary beam, for what it blanks, and the member at
 * hand. Their pixels stay in the file, where there is one. */
struct work {
    struct pc_later im, pb;
    double pblimit; /* <= 0: nothing is blanked */
    struct pc_record planes;
    bool residual, model; /* have come */
    bool safe;            /* each plane is made safe on disk before the channel counts as placed */
};

/* A member on its way to its product. */
struct placing {
    const struct pc_cube_product *product;
    const struct pc_imhead *head;
    bool bytes;
    const struct pc_later *im; /* NULL: zeros */
    uint32_t datasum;          /* 0: not known */
    struct pc_cube_blank blank;
};

static int put_pixels(struct pc_cubefile *f, int64_t k, const struct placing *m, uint32_t *sum,
                      struct pc_err *err)
{
    if (m->im)
        return pc_cube_copy(f, k, m->im, m->datasum, &m->blank, sum, err);
    for (int p = 0; p < f->npol; p++)
        if (pc_cubefile_zero(f, pc_cubefile_plane_byte(f), pc_cubefile_offset(f, k, p), err) != 0)
            return -1;
    return 0;
}

static int put(struct pc_cube *c, int index, struct work *w, const struct placing *m, struct pc_record *done,
               struct pc_err *err)
{
    struct pc_cubefile f;
    uint32_t sum[PC_MAX_POL] = {0}, total = 0;
    if (pc_cubefile_open(&f, c->dir, m->product->name, c->count, m->head, m->bytes, err) != 0)
        return -1;
    int ret = put_pixels(&f, index - c->first, m, sum, err);
    if (ret == 0 && w->safe)
        ret = pc_cubefile_sync(&f, err);
    pc_cubefile_close(&f);
    if (ret != 0 || pc_cube_planes_add(&w->planes, m->product->name, m->head, m->bytes, sum, err) != 0)
        return -1;
    char key[64];
    for (int p = 0; p < m->head->npol; p++)
        total = pc_datasum_add(total, sum[p]);
    snprintf(key, sizeof key, "datasum_%s", m->product->name);
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

/* What an image of a stream is held in is used again for the next one, of floats as it is. */
static int take_pixels(struct pc_pass *pass, struct pc_later *l, struct pc_err *err)
{
    if (l->in_file || l->image.mask)
        pc_later_fini(l);
    return pc_pass_later(pass, l, err);
}

static int find_limit(struct work *w, struct pc_err *err)
{
    const struct pc_record *extra = &w->pb.image.head.extra;
    w->pblimit = 0;
    return pc_record_has(extra, "PBLIMIT") ? pc_record_double(extra, "PBLIMIT", &w->pblimit, err) : 0;
}

/* Blank where the primary beam is not above its limit. */
static int find_blanking(struct placing *m, const struct work *w, struct pc_err *err)
{
    const struct pc_imhead *pb = &w->pb.image.head;
    if (!w->pb.there || w->pblimit <= 0)
        return 0;
    if (m->head->nx != pb->nx || m->head->ny != pb->ny)
        return pc_err_set(err, PC_EX_DATA, "it is %d x %d pixels, pb.fits has %d x %d", m->head->nx,
                          m->head->ny, pb->nx, pb->ny);
    m->blank = (struct pc_cube_blank){m->bytes ? NULL : &w->pb, w->pblimit};
    return 0;
}

static int take_member(struct pc_cube *c, struct pc_pass *pass, const struct pc_chan *chan, const char *name,
                       struct work *w, struct pc_record *done, struct pc_err *err)
{
    const bool is_pb = strcmp(name, "pb.fits") == 0, is_mask = strcmp(name, "mask.fits") == 0;
    struct placing m = {.product = find(c, name)};
    struct pc_later *im = is_pb ? &w->pb : &w->im;
    if (!is_pb && m.product == NULL)
        return 0;
    if (take_pixels(pass, im, err) != 0 || (is_pb && find_limit(w, err) != 0))
        return -1;
    if (m.product == NULL)
        return 0;
    m.im = im;
    m.head = &im->image.head;
    m.bytes = im->is_bytes || is_mask;
    m.datasum = pc_pass_datasum(pass);
    w->residual |= strcmp(name, "residual.fits") == 0;
    w->model |= strcmp(name, "model.fits") == 0;
    if ((is_pb || m.product->blanked) && find_blanking(&m, w, err) != 0)
        return -1;
    if (m.product->has_beam && keep_beam(&m.head->beam[0], done, err) != 0)
        return -1;
    return put(c, chan->index, w, &m, done, err);
}

/* A model of zeros is left out of a bundle, but users of the cubes look for it: it is placed where there is a
 * residual. */
static int place_zero_model(struct pc_cube *c, const struct pc_chan *chan, struct work *w,
                            struct pc_record *done, struct pc_err *err)
{
    struct pc_imhead head = {0};
    const struct placing m = {.product = find(c, "model.fits"), .head = &head};
    if (m.product == NULL || w->model || !w->residual || !w->pb.there)
        return 0;
    int ret = pc_imhead_copy(&head, &w->pb.image.head, err);
    pc_record_remove(&head.extra, "PBLIMIT");
    snprintf(head.bunit, sizeof head.bunit, "Jy/pixel");
    snprintf(head.btype, sizeof head.btype, "Intensity");
    if (ret == 0)
        ret = put(c, chan->index, w, &m, done, err);
    pc_imhead_fini(&head);
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
    pc_later_fini(&w.im);
    pc_later_fini(&w.pb);
    pc_record_free(&w.planes);
    return ret;
}
