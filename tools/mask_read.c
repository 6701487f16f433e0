/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/mask_read.h"

#include "io/bundle.h"

static int pb_block(void *ctx, const struct pc_pixel_span *s, struct pc_err *err)
{
    if (!s->pix)
        return pc_err_set(err, PC_EX_DATA, "BITPIX is 8, which only a mask has");
    return pc_mask_inputs_add_pb(ctx, s->pol, s->first, s->n, s->pix, err);
}

static int residual_block(void *ctx, const struct pc_pixel_span *s, struct pc_err *err)
{
    (void)err;
    pc_mask_inputs_add_residual(ctx, s->pol, s->first, s->n);
    return 0;
}

static int prev_block(void *ctx, const struct pc_pixel_span *s, struct pc_err *err)
{
    return pc_mask_inputs_add_prev(ctx, s->pol, s->first, s->n, s->mask, s->pix, err);
}

int mask_read_pb(struct pc_pass *pass, struct pc_mask_inputs *in, double pbmask, struct pc_err *err)
{
    struct pc_imhead h;
    if (pc_pass_imhead(pass, &h, err))
        return -1;
    pc_mask_inputs_begin_pb(in, &h, pbmask);
    return in->has_valid || in->has_central ? pc_pass_pixels(pass, &in->pb, NULL, pb_block, in, err) : 0;
}

int mask_read_residual(struct pc_pass *pass, struct pc_mask_inputs *in, struct pc_err *err)
{
    struct pc_imhead h;
    if (pc_pass_imhead(pass, &h, err) || pc_mask_inputs_begin_residual(in, &h, err))
        return -1;
    return pc_pass_pixels(pass, &in->residual, in->pix, residual_block, in, err);
}

int mask_read_prev(struct pc_pass *pass, struct pc_mask_inputs *in, struct pc_err *err)
{
    struct pc_imhead h;
    if (pc_pass_imhead(pass, &h, err))
        return -1;
    pc_mask_inputs_begin_prev(in, &h);
    return pc_pass_pixels(pass, &in->prev, NULL, prev_block, in, err);
}
