/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/vis.h"

#include "base/mem.h"

#include <string.h>

void pc_visinfo_fini(struct pc_visinfo *info)
{
    pc_mem_free(info->diam_m);
    memset(info, 0, sizeof *info);
}

int pc_visinfo_copy(struct pc_visinfo *dst, const struct pc_visinfo *src, struct pc_err *err)
{
    double *diam_m = NULL;
    if (src->nant > 0 && src->diam_m != NULL) {
        diam_m = pc_mem_new(src->nant, sizeof *diam_m, "dish diameters", err);
        if (diam_m == NULL) {
            memset(dst, 0, sizeof *dst);
            return -1;
        }
        memcpy(diam_m, src->diam_m, (size_t)src->nant * sizeof *diam_m);
    }
    *dst = *src;
    dst->diam_m = diam_m;
    return 0;
}

void pc_visblock_fini(struct pc_visblock *b)
{
    pc_visinfo_fini(&b->info);
    pc_mem_free(b->uvw_m);
    pc_mem_free(b->freq_hz);
    pc_mem_free(b->vis_jy);
    pc_mem_free(b->weight);
    pc_mem_free(b->imweight);
    pc_mem_free(b->row);
    pc_text_free(&b->history);
    memset(b, 0, sizeof *b);
}

void pc_visinfo_imhead(const struct pc_visinfo *info, int nx, int ny, const double cell_rad[2], int stokes,
                       struct pc_imhead *h)
{
    *h = (struct pc_imhead){.nx = nx, .ny = ny, .npol = 1, .stokes = {stokes}};
    h->crpix[0] = (double)(nx / 2) + 1;
    h->crpix[1] = (double)(ny / 2) + 1;
    for (int i = 0; i < 2; i++) {
        h->crval_rad[i] = info->image_rad[i];
        h->cell_rad[i] = cell_rad[i];
    }
    memcpy(h->obsgeo_m, info->obsgeo_m, sizeof h->obsgeo_m);
    memcpy(h->specsys, info->specsys, sizeof h->specsys);
    memcpy(h->radesys, info->radesys, sizeof h->radesys);
    memcpy(h->object, info->object, sizeof h->object);
    memcpy(h->telescop, info->telescop, sizeof h->telescop);
    memcpy(h->observer, info->observer, sizeof h->observer);
    memcpy(h->date_obs, info->date_obs, sizeof h->date_obs);
}

double pc_visinfo_dish_m(const struct pc_visinfo *info)
{
    for (int i = 0; info->diam_m != NULL && i < info->nant; i++)
        if (info->diam_m[i] > 0)
            return info->diam_m[i];
    return 0;
}
