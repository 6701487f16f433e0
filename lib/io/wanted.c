/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/wanted.h"

#include "io/fits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int pc_wanted_take(const struct pc_wanted *wanted, struct pc_pass *pass, const char *name, struct pc_err *err)
{
    for (const struct pc_wanted *w = wanted; w->name; w++)
        if (!strcmp(w->name, name))
            return pc_pass_image(pass, w->image, err) || (w->is_mask && pc_image_to_mask(w->image, err)) ? -1
                                                                                                         : 1;
    return 0;
}

int pc_wanted_check(const struct pc_wanted *wanted, struct pc_err *err)
{
    const struct pc_wanted *first = NULL;
    for (const struct pc_wanted *w = wanted; w->name; w++) {
        bool there = w->image->pix || w->image->mask;
        if (!there && w->maker)
            return pc_err_set(err, PC_EX_DATA, "no %s: %s makes it", w->name, w->maker);
        if (there && !w->is_mask && w->image->mask)
            return pc_err_set(err, PC_EX_DATA, "%s must have BITPIX -32 or -64", w->name);
        if (w->maker && !first)
            first = w;
    }
    for (const struct pc_wanted *w = wanted; w->name; w++)
        if ((w->image->pix || w->image->mask) && w != first &&
            pc_imhead_same_grid(&w->image->head, w->name, &first->image->head, first->name, err))
            return -1;
    return 0;
}

int pc_model_check(const char *residual_model, const struct pc_image *model, struct pc_err *err)
{
    uint32_t datasum = model->pix ? pc_datasum_f32(0, model->pix, pc_imhead_npix(&model->head)) : 0;
    return pc_model_check_sum(residual_model, datasum, err);
}

int pc_model_check_sum(const char *residual_model, uint32_t datasum, struct pc_err *err)
{
    char sum[24];
    snprintf(sum, sizeof sum, "%" PRIu32, datasum);
    if (!strcmp(sum, residual_model))
        return 0;
    if (!residual_model[0])
        return pc_err_set(err, PC_EX_DATA,
                          "the state names no model that residual.fits belongs to: pc-grid makes a residual");
    return pc_err_set(
        err, PC_EX_DATA,
        "residual.fits belongs to a model with DATASUM %s, model.fits has %s: pc-grid makes it anew",
        residual_model, sum);
}
