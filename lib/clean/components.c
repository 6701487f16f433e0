/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/components.h"

#include <math.h>
#include <stdlib.h>

int pc_components_add(struct pc_components *list, int64_t at, float flux_jy, struct pc_err *err)
{
    if (list->n == list->cap) {
        int64_t cap = list->cap ? 2 * list->cap : 1024;
        struct pc_component *grown = realloc(list->c, (size_t)cap * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld components", (long long)cap);
        list->c = grown;
        list->cap = cap;
    }
    list->c[list->n++] = (struct pc_component){at, flux_jy};
    return 0;
}

void pc_components_fini(struct pc_components *list)
{
    free(list->c);
    *list = (struct pc_components){0};
}

int pc_components_subtract_outside(const struct pc_components *list, const struct pc_minor_in *in,
                                   float *residual, const struct pc_psf *psf, const unsigned char *mask,
                                   double *peak, struct pc_err *err)
{
    const int64_t npix = (int64_t)in->nx * in->ny;
    struct pc_active rest;
    int64_t at;
    *peak = 0;
    if (!in->whole_plane) {
        for (int64_t i = 0; mask && i < npix && !isnan(*peak); i++)
            if (!mask[i] && isfinite(residual[i]))
                *peak = NAN;
        return 0;
    }
    int bad = pc_active_init(&rest, residual, mask, false, in->nx, in->ny, err);
    for (int64_t i = 0; !bad && i < list->n; i++)
        bad = pc_active_subtract(&rest, psf, list->c[i].at, list->c[i].flux_jy, err);
    if (!bad) {
        *peak = pc_active_peak(&rest, &at);
        pc_active_flush(&rest);
    }
    pc_active_fini(&rest);
    return bad;
}
