/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/model_in.h"

#include "io/fits.h"

int64_t model_in_mem_byte(int64_t npix)
{
    return npix / 32;
}

static bool is_large(const struct pc_sparse *s, int64_t npix)
{
    return s->nvalue * (int64_t)sizeof *s->value + s->nrun * (int64_t)sizeof *s->run >
           model_in_mem_byte(npix);
}

static int take_block(void *ctx, int64_t first, const float *pix, int64_t n, struct pc_err *err)
{
    struct model_in *m = ctx;
    m->datasum = pc_datasum_f32(m->datasum, pix, n);
    if (m->is_dense)
        return 0;
    if (pc_sparse_add(&m->sparse, first, pix, n, err))
        return -1;
    m->is_dense = m->file.in_file && is_large(&m->sparse, pc_imhead_npix(&m->file.image.head));
    if (m->is_dense)
        pc_sparse_fini(&m->sparse);
    return 0;
}

int model_in_take(struct model_in *m, struct pc_pass *pass, struct pc_err *err)
{
    if (pc_pass_blocks(pass, &m->file, take_block, m, err))
        return -1;
    m->there = true;
    m->is_zero = !m->is_dense && m->sparse.nvalue == 0;
    return 0;
}

void model_in_fini(struct model_in *m)
{
    pc_later_fini(&m->file);
    pc_sparse_fini(&m->sparse);
    *m = (struct model_in){0};
}

int model_in_fill(const struct model_in *m, int64_t first, int64_t n, float *pix, struct pc_err *err)
{
    if (!m->is_dense)
        return pc_sparse_fill(&m->sparse, first, n, pix);
    if (pc_later_skip(&m->file, first) >= first + n)
        return 0;
    return pc_later_floats(&m->file, first, n, pix, err) ? pc_sparse_any(pix, n) : -1;
}
