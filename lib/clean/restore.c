/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/restore.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/beam_deconvolve.h"
#include "image/convolve.h"

#include <math.h>
#include <string.h>

struct pc_restorer {
    struct pc_restore_in in;
    struct pc_convolver *model, *match; /* NULL: none, and a residual that stays as it is */
    float ratio;                        /* of the areas of new beam and old */
    float *row;
};

/* ---- making ---- */

/* Rows of the residual with zeros for blanks. */
static int row_without_blanks(void *ctx, int y, float *pix, struct pc_err *err)
{
    const struct pc_restore_in *in = ctx;
    int any = in->residual.row(in->residual.ctx, y, pix, err);
    for (int x = 0; x < in->nx && any > 0; x++)
        pix[x] = isfinite(pix[x]) ? pix[x] : 0;
    return any;
}

static struct pc_convolution convolution(const struct pc_restore_in *in, const struct pc_beam *beam)
{
    return (struct pc_convolution){
        in->nx, in->ny, {in->cell_rad[0], in->cell_rad[1]}, *beam, PC_CONVOLVE_PEAK1, false};
}

static int match_residual(struct pc_restorer *r, bool *smaller, struct pc_err *err)
{
    const struct pc_restore_in *in = &r->in;
    const struct pc_rows rows = {row_without_blanks, &r->in};
    struct pc_beam diff;
    if (!(in->own.maj_rad > 0) || !memcmp(&in->own, &in->beam, sizeof in->own))
        return 0;
    const enum pc_deconvolved how = pc_beam_deconvolve(&in->beam, &in->own, &diff);
    *smaller = how == PC_DECONVOLVED_NOT;
    if (how != PC_DECONVOLVED || diff.min_rad < hypot(in->cell_rad[0], in->cell_rad[1]))
        return 0;
    struct pc_convolution conf = convolution(in, &diff);
    conf.norm = PC_CONVOLVE_SUM1;
    conf.is_dense = true;
    r->ratio = (float)(pc_beam_area_sr(&in->beam) / pc_beam_area_sr(&in->own));
    return pc_convolver_new(&r->match, &conf, &rows, err) ? pc_err_prefix(err, "residual") : 0;
}

static int convolve_model(struct pc_restorer *r, struct pc_err *err)
{
    const struct pc_convolution conf = convolution(&r->in, &r->in.beam);
    if (!r->in.model.row)
        return 0;
    return pc_convolver_new(&r->model, &conf, &r->in.model, err) ? pc_err_prefix(err, "model") : 0;
}

int pc_restorer_new(struct pc_restorer **out, const struct pc_restore_in *in, bool *smaller,
                    struct pc_err *err)
{
    struct pc_restorer *r = pc_mem_new0(1, sizeof *r, "restoring", err);
    *out = NULL;
    *smaller = false;
    if (!r)
        return -1;
    r->in = *in;
    r->row = pc_mem_new(in->nx, sizeof *r->row, "a row", err);
    if (!r->row || (in->beam.maj_rad > 0 && (match_residual(r, smaller, err) || convolve_model(r, err)))) {
        pc_restorer_free(r);
        return -1;
    }
    *out = r;
    return 0;
}

void pc_restorer_free(struct pc_restorer *r)
{
    if (!r)
        return;
    pc_convolver_free(r->model);
    pc_convolver_free(r->match);
    pc_mem_free(r->row);
    pc_mem_free(r);
}

bool pc_restorer_is_slow(const struct pc_restorer *r)
{
    return (r->model && pc_convolver_is_slow(r->model)) || r->match;
}

/* ---- rows ---- */

PC_CLONES static void add(float *restrict image, const float *restrict model, int n)
{
    for (int x = 0; x < n; x++)
        image[x] = model[x] + image[x];
}

/* What a blank leaves blank. */
static void scale(float *restrict image, const float *restrict matched, float ratio, int n)
{
    for (int x = 0; x < n; x++)
        image[x] = isfinite(image[x]) ? matched[x] * ratio : NAN;
}

int pc_restorer_row(struct pc_restorer *r, int y, float *image, struct pc_err *err)
{
    const int nx = r->in.nx;
    int any = 0;
    for (int x = 0; x < nx && r->in.beam.maj_rad == 0; x++)
        image[x] = NAN;
    if (r->in.beam.maj_rad == 0)
        return 0;
    if (r->match && (any = pc_convolver_row(r->match, y, r->row, err)) < 0)
        return -1;
    const int set = r->in.residual.row(r->in.residual.ctx, y, image, err);
    if (set < 0)
        return -1;
    if (set == 0)
        memset(image, 0, (size_t)nx * sizeof *image);
    if (any)
        scale(image, r->row, r->ratio, nx);
    if (r->model && (any = pc_convolver_row(r->model, y, r->row, err)) < 0)
        return -1;
    if (r->model && any)
        add(image, r->row, nx);
    return 0;
}

/* Choices by bits, not by branches: a compiler may vectorise these. */
PC_CLONES static void blank(float *image, const float *pb, float limit, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        image[i] = pb[i] > limit ? image[i] : NAN;
}

void pc_restore_blank(float *image, const float *pb, double pblimit, int64_t n)
{
    if (pblimit >= 0)
        blank(image, pb, (float)pblimit, n);
}

PC_CLONES void pc_restore_pbcor(float *corrected, const float *image, const float *pb, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float v = image[i] / pb[i];
        corrected[i] = pb[i] > 0 ? v : NAN;
    }
}
