/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_model.h"

#include "base/mem.h"
#include "clean/minor.h"
#include "tools/model_in.h"

#include <math.h>
#include <string.h>

/* What a process has before it computes, beside its code and libraries: buffers; what gridding has beside the
 * uv plane: batches of samples, tables, transforms' plans; what a convolution has beside its planes
 * (measured). */
static const int64_t BUFFERS_BYTE = 2500000, GRIDDING_BYTE = 5500000, TRANSFORM_BYTE = 3000000;

const char *const memest_stages[MEMEST_NSTAGE] = {"psf", "grid", "mask", "clean", "restore"};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sum(int64_t a, int64_t b)
{
    int64_t c;
    return __builtin_add_overflow(a, b, &c) ? INT64_MAX : c;
}

void memest_vis_of(struct memest_vis *vis, int64_t nrow, int64_t nsample, int ncorr, bool dishes_differ)
{
    const int64_t uvw = 24 * nrow, row = 32 * nrow, weight = 4 * ncorr * nsample, imweight = 4 * nsample;
    const int64_t both = pc_mem_whole_byte(uvw) + pc_mem_whole_byte(weight) + pc_mem_whole_byte(imweight);
    *vis = (struct memest_vis){.nsample = nsample,
                               .bundle_byte = uvw + 3 * weight + imweight + row,
                               .psf_byte = both + (dishes_differ ? pc_mem_whole_byte(row) : 0),
                               .grid_byte = both + pc_mem_whole_byte(2 * weight)};
    vis->block_byte = larger(vis->psf_byte, vis->grid_byte);
}

/* What does not fit into --mem is in a file, but for the block that is looked at. */
static int64_t held(const struct memest_in *in, int64_t byte)
{
    return byte <= in->mem_byte ? byte : in->mem_byte + in->vis.block_byte;
}

/* The psf goes into its file as it is made, but for rows about its centre, unless it is the sum of several
 * terms. The density comes before it: there is the plane of the channel before then. */
static int64_t psf(const struct memest_in *in, const struct pc_gridder_conf *conf)
{
    const struct pc_weight_conf weight = {.scheme = in->weighting, .npixels = in->npixels};
    const int64_t real = in->wide ? 8 : 4, plane = in->wterm ? real * in->nx * in->ny : 0;
    const int64_t rows = (100 + 50 * in->nthread) * real * in->nx;
    struct pc_gridder_conf one = *conf;
    one.nplane = 1;
    one.even = !in->wterm;
    const int64_t density =
        pc_density_mem_byte(&conf->geom, &weight, in->max_v) + (in->nchan > 1 ? plane : 0);
    const int64_t grid = sum(pc_gridder_mem_byte(&one), GRIDDING_BYTE + plane + rows);
    return sum(larger(density, grid), held(in, in->vis.psf_byte));
}

/* Row by row; of a convolution the rows within reach, transformed, which are the fewer the longer. */
static int64_t restore(const struct memest_in *in, int64_t n)
{
    const bool clean = in->niter > 0;
    const int64_t row_byte = 200 * (int64_t)in->nx * in->npol;
    return (clean || in->rebeam ? TRANSFORM_BYTE : 0) + (clean ? model_in_mem_byte(n) + row_byte : 0) +
           (in->rebeam ? row_byte : 0);
}

