/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/bundle.h"
#include "base/mem.h"
#include "io/fits.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <stdlib.h>
#include <string.h>

int pc_pass_record(struct pc_pass *pass, struct pc_record *r, struct pc_err *err)
{
    struct pc_text t = {0};
    int rc = pc_pass_slurp(pass, &t, err);
    if (!rc)
        rc = pc_record_parse(r, pc_text_str(&t), t.len, pass->label, err);
    pc_text_free(&t);
    return rc;
}

int pc_pass_put_record(struct pc_pass *pass, const char *name, const struct pc_record *r, struct pc_err *err)
{
    struct pc_text t = {0};
    int rc = -1;
    if (!pc_record_format(r, &t, err) && !pc_pass_put(pass, name, (int64_t)t.len, err) &&
        !pc_pass_write(pass, pc_text_str(&t), t.len, err))
        rc = pc_pass_put_end(pass, err);
    pc_text_free(&t);
    return rc;
}

uint32_t pc_pass_datasum(const struct pc_pass *pass)
{
    return pass->datasum;
}

/* The header of an image of one channel, its size checked against the member's. */
static int read_head(struct pc_pass *p, struct pc_imhead *h, struct pc_fits_shape *shape, struct pc_err *err)
{
    struct pc_text header = {0};
    int rc = -1;
    p->datasum = 0;
    if (pc_fits_read_header(pc_pass_reader(p), shape, &header, err) ||
        pc_fits_parse_imhead(&header, p->label, h, err))
        goto out;
    int64_t npix = shape->naxis ? 1 : 0;
    for (int i = 0; i < shape->naxis; i++)
        npix *= shape->axis[i];
    int64_t need = pc_fits_padded(npix * abs(shape->bitpix) / 8);
    if (npix != pc_imhead_npix(h))
        pc_err_set(err, PC_EX_DATA, "%s: %lld pixels; one channel of %d x %d x %d has %lld", p->label,
                   (long long)npix, h->nx, h->ny, h->npol, (long long)pc_imhead_npix(h));
    else if (p->reader.left != need)
        pc_err_set(err, PC_EX_DATA, "%s: %lld bytes follow the header, which asks for %lld", p->label,
                   (long long)p->reader.left, (long long)need);
    else
        rc = 0;
    if (rc)
        pc_imhead_fini(h);
    p->datasum = shape->datasum;
    p->bitpix = shape->bitpix;
out:
    pc_text_free(&header);
    return rc;
}

int pc_pass_imhead(struct pc_pass *pass, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_fits_shape shape;
    return read_head(pass, h, &shape, err);
}

/* What the pixels of an image are. */
enum kind { NONE, FLOATS, BYTES, DOUBLES };
static const struct {
    int bitpix, size;
} KIND[] = {{0, 0}, {-32, 4}, {8, 1}, {-64, 8}};

static enum kind kind_of(const struct pc_image *im)
{
    return im->pix ? FLOATS : im->mask ? BYTES : im->wide ? DOUBLES : NONE;
}

/* Room for the pixels: what the image has when it fits, else new. What it had of another kind goes. */
static void *make_room(struct pc_image *im, int64_t have, enum kind kind, const char *name,
                       struct pc_err *err)
{
    int64_t npix = pc_imhead_npix(&im->head);
    if (have != npix || kind_of(im) != kind) {
        pc_mem_free(im->pix);
        pc_mem_free(im->mask);
        pc_mem_free(im->wide);
        im->pix = NULL;
        im->mask = NULL;
        im->wide = NULL;
    }
    if (kind == FLOATS)
        return im->pix ? im->pix : (im->pix = pc_mem_new(npix, sizeof *im->pix, name, err));
    if (kind == BYTES)
        return im->mask ? im->mask : (im->mask = pc_mem_new(npix, sizeof *im->mask, name, err));
    return im->wide ? im->wide : (im->wide = pc_mem_new(npix, sizeof *im->wide, name, err));
}

int pc_pass_image_head(struct pc_pass *p, struct pc_imhead *h, int *bitpix, struct pc_err *err)
{
    struct pc_fits_shape shape;
    if (read_head(p, h, &shape, err))
        return -1;
    *bitpix = shape.bitpix;
    return 0;
}

static int read_rest(struct pc_pass *pass, struct pc_image *im, int64_t have, int bitpix, bool wide,
                     struct pc_err *err)
{
    enum kind kind = bitpix == 8 ? BYTES : wide ? DOUBLES : FLOATS;
    void *room = make_room(im, have, kind, pass->label, err);
    int64_t npix = pc_imhead_npix(&im->head);
    if (!room)
        return -1;
    if (bitpix == KIND[kind].bitpix)
        return pc_pixels_read(pass, room, npix, KIND[kind].size, err);
    return wide ? pc_pixels_read_widen(pass, im->wide, npix, err)
                : pc_pixels_read_narrow(pass, im->pix, npix, err);
}

