/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_copy.h"

#include "base/clones.h"
#include "base/mem.h"
#include "io/fdio.h"

#include <math.h>

/* ---- planes as they are ---- */

/* A plane on its way, byte for byte. */
struct moving {
    struct pc_cubefile *f;
    const struct pc_later *im;
    int64_t from, to; /* where it begins in the two files */
    char *buf;        /* PC_FD_CHUNK */
    uint32_t *sum;    /* NULL: it is known */
};

/* Bytes at .. end of it, which hold data. */
static int move_data(const struct moving *m, int64_t at, int64_t end, struct pc_err *err)
{
    if (m->sum == NULL)
        at += pc_fd_copy(m->im->fd, m->from + at, m->f->fd, m->to + at, end - at);
    for (int64_t n; at < end; at += n) {
        n = end - at < PC_FD_CHUNK ? end - at : PC_FD_CHUNK;
        if (pc_fd_pread(m->im->fd, m->buf, (size_t)n, m->from + at, m->im->name, err) != 0 ||
            pc_cubefile_write(m->f, m->buf, n, m->to + at, err) != 0)
            return -1;
        if (m->sum)
            *m->sum = pc_datasum_bytes(*m->sum, m->buf, n);
    }
    return 0;
}

/* Holes stay holes; what lies beyond the end of the file is none. Pieces are of whole words, for the sum. */
static int move_plane(const struct moving *m, int64_t size, struct pc_err *err)
{
    if (pc_fd_pread(m->im->fd, m->buf, 1, m->from + size - 1, m->im->name, err) != 0)
        return -1;
    for (int64_t at = 0, data, end; at < size; at = end) {
        data = (pc_fd_data(m->im->fd, m->from + at, m->from + size) - m->from) / 4 * 4;
        data = data > at ? data : at;
        end = (pc_fd_hole(m->im->fd, m->from + data, m->from + size) - m->from + 3) / 4 * 4;
        end = end > data && end < size ? end : size;
        if (pc_cubefile_zero(m->f, data - at, m->to + at, err) != 0 || move_data(m, data, end, err) != 0)
            return -1;
    }
    return 0;
}

static int move_planes(struct moving *m, int64_t k, uint32_t datasum, uint32_t *sum, struct pc_err *err)
{
    const int64_t size = pc_cubefile_plane_byte(m->f);
    const bool known = datasum != 0 && m->f->npol == 1;
    for (int p = 0; p < m->f->npol; p++) {
        sum[p] = known ? datasum : 0;
        m->sum = known ? NULL : &sum[p];
        m->from = m->im->at + p * size;
        m->to = pc_cubefile_offset(m->f, k, p);
        if (move_plane(m, size, err) != 0)
            return -1;
    }
    return 0;
}

/* ---- planes that change ---- */

struct changing {
    struct pc_cubefile *f;
    const struct pc_later *im;
    const struct pc_cube_blank *blank;
    float *pix, *beam;    /* PC_MADE_BLOCK each */
    unsigned char *bytes; /* PC_MADE_BLOCK */
};

static int put_bytes(const struct changing *c, int64_t first, int64_t n, int64_t to, uint32_t *sum,
                     struct pc_err *err)
{
    const unsigned char *v = pc_later_bytes(c->im, first, n, c->bytes, err);
    if (v == NULL)
        return -1;
    *sum = pc_datasum_bytes(*sum, v, n);
    return pc_cubefile_write(c->f, v, n, to, err);
}

PC_CLONES static void choose(const float *beam, double limit, const float *v, float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = (double)beam[i] > limit ? v[i] : NAN;
}

/* The blanked ones of v in pix; v may be pix. */
static int blank(const struct changing *c, int p, int64_t at, int64_t n, const float *v, struct pc_err *err)
{
    const struct pc_imhead *h = &c->blank->pb->image.head;
    const int64_t first = (p < h->npol ? p : 0) * (int64_t)h->nx * h->ny + at;
    const float *beam = pc_later_floats(c->blank->pb, first, n, c->beam, err);
    if (beam == NULL)
        return -1;
    choose(beam, c->blank->limit, v, c->pix, n);
    return 0;
}

static int put_floats(const struct changing *c, int p, int64_t at, int64_t n, int64_t to, uint32_t *sum,
                      struct pc_err *err)
{
    const int64_t px = (int64_t)c->f->nx * c->f->ny;
    const float *v = pc_later_floats(c->im, p * px + at, n, c->pix, err);
    if (v == NULL)
        return -1;
    if (c->blank->pb) {
        if (blank(c, p, at, n, v, err) != 0)
            return -1;
        v = c->pix;
    }
    *sum = pc_datasum_f32(*sum, v, n);
    pc_swap_f32(c->pix, v, n);
    return pc_cubefile_write(c->f, c->pix, 4 * n, to, err);
}

static int put_planes(const struct changing *c, int64_t k, uint32_t *sum, struct pc_err *err)
{
    const int64_t px = (int64_t)c->f->nx * c->f->ny, size = c->f->bitpix == 8 ? 1 : 4;
    for (int p = 0; p < c->f->npol; p++) {
        const int64_t to = pc_cubefile_offset(c->f, k, p);
        sum[p] = 0;
        for (int64_t at = 0; at < px; at += PC_MADE_BLOCK) {
            const int64_t n = px - at < PC_MADE_BLOCK ? px - at : PC_MADE_BLOCK;
            if (size == 1 ? put_bytes(c, p * px + at, n, to + at, &sum[p], err)
                          : put_floats(c, p, at, n, to + at * size, &sum[p], err))
                return -1;
        }
    }
    return 0;
}

int pc_cube_copy(struct pc_cubefile *f, int64_t k, const struct pc_later *im, uint32_t datasum,
                 const struct pc_cube_blank *blank, uint32_t *sum, struct pc_err *err)
{
    const bool whole = im->in_file && im->bitpix == f->bitpix && blank->pb == NULL;
    char *buf = pc_mem_new(PC_FD_CHUNK, 1, "a block of pixels", err);
    int ret = -1;
    _Static_assert(9 * PC_MADE_BLOCK <= PC_FD_CHUNK, "room for the pixels, their beams and bytes");
    if (buf && whole) {
        struct moving m = {.f = f, .im = im, .buf = buf};
        ret = move_planes(&m, k, datasum, sum, err);
    } else if (buf) {
        float *pix = (void *)buf;
        const struct changing c = {
            f, im, blank, pix, pix + PC_MADE_BLOCK, (unsigned char *)(pix + 2 * PC_MADE_BLOCK)};
        ret = put_planes(&c, k, sum, err);
    }
    pc_mem_free(buf);
    return ret;
}
