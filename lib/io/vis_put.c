/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/bundle.h"
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

int pc_vis_put_begin(struct pc_pass *pass, int block, const char *which, const struct pc_visblock *shape,
                     uint32_t datasum, struct pc_err *err)
{
    struct pc_text header = {0};
    char name[64];
    int size, rc = -1, w = pc_vis_which(which);
    if (w < 0)
        return pc_err_set(err, PC_EX_BUG, "%s is no member of a block", which);
    snprintf(name, sizeof name, "vis%05d/%s", block, which);
    if (!pc_vis_header_format((enum pc_vis_which)w, shape, datasum, &header, err)) {
        int64_t ndata = pc_vis_count((enum pc_vis_which)w, shape, &size) * size;
        int64_t total = (int64_t)header.len + pc_fits_padded(ndata);
        if (!pc_pass_put(pass, name, total, err))
            rc = pc_pass_write(pass, header.s, header.len, err);
        pass->vis_data_byte = ndata;
    }
    pc_text_free(&header);
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