static void memory(const struct memest_in *in, struct memest *m)
{
    const struct pc_deconvolver *deconvolver = pc_deconvolver_find(in->deconvolver);
    const int64_t n = (int64_t)in->nx * in->ny * in->npol;
    const bool clean = in->niter > 0;
    const struct pc_gridder_conf conf = {.geom = {in->nx, in->ny, {in->cell_rad[0], in->cell_rad[1]}},
                                         .accuracy = in->accuracy,
                                         .wide = in->wide,
                                         .max_u = in->max_u,
                                         .nthread = in->nthread,
                                         .nsample = in->vis.nsample,
                                         .nplane = in->npol};
    m->mem_byte[MEMEST_PSF] = psf(in, &conf);
    /* a model that is dense; then the residual, where it is the sum of several terms: else it goes into its
     * file as it is made */
    m->mem_byte[MEMEST_GRID] = sum(pc_gridder_mem_byte(&conf), GRIDDING_BYTE + held(in, in->vis.grid_byte) +
                                                                   (in->wide && in->wterm ? 8 : 4) * n);
    /* automatic: the residual, and what pixels the noise and the mask single out; else runs of pixels */
    m->mem_byte[MEMEST_MASK] = in->automask ? 4 * n + 3 * n / 4 : n;
    /* psf, residual, model, where no mask leaves less of them; without a rectangle around it the mask too;
     * with nsigma the region of the noise */
    const bool local = deconvolver->is_local && !(deconvolver->joint && in->npol > 1);
    m->mem_byte[MEMEST_CLEAN] = (12 + (local ? 0 : 1) + (in->nsigma ? 1 : 0)) * n +
                                deconvolver->mem_byte(in->nx, in->ny, in->npol, in->nscale);
    m->mem_byte[MEMEST_RESTORE] = restore(in, n);
    m->bound[MEMEST_PSF] = !(in->max_u > 0);
    m->bound[MEMEST_GRID] = m->bound[MEMEST_PSF] || !in->wterm; /* the plane is a dense model's */
    m->bound[MEMEST_CLEAN] = clean && in->masked;
    m->peak_byte = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        bool needed = clean || (i != MEMEST_MASK && i != MEMEST_CLEAN);
        m->mem_byte[i] = needed ? sum(m->mem_byte[i], in->process_byte + BUFFERS_BYTE) : 0;
        m->peak_byte = larger(m->peak_byte, m->mem_byte[i]);
    }
}

/* Three cycles are taken for granted. */
void memest_channel_time(const struct memest_in *in, struct memest *m)
{
    const double calls = in->niter > 0 ? 4 : 1;
    m->channel_s = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++)
        m->channel_s += m->time_s[i] * (i == MEMEST_PSF || i == MEMEST_RESTORE ? 1 : calls);
}

/* Of one call: in real transforms of the image, 1e-8 s a pixel on a core of these years, beside what a
 * channel takes whatever its size; as measured on channels of 256, 1024 and 8000 pixels. */
static void seconds(const struct memest_in *in, struct memest *m)
{
    static const double transforms[MEMEST_NSTAGE] = {1.6, 1.5, 0.55, 0.4, 0.8},
                        fixed_s[MEMEST_NSTAGE] = {5e-3, 5e-3, 1.5e-3, 1.5e-3, 1e-3};
    const double n = (double)in->nx * in->ny * in->npol, samples = (double)in->vis.nsample;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        m->time_s[i] = transforms[i] * 1e-8 * n + fixed_s[i];
        if (i == MEMEST_PSF || i == MEMEST_GRID)
            m->time_s[i] = m->time_s[i] * (in->wterm ? 1.9 : 1) + 2e-7 * samples;
        /* a component costs by the pixels of the mask: one in fifty, as masks go */
        if (i == MEMEST_CLEAN)
            m->time_s[i] += 4e-10 * n / 50 * fmin((double)in->niter, 1000);
        if (m->mem_byte[i] == 0)
            m->time_s[i] = 0;
    }
    memest_channel_time(in, m);
}

/* A job of one channel takes a tenth of a second for what is not arithmetic: one of two seconds hides it. */
void memest_block(struct memest *m)
{
    const double worth_s = 2, most_byte = 256e6, most = 100;
    m->block = (int)fmax(1, fmin(fmin(worth_s / m->channel_s, most_byte / (double)m->bundle_byte), most));
}

void memest_model(const struct memest_in *in, struct memest *m)
{
    const int64_t n = (int64_t)in->nx * in->ny * in->npol, pbcor = in->pbcor ? 4 * n : 0;
    *m = (struct memest){0};
    memory(in, m);
    seconds(in, m);
    /* psf, pb, residual, image; model, best model and two masks */
    m->bundle_byte = in->vis.bundle_byte + (in->niter > 0 ? 26 : 16) * n + pbcor;
    m->product_byte = in->nchan * ((in->niter > 0 ? 21 : 16) * n + pbcor);
    memest_block(m);
}

int64_t memest_tclean_byte(int nx, int ny)
{
    return (int64_t)(9 * 4 * ceil(1.2 * nx) * ceil(1.2 * ny));
}

int64_t memest_pclean_byte(int nx, int ny)
{
    return 76 * (int64_t)nx * ny;
}
