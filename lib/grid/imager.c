/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/imager.h"

#include "base/mem.h"
#include "grid/batcher.h"

#include <math.h>

struct pc_imager {
    struct pc_imager_conf conf;
    struct pc_gridder *gridder;
    struct pc_batcher batcher;
    int pass;
};

/* Some correlation of the sample has a weight, or all of it has one for the image. */
static bool has_weight(const struct pc_visblock *b, int64_t at)
{
    if (b->imweight != NULL)
        return b->imweight[at] > 0;
    for (int corr = 0; corr < b->ncorr; corr++)
        if (b->weight[at * b->ncorr + corr] > 0)
            return true;
    return false;
}

void pc_vis_reach(const struct pc_visblock *b, bool all, struct pc_reach *reach)
{
    for (int64_t row = 0; row < b->nrow; row++)
        for (int chan = 0; chan < b->nchan; chan++) {
            if (!all && !has_weight(b, row * b->nchan + chan))
                continue;
            const double per_m = pc_visblock_per_m(b, row, chan);
            const double *uvw_m = b->uvw_m + 3 * row;
            reach->u = fmax(reach->u, fabs(uvw_m[0] * per_m));
            reach->v = fmax(reach->v, fabs(uvw_m[1] * per_m));
            reach->w = fmax(reach->w, fabs(uvw_m[2] * per_m));
        }
}

int pc_imager_new(struct pc_imager **out, const struct pc_imager_conf *conf, struct pc_err *err)
{
    struct pc_imager *im = *out = pc_mem_new0(1, sizeof *im, "an imager", err);
    if (im == NULL)
        return -1;
    im->conf = *conf;
    im->conf.gridder.nplane = conf->psf ? 1 : conf->planes.n;
    im->conf.gridder.no_models = true;
    im->conf.gridder.even = conf->psf && !conf->gridder.wterm;
    if (pc_batcher_init(&im->batcher, im->conf.gridder.nplane, err) == 0 &&
        (im->gridder = pc_gridder_new(&im->conf.gridder, err)) != NULL)
        return 0;
    pc_imager_free(im);
    *out = NULL;
    return -1;
}

void pc_imager_free(struct pc_imager *im)
{
    if (im == NULL)
        return;
    pc_batcher_fini(&im->batcher);
    pc_gridder_free(im->gridder);
    pc_mem_free(im);
}

int pc_imager_npass(const struct pc_imager *im)
{
    return pc_gridder_nterm(im->gridder);
}

void pc_imager_begin(struct pc_imager *im, int pass)
{
    im->batcher.nused = im->batcher.npassed = 0;
    im->batcher.sumwt = 0;
    pc_gridder_begin(im->gridder, pass);
    im->pass = pass;
}

int pc_imager_add(struct pc_imager *im, const struct pc_visblock *b, struct pc_err *err)
{
    const enum pc_batch_mode mode = im->conf.psf ? PC_BATCH_PSF : PC_BATCH_DATA;
    struct pc_batch *batch;
    if (b->vis_jy == NULL && !im->conf.psf)
        return pc_err_set(err, PC_EX_DATA, "a block has no vis.fits");
    if (pc_batcher_start(&im->batcher, b, &im->conf.planes, mode, err) != 0)
        return -1;
    while ((batch = pc_batcher_next(&im->batcher)) != NULL)
        pc_gridder_add(im->gridder, batch);
    return 0;
}

void pc_imager_end(struct pc_imager *im, void *const *image, const struct pc_row_taker *taker,
                   struct pc_tally *tally)
{
    const bool last = im->pass + 1 == pc_imager_npass(im);
    const double sumweight = im->batcher.sumwt / im->batcher.mix.hands_sum; /* each sample once */
    pc_gridder_end(im->gridder, 1 / sumweight, image, last ? taker : NULL, last ? tally : NULL);
}

struct pc_imager_count pc_imager_count(const struct pc_imager *im)
{
    const int64_t outside = pc_gridder_noutside(im->gridder);
    return (struct pc_imager_count){im->batcher.nused - outside, im->batcher.npassed, outside};
}
