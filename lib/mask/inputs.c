/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/inputs.h"

#include "base/mem.h"

#include <string.h>

void pc_mask_inputs_fini(struct pc_mask_inputs *in)
{
    pc_imhead_fini(&in->pb);
    pc_imhead_fini(&in->residual);
    pc_imhead_fini(&in->prev);
    pc_mem_free(in->pix);
    for (int pol = 0; pol < PC_MAX_POL; pol++) {
        pc_runs_free(&in->valid[pol]);
        pc_runs_free(&in->central[pol]);
        pc_runs_free(&in->mask[pol]);
        pc_survey_fini(&in->survey[pol]);
    }
    memset(in, 0, sizeof *in);
}

static void take_head(struct pc_imhead *to, struct pc_imhead *from)
{
    pc_imhead_fini(to);
    *to = *from;
    memset(from, 0, sizeof *from);
}

/* Some pixels of a plane as those of one row after the other. */
struct rows {
    int nx, y, x, n;
    int64_t done, left;
};

static struct rows rows_of(int nx, int64_t first, int64_t n)
{
    return (struct rows){.nx = nx, .y = (int)(first / nx), .x = (int)(first % nx), .left = n};
}

static bool next_row(struct rows *r)
{
    if (r->n) {
        r->done += r->n;
        r->left -= r->n;
        r->x += r->n;
        r->y += r->x == r->nx;
        r->x = r->x == r->nx ? 0 : r->x;
    }
    r->n = r->left < r->nx - r->x ? (int)r->left : r->nx - r->x;
    return r->left > 0;
}

/* ---- the primary beam ---- */

void pc_mask_inputs_begin_pb(struct pc_mask_inputs *in, struct pc_imhead *h, double pbmask)
{
    struct pc_err unused;
    take_head(&in->pb, h);
    /* A primary beam that does not say its limit does not bound. */
    if (pc_record_double(&in->pb.extra, "PBLIMIT", &in->pblimit, &unused))
        in->pblimit = 0;
    in->pbmask = pbmask;
    in->late = in->pix != NULL;
    in->has_valid = in->pblimit > 0;
    in->has_central = pbmask >= 0;
}

int pc_mask_inputs_add_pb(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n, const float *pix,
                          struct pc_err *err)
{
    struct rows r = rows_of(in->pb.nx, first, n);
    while (next_row(&r))
        if ((in->has_valid &&
             pc_runs_add_above(&in->valid[pol], r.y, r.x, pix + r.done, r.n, (float)in->pblimit, err)) ||
            (in->has_central &&
             pc_runs_add_above(&in->central[pol], r.y, r.x, pix + r.done, r.n, (float)in->pbmask, err)))
            return -1;
    return 0;
}

/* ---- the residual ---- */

static int begin_surveys(struct pc_mask_inputs *in, struct pc_err *err)
{
    for (int pol = 0; pol < in->residual.npol; pol++) {
        pc_survey_fini(&in->survey[pol]);
        if (pc_survey_init(&in->survey[pol], in->residual.nx, in->residual.ny, err))
            return -1;
    }
    return 0;
}

int pc_mask_inputs_begin_residual(struct pc_mask_inputs *in, struct pc_imhead *h, struct pc_err *err)
{
    take_head(&in->residual, h);
    in->late = false;
    pc_mem_free(in->pix);
    in->pix = pc_mem_new(pc_imhead_npix(&in->residual), sizeof *in->pix, "the residual", err);
    return in->pix ? begin_surveys(in, err) : -1;
}

void pc_mask_inputs_add_residual(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n)
{
    int64_t per = (int64_t)in->residual.nx * in->residual.ny;
    pc_survey_add(&in->survey[pol], first, n, in->pix + pol * per + first,
                  in->has_valid ? &in->valid[pol] : NULL);
}

/* ---- the previous mask ---- */

void pc_mask_inputs_begin_prev(struct pc_mask_inputs *in, struct pc_imhead *h)
{
    take_head(&in->prev, h);
    for (int pol = 0; pol < PC_MAX_POL; pol++)
        in->mask[pol].n = 0;
}

int pc_mask_inputs_add_prev(struct pc_mask_inputs *in, int pol, int64_t first, int64_t n,
                            const unsigned char *mask, const float *pix, struct pc_err *err)
{
    struct rows r = rows_of(in->prev.nx, first, n);
    while (next_row(&r)) {
        int bad = mask ? pc_runs_add_bytes(&in->mask[pol], r.y, r.x, mask + r.done, r.n, err)
                       : pc_runs_add_above(&in->mask[pol], r.y, r.x, pix + r.done, r.n, 0.5F, err);
        if (bad)
            return -1;
    }
    return 0;
}

int pc_mask_inputs_end(struct pc_mask_inputs *in, struct pc_err *err)
{
    if (!in->late || !in->has_valid)
        return 0;
    in->late = false;
    if (begin_surveys(in, err))
        return -1;
    for (int pol = 0; pol < in->residual.npol; pol++)
        pc_mask_inputs_add_residual(in, pol, 0, (int64_t)in->residual.nx * in->residual.ny);
    return 0;
}
