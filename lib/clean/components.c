/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/components.h"

#include "clean/active.h"

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
                                   float *residual, const float *psf, const unsigned char *mask, double *peak,
                                   struct pc_err *err)
{
    struct pc_active rest;
    int64_t at;
    if (pc_active_init(&rest, residual, psf, mask, false, in->nx, in->ny, err))
        return -1;
    if (in->whole_plane)
        for (int64_t i = 0; i < list->n; i++)
            pc_active_subtract(&rest, list->c[i].at, list->c[i].flux_jy);
    *peak = rest.npix && !in->whole_plane ? NAN : pc_active_peak(&rest, &at);
    pc_active_fini(&rest);
    return 0;
}
