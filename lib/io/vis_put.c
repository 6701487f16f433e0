/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/bundle.h"
#include "io/card.h"
#include "io/pass_priv.h"
#include "io/pixels.h"
#include "io/vis_header.h"

#include <stdio.h>

int64_t pc_vis_member_size(const char *which, const struct pc_visblock *shape)
{
    struct pc_text header = {0};
    struct pc_err ignored;
    int size, w = pc_vis_which(which);
    int64_t total = -1;
    if (w >= 0 && !pc_vis_header_format((enum pc_vis_which)w, shape, 0, &header, &ignored))
        total = (int64_t)header.len + pc_fits_padded(pc_vis_count((enum pc_vis_which)w, shape, &size) * size);
    pc_text_free(&header);
    return total;
}

int pc_vis_head_make(struct pc_vis_head *h, const char *which, const struct pc_visblock *shape,
                     struct pc_err *err)
{
    int size, w = pc_vis_which(which);
    if (w < 0)
        return pc_err_set(err, PC_EX_BUG, "%s is no member of a block", which);
    h->data_byte = pc_vis_count((enum pc_vis_which)w, shape, &size) * size;
    return pc_vis_header_plain((enum pc_vis_which)w, shape, &h->text, err);
}

void pc_vis_head_free(struct pc_vis_head *h)
{
    pc_text_free(&h->text);
}

/* Its own copy of the header, and its name and size. */
static int sign(const struct pc_vis_head *h, int block, const char *which, uint32_t datasum, char name[64],
                struct pc_text *header, int64_t *size, struct pc_err *err)
{
    snprintf(name, 64, "vis%05d/%s", block, which);
    pc_text_add_bytes(header, h->text.s, h->text.len);
    if (pc_text_ok(header, err))
        return -1;
    pc_card_fill_sums(header, datasum);
    *size = (int64_t)header->len + pc_fits_padded(h->data_byte);
    return 0;
}

int pc_vis_put_head(struct pc_pass *pass, int block, const char *which, const struct pc_vis_head *h,
                    uint32_t datasum, struct pc_err *err)
{
    struct pc_text header = {0};
    char name[64];
    int64_t size;
    int rc = -1;
    if (!sign(h, block, which, datasum, name, &header, &size, err) && !pc_pass_put(pass, name, size, err))
        rc = pc_pass_write(pass, header.s, header.len, err);
    pass->vis_data_byte = h->data_byte;
    pc_text_free(&header);
    return rc;
}

int pc_vis_put_filled(struct pc_pass *pass, int block, const char *which, const struct pc_vis_head *h,
                      uint32_t datasum, struct pc_err *err)
{
    struct pc_text header = {0};
    char name[64];
    int64_t size;
    int rc = sign(h, block, which, datasum, name, &header, &size, err);
    if (!rc)
        rc = pc_pass_put_filled(pass, name, size, header.s, header.len, err);
    pc_text_free(&header);
    return rc;
}

int pc_vis_put_begin(struct pc_pass *pass, int block, const char *which, const struct pc_visblock *shape,
                     uint32_t datasum, struct pc_err *err)
{
    struct pc_vis_head h = {{0}, 0};
    int rc = pc_vis_head_make(&h, which, shape, err);
    if (!rc)
        rc = pc_vis_put_head(pass, block, which, &h, datasum, err);
    pc_vis_head_free(&h);
    return rc;
}

int pc_vis_put_end(struct pc_pass *pass, struct pc_err *err)
{
    if (pc_pixels_pad(pass, pass->vis_data_byte, err))
        return -1;
    return pc_pass_put_end(pass, err);
}

/* A whole member of floats. */
static int put_f32(struct pc_pass *pass, int block, const char *file, const struct pc_visblock *b,
                   const float *data, struct pc_err *err)
{
    struct pc_text header = {0};
    char name[64];
    enum pc_vis_which which = (enum pc_vis_which)pc_vis_which(file);
    int size;
    int64_t n = pc_vis_count(which, b, &size);
    snprintf(name, sizeof name, "vis%05d/%s", block, file);
    if (!data)
        return pc_err_set(err, PC_EX_BUG, "%s: there are none", name);
    int rc = pc_vis_header_format(which, b, pc_datasum_f32(0, data, n), &header, err);
    if (!rc)
        rc = pc_pixels_put(pass, name, &header, data, n, size, err);
    pc_text_free(&header);
    return rc;
}

int pc_pass_put_imweight(struct pc_pass *pass, int block, const struct pc_visblock *b, struct pc_err *err)
{
    return put_f32(pass, block, "imweight.fits", b, b->imweight, err);
}

int pc_pass_put_model_vis(struct pc_pass *pass, int block, const struct pc_visblock *b, const float *vis_jy,
                          struct pc_err *err)
{
    return put_f32(pass, block, "model_vis.fits", b, vis_jy, err);
}
