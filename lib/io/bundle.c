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
out:
    pc_text_free(&header);
    return rc;
}

int pc_pass_imhead(struct pc_pass *pass, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_fits_shape shape;
    return read_head(pass, h, &shape, err);
}

/* Room for the pixels: what the image has when it fits, else new. What it had of the other kind goes. */
static int make_room(struct pc_image *im, int64_t have, bool is_mask, const char *name, struct pc_err *err)
{
    int64_t npix = pc_imhead_npix(&im->head);
    if (have == npix && (is_mask ? im->mask && !im->pix : im->pix && !im->mask))
        return 0;
    pc_mem_free(im->mask);
    im->mask = NULL;
    pc_mem_free(im->pix);
    im->pix = NULL;
    if (is_mask) {
        im->mask = pc_mem_new(npix, sizeof *im->mask, name, err);
        return im->mask ? 0 : -1;
    }
    im->pix = pc_mem_new(npix, sizeof *im->pix, name, err);
    return im->pix ? 0 : -1;
}

int pc_pass_image(struct pc_pass *pass, struct pc_image *im, struct pc_err *err)
{
    struct pc_imhead h;
    struct pc_fits_shape shape;
    int64_t have = im->pix || im->mask ? pc_imhead_npix(&im->head) : 0;
    if (read_head(pass, &h, &shape, err))
        return -1;
    pc_imhead_fini(&im->head);
    im->head = h;
    if (shape.bitpix == -64)
        return pc_err_set(err, PC_EX_DATA, "%s: BITPIX is -64; images of a channel have -32, masks 8",
                          pass->label);
    if (make_room(im, have, shape.bitpix == 8, pass->label, err))
        return -1;
    int64_t npix = pc_imhead_npix(&im->head);
    return shape.bitpix == 8 ? pc_pixels_read(pass, im->mask, npix, 1, err)
                             : pc_pixels_read(pass, im->pix, npix, 4, err);
}

int pc_pass_put_image(struct pc_pass *pass, const char *name, const struct pc_image *im, uint32_t *datasum,
                      struct pc_err *err)
{
    struct pc_text header = {0};
    bool is_mask = !im->pix;
    int64_t npix = pc_imhead_npix(&im->head);
    struct pc_fits_out o = {.bitpix = is_mask ? 8 : -32, .has_sum = true};
    if (is_mask && !im->mask)
        return pc_err_set(err, PC_EX_BUG, "%s: an image without pixels is put", name);
    o.datasum = is_mask ? pc_datasum_bytes(0, im->mask, npix) : pc_datasum_f32(0, im->pix, npix);
    if (datasum)
        *datasum = o.datasum;
    int rc = pc_fits_format_imhead(&im->head, &o, &header, err);
    if (rc)
        pc_err_prefix(err, "%s", name);
    else
        rc = is_mask ? pc_pixels_put(pass, name, &header, im->mask, npix, 1, err)
                     : pc_pixels_put(pass, name, &header, im->pix, npix, 4, err);
    pc_text_free(&header);
    return rc;
}