int pc_pass_image_rest(struct pc_pass *pass, struct pc_image *im, int64_t have, int bitpix,
                       struct pc_err *err)
{
    return read_rest(pass, im, have, bitpix, false, err);
}

static int read_image(struct pc_pass *pass, struct pc_image *im, bool wide, struct pc_err *err)
{
    struct pc_imhead h;
    int bitpix;
    int64_t have = kind_of(im) != NONE ? pc_imhead_npix(&im->head) : 0;
    if (pc_pass_image_head(pass, &h, &bitpix, err))
        return -1;
    pc_imhead_fini(&im->head);
    im->head = h;
    return read_rest(pass, im, have, bitpix, wide, err);
}

int pc_pass_image(struct pc_pass *pass, struct pc_image *im, struct pc_err *err)
{
    return read_image(pass, im, false, err);
}

int pc_pass_image_wide(struct pc_pass *pass, struct pc_image *im, struct pc_err *err)
{
    return read_image(pass, im, true, err);
}

static int read_span(struct pc_pass *pass, struct pc_pixel_span *s, void *room, struct pc_err *err)
{
    s->pix = pass->bitpix == 8 ? NULL : room;
    s->mask = pass->bitpix == 8 ? room : NULL;
    if (pass->bitpix == -64)
        return pc_pixels_read_narrow(pass, s->pix, s->n, err);
    return pc_pixels_read(pass, room, s->n, s->pix ? 4 : 1, err);
}

int pc_pass_pixels(struct pc_pass *pass, const struct pc_imhead *h, float *into,
                   int (*block)(void *ctx, const struct pc_pixel_span *s, struct pc_err *err), void *ctx,
                   struct pc_err *err)
{
    const int64_t per = (int64_t)h->nx * h->ny;
    float *few = into ? NULL : pc_mem_new(PC_PIXEL_BLOCK, sizeof *few, "a block of pixels", err);
    int rc = into || few ? 0 : -1;
    if (into && pass->bitpix == 8)
        rc = pc_err_set(err, PC_EX_DATA, "%s: BITPIX is 8, which only a mask has", pass->label);
    for (int64_t at = 0; !rc && at < per * h->npol;) {
        struct pc_pixel_span s = {.pol = (int)(at / per), .first = at % per};
        s.n = per - s.first < PC_PIXEL_BLOCK ? per - s.first : PC_PIXEL_BLOCK;
        rc = read_span(pass, &s, into ? into + at : few, err);
        if (!rc && block(ctx, &s, err))
            rc = pc_err_prefix(err, "%s", pass->label);
        at += s.n;
    }
    pc_mem_free(few);
    return rc;
}

static const void *pixels_of(const struct pc_image *im)
{
    return im->pix ? (const void *)im->pix : im->mask ? (const void *)im->mask : im->wide;
}

static uint32_t add_datasum(uint32_t sum, const struct pc_image *im, int64_t npix)
{
    switch (kind_of(im)) {
    case FLOATS:
        return pc_datasum_f32(sum, im->pix, npix);
    case BYTES:
        return pc_datasum_bytes(sum, im->mask, npix);
    default:
        return pc_datasum_f64(sum, im->wide, npix);
    }
}

/* `copies` times the pixels there are: npix of them. */
static int put_copies(struct pc_pass *pass, const char *name, const struct pc_image *im, int64_t npix,
                      int copies, uint32_t *datasum, struct pc_err *err)
{
    struct pc_text header = {0};
    const int size = KIND[kind_of(im)].size;
    struct pc_fits_out o = {.bitpix = KIND[kind_of(im)].bitpix, .has_sum = true};
    if (kind_of(im) == NONE)
        return pc_err_set(err, PC_EX_BUG, "%s: an image without pixels is put", name);
    for (int i = 0; i < copies; i++)
        o.datasum = add_datasum(o.datasum, im, npix);
    if (datasum)
        *datasum = o.datasum;
    int rc = pc_fits_format_imhead(&im->head, &o, &header, err);
    if (rc)
        pc_err_prefix(err, "%s", name);
    else
        rc = pc_pixels_put_copies(pass, name, &header, pixels_of(im), npix, size, copies, err);
    pc_text_free(&header);
    return rc;
}

int pc_pass_put_image(struct pc_pass *pass, const char *name, const struct pc_image *im, uint32_t *datasum,
                      struct pc_err *err)
{
    return put_copies(pass, name, im, pc_imhead_npix(&im->head), 1, datasum, err);
}

int pc_pass_put_alike(struct pc_pass *pass, const char *name, const struct pc_image *im, struct pc_err *err)
{
    return put_copies(pass, name, im, (int64_t)im->head.nx * im->head.ny, im->head.npol, NULL, err);
}
