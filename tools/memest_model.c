/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_model.h"

#include "clean/minor.h"

#include <math.h>
#include <string.h>

/* Of a process before it has read anything: code, libraries, buffers (measured). */
static const int64_t PROCESS_BYTE = 13500000;

/* Of a sample of one correlation; those of more count as more samples. */
static const int64_t sample_byte = 40;

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void memory(const struct memest_in *in, struct memest *m)
{
    const struct pc_deconvolver *deconvolver = pc_deconvolver_find(in->deconvolver);
    const struct pc_weight_conf weight = {.scheme = in->weighting, .npixels = in->npixels};
    const struct pc_geom geom = {in->nx, in->ny, {-1e-6, 1e-6}}; /* no size depends on the cell */
    const int64_t n = (int64_t)in->nx * in->ny * in->npol,
                  vis = in->vis_byte < in->mem_byte ? in->vis_byte : in->mem_byte;
    const bool clean = in->niter > 0;
    struct pc_gridder_conf conf = {.geom = geom,
                                   .accuracy = in->accuracy,
                                   .wide = in->wide,
                                   .nthread = in->nthread,
                                   .nsample = in->vis_byte / sample_byte,
                                   .nplane = 1};
    const int64_t psf = pc_gridder_mem_byte(&conf);
    conf.nplane = in->npol;
    const int64_t grid = pc_gridder_mem_byte(&conf);
    m->mem_byte[MEMEST_PSF] =
        (in->wide ? 12 : 4) * n + vis + larger(pc_density_mem_byte(&geom, &weight), psf);
    /* the model, then the residual */
    m->mem_byte[MEMEST_GRID] = (in->wide ? 8 : 4) * n + vis + grid;
    /* automatic: residual, pb, five of bytes; a mask that spans the image is smoothed by transforms */
    m->mem_byte[MEMEST_MASK] = in->automask ? (4 + 4 + 5 + 12) * n : 6 * n;
    /* psf, residual, model, where no mask leaves less of them; without a rectangle around it the mask too;
     * with nsigma the region of the noise */
    const bool local = deconvolver->is_local && !(deconvolver->joint && in->npol > 1);
    m->mem_byte[MEMEST_CLEAN] = (12 + (local ? 0 : 1) + (in->nsigma ? 1 : 0)) * n +
                                deconvolver->mem_byte(in->nx, in->ny, in->npol, in->nscale);
    /* block by block; the image and two planes for the transforms of a model that is dense */
    m->mem_byte[MEMEST_RESTORE] = clean ? 12 * n : 0;
    m->peak_byte = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        bool needed = clean || (i != MEMEST_MASK && i != MEMEST_CLEAN);
        m->mem_byte[i] = needed ? m->mem_byte[i] + PROCESS_BYTE : 0;
        m->peak_byte = larger(m->peak_byte, m->mem_byte[i]);
    }
}

/* In real transforms of the image, 1e-8 s a pixel on a core of these years. Three cycles are taken for
 * granted. */
static void seconds(const struct memest_in *in, struct memest *m)
{
    static const double transforms[MEMEST_NSTAGE] = {3, 2, 6, 6, 4};
    const double n = (double)in->nx * in->ny * in->npol, samples = (double)in->vis_byte / (double)sample_byte;
    const double calls = in->niter > 0 ? 4 : 1;
    m->channel_s = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        bool once = i == MEMEST_PSF || i == MEMEST_RESTORE;
        m->time_s[i] = transforms[i] * 1e-8 * n + (i <= MEMEST_GRID ? 2e-7 * samples : 0);
        /* a component costs by the pixels of the mask: one in fifty, as masks go */
        if (i == MEMEST_CLEAN)
            m->time_s[i] += 1e-9 * n / 50 * fmin((double)in->niter, 1000);
        if (m->mem_byte[i] == 0)
            m->time_s[i] = 0;
        m->channel_s += m->time_s[i] * (once ? 1 : calls);
    }
}

void memest_model(const struct memest_in *in, struct memest *m)
{
    const int64_t n = (int64_t)in->nx * in->ny * in->npol, pbcor = in->pbcor ? 4 * n : 0;
    memory(in, m);
    seconds(in, m);
    /* psf, pb, residual, image; model, best model and two masks */
    m->bundle_byte = in->vis_byte + (in->niter > 0 ? 26 : 16) * n + pbcor;
    m->product_byte = in->nchan * ((in->niter > 0 ? 21 : 16) * n + pbcor);
}

int64_t memest_tclean_byte(int nx, int ny)
{
    return (int64_t)(9 * 4 * ceil(1.2 * nx) * ceil(1.2 * ny));
}

int64_t memest_pclean_byte(int nx, int ny)
{
    return 76 * (int64_t)nx * ny;
}
