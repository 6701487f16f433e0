/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/later.h"

#include "base/mem.h"
#include "io/fdio.h"
#include "io/fits.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FEW = 2048 };

/* ---- taking ---- */

/* Keeps the pixels' place in the file: 1, or 0 when they come from a stream. */
static int stay(struct pc_pass *pass, struct pc_later *l, struct pc_err *err)
{
    int fd;
    if (!pc_pass_place(pass, &fd, &l->at))
        return 0;
    l->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (l->fd < 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot be kept open", l->name);
    l->in_file = true;
    return 1;
}

static int begin(struct pc_pass *pass, struct pc_later *l, struct pc_err *err)
{
    struct pc_imhead head;
    snprintf(l->name, sizeof l->name, "%.*s", (int)sizeof l->name - 1, pass->label);
    if (pc_pass_image_head(pass, &head, &l->bitpix, err))
        return -1;
    pc_imhead_fini(&l->image.head);
    l->image.head = head;
    l->there = true;
    l->is_bytes = l->bitpix == 8;
    return 0;
}

int pc_pass_later(struct pc_pass *pass, struct pc_later *l, struct pc_err *err)
{
    const int64_t have = l->image.pix || l->image.mask ? pc_imhead_npix(&l->image.head) : 0;
    if (begin(pass, l, err))
        return -1;
    int stays = stay(pass, l, err);
    if (stays)
        return stays < 0 ? -1 : 0;
    return pc_pass_image_rest(pass, &l->image, have, l->bitpix, err);
}

void pc_later_fini(struct pc_later *l)
{
    if (l->in_file)
        close(l->fd);
    pc_image_fini(&l->image);
    *l = (struct pc_later){0};
}

/* ---- reading ---- */

static int narrow(const struct pc_later *l, int64_t first, int64_t n, float *dst, struct pc_err *err)
{
    double few[FEW];
    for (int64_t i = 0; i < n; i += FEW) {
        int64_t m = n - i < FEW ? n - i : FEW;
        if (pc_fd_pread(l->fd, few, (size_t)m * 8, l->at + (first + i) * 8, l->name, err))
            return -1;
        pc_swap_f64(few, few, m);
        for (int64_t k = 0; k < m; k++)
            dst[i + k] = (float)few[k];
    }
    return 0;
}

static int widen_bytes(const struct pc_later *l, int64_t first, int64_t n, float *dst, struct pc_err *err)
{
    unsigned char few[FEW];
    for (int64_t i = 0; i < n; i += FEW) {
        int64_t m = n - i < FEW ? n - i : FEW;
        const unsigned char *b = pc_later_bytes(l, first + i, m, few, err);
        if (!b)
            return -1;
        for (int64_t k = 0; k < m; k++)
            dst[i + k] = b[k];
    }
    return 0;
}

const float *pc_later_floats(const struct pc_later *l, int64_t first, int64_t n, float *buf,
                             struct pc_err *err)
{
    if (l->image.pix)
        return l->image.pix + first;
    if (l->is_bytes)
        return widen_bytes(l, first, n, buf, err) ? NULL : buf;
    if (l->bitpix == -64)
        return narrow(l, first, n, buf, err) ? NULL : buf;
    if (pc_fd_pread(l->fd, buf, (size_t)n * 4, l->at + first * 4, l->name, err))
        return NULL;
    pc_swap_f32(buf, buf, n);
    return buf;
}

const unsigned char *pc_later_bytes(const struct pc_later *l, int64_t first, int64_t n, unsigned char *buf,
                                    struct pc_err *err)
{
    float few[FEW];
    if (l->image.mask)
        return l->image.mask + first;
    if (l->is_bytes)
        return pc_fd_pread(l->fd, buf, (size_t)n, l->at + first, l->name, err) ? NULL : buf;
    for (int64_t i = 0; i < n; i += FEW) {
        int64_t m = n - i < FEW ? n - i : FEW;
        const float *v = pc_later_floats(l, first + i, m, few, err);
        if (!v)
            return NULL;
        for (int64_t k = 0; k < m; k++)
            buf[i + k] = v[k] > 0.5f; /* a NaN is not */
    }
    return buf;
}

int64_t pc_later_skip(const struct pc_later *l, int64_t first)
{
    const int64_t size = abs(l->bitpix) / 8, n = pc_imhead_npix(&l->image.head);
    if (!l->in_file || first >= n)
        return first;
    int64_t at = (pc_fd_data(l->fd, l->at + first * size, l->at + n * size) - l->at) / size;
    return at < first ? first : at < n ? at : n;
}

static int blocks_of_file(const struct pc_later *l, pc_block_fn *take, void *ctx, float *buf,
                          struct pc_err *err)
{
    const int64_t npix = pc_imhead_npix(&l->image.head);
    for (int64_t i = pc_later_skip(l, 0), n; i < npix; i = pc_later_skip(l, i + n)) {
        n = npix - i < PC_MADE_BLOCK ? npix - i : PC_MADE_BLOCK;
        const float *v = pc_later_floats(l, i, n, buf, err);
        if (!v || take(ctx, i, v, n, err))
            return -1;
    }
    return 0;
}

static int blocks_of_stream(struct pc_pass *p, const struct pc_later *l, pc_block_fn *take, void *ctx,
                            float *buf, struct pc_err *err)
{
    const int64_t npix = pc_imhead_npix(&l->image.head);
    for (int64_t i = 0; i < npix; i += PC_MADE_BLOCK) {
        int64_t n = npix - i < PC_MADE_BLOCK ? npix - i : PC_MADE_BLOCK;
        if ((l->bitpix == -64 ? pc_pixels_read_narrow(p, buf, n, err) : pc_pixels_read(p, buf, n, 4, err)) ||
            take(ctx, i, buf, n, err))
            return -1;
    }
    return 0;
}

int pc_pass_blocks(struct pc_pass *pass, struct pc_later *l, pc_block_fn *take, void *ctx, struct pc_err *err)
{
    if (begin(pass, l, err))
        return -1;
    if (l->is_bytes)
        return pc_err_set(err, PC_EX_DATA, "%s: must have BITPIX -32 or -64", l->name);
    const int stays = stay(pass, l, err);
    float *buf = stays < 0 ? NULL : pc_mem_new(PC_MADE_BLOCK, sizeof *buf, "a block of pixels", err);
    if (!buf)
        return -1;
    int rc = stays ? blocks_of_file(l, take, ctx, buf, err) : blocks_of_stream(pass, l, take, ctx, buf, err);
    pc_mem_free(buf);
    return rc;
}

/* ---- making ---- */

/* Goes over all blocks: their sum, or what is written, or both at once. */
static int make_blocks(struct pc_pass *write_to, const struct pc_maker *maker, int round, int64_t npix,
                       void *buf, uint32_t *sum, struct pc_err *err)
{
    static const char zeros[PC_MADE_BLOCK * 4];
    const int size = maker->is_bytes ? 1 : 4;
    for (int64_t i = 0; i < npix; i += PC_MADE_BLOCK) {
        const int64_t n = npix - i < PC_MADE_BLOCK ? npix - i : PC_MADE_BLOCK;
        bool is_zero = false;
        const void *v = maker->make(maker->ctx, round, i, n, buf, &is_zero, err);
        if (!v && !is_zero)
            return -1;
        if (sum && !is_zero)
            *sum = maker->is_bytes ? pc_datasum_bytes(*sum, v, n) : pc_datasum_f32(*sum, v, n);
        if (!write_to)
            continue;
        if (is_zero ? pc_pass_write(write_to, zeros, (size_t)(n * size), err)
                    : pc_pixels_write(write_to, v, n, size, err))
            return -1;
    }
    return write_to ? pc_pixels_pad(write_to, npix * size, err) : 0;
}

static int format(const char *name, const struct pc_imhead *head, const struct pc_maker *maker, uint32_t sum,
                  struct pc_text *header, struct pc_err *err)
{
    const struct pc_fits_out o = {.bitpix = maker->is_bytes ? 8 : -32, .has_sum = true, .datasum = sum};
    header->len = 0;
    return pc_fits_format_imhead(head, &o, header, err) ? pc_err_prefix(err, "%s", name) : 0;
}

/* A header has the same length whatever the sum: where it can be written anew, it is. */
static int put_blocks(struct pc_pass *p, const char *name, const struct pc_imhead *head,
                      const struct pc_maker *maker, void *buf, struct pc_text *header, struct pc_err *err)
{
    const int64_t size = maker->is_bytes ? 1 : 4, npix = pc_imhead_npix(head);
    const bool once = pc_pass_can_amend(p);
    uint32_t sum = 0;
    if ((!once && make_blocks(NULL, maker, 0, npix, buf, &sum, err)) ||
        format(name, head, maker, sum, header, err) ||
        pc_pass_put(p, name, (int64_t)header->len + pc_fits_padded(npix * size), err) ||
        pc_pass_write(p, header->s, header->len, err) ||
        make_blocks(p, maker, once ? 0 : 1, npix, buf, once ? &sum : NULL, err))
        return -1;
    if (once && (format(name, head, maker, sum, header, err) ||
                 pc_fd_pwrite(pc_pass_put_fd(p), header->s, header->len, 0, name, err)))
        return -1;
    return pc_pass_put_end(p, err);
}

int pc_pass_put_made(struct pc_pass *p, const char *name, const struct pc_imhead *head,
                     const struct pc_maker *maker, struct pc_err *err)
{
    struct pc_text header = {0};
    void *buf = pc_mem_new(PC_MADE_BLOCK, maker->is_bytes ? 1 : 4, "a block of pixels", err);
    int rc = buf ? put_blocks(p, name, head, maker, buf, &header, err) : -1;
    pc_text_free(&header);
    pc_mem_free(buf);
    return rc;
}
