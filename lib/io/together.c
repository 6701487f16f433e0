/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/together.h"

#include "base/mem.h"
#include "io/file_out.h"
#include "io/fits.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <fcntl.h>
#include <stdio.h>

/* One of the images. Its member is put while nothing is in it yet; the file stays open beyond that. */
struct image {
    const char *name;
    struct pc_file_out file;
    float *block;
    uint32_t datasum;
};

/* ---- members whose files stay open ---- */

/* The header has the same length whatever the sum. */
static int format(const struct image *im, const struct pc_imhead *head, struct pc_text *header,
                  struct pc_err *err)
{
    const struct pc_fits_out o = {.bitpix = -32, .has_sum = true, .datasum = im->datasum};
    header->len = 0;
    return pc_fits_format_imhead(head, &o, header, err) ? pc_err_prefix(err, "%s", im->name) : 0;
}

static int open_one(struct image *im, struct pc_pass *p, const struct pc_imhead *head, struct pc_err *err)
{
    struct pc_text header = {0};
    struct pc_file_out *f = &im->file;
    int bad = !(im->block = pc_mem_new(PC_TOGETHER_BLOCK, sizeof *im->block, "a block of pixels", err)) ||
              format(im, head, &header, err);
    f->size = (int64_t)header.len + pc_fits_padded(pc_imhead_npix(head) * 4);
    f->at = (int64_t)header.len;
    snprintf(f->path, sizeof f->path, "%s", im->name);
    pc_text_free(&header);
    if (bad || pc_pass_put(p, im->name, f->size, err))
        return -1;
    if ((f->fd = fcntl(pc_pass_put_fd(p), F_DUPFD_CLOEXEC, 3)) < 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot be kept open", im->name);
    pc_pass_put_written(p);
    return pc_pass_put_end(p, err);
}

static int end_one(struct image *im, const struct pc_pass *p, const struct pc_imhead *head,
                   struct pc_err *err)
{
    struct pc_text header = {0};
    im->file.at = 0;
    int bad = format(im, head, &header, err) || pc_file_out_write(&im->file, header.s, header.len, err);
    pc_text_free(&header);
    return bad ? -1 : pc_file_out_end(&im->file, p->sink->in_place, err);
}

/* ---- pixels ---- */

static int write_blocks(struct image *im, int nimage, int64_t npix, pc_together_fn *make, void *ctx,
                        struct pc_err *err)
{
    float *block[PC_TOGETHER_MAX];
    for (int k = 0; k < nimage; k++)
        block[k] = im[k].block;
    for (int64_t i = 0, n; i < npix; i += n) {
        n = npix - i < PC_TOGETHER_BLOCK ? npix - i : PC_TOGETHER_BLOCK;
        if (make(ctx, i, n, block, err))
            return -1;
        for (int k = 0; k < nimage; k++) {
            im[k].datasum = pc_datasum_f32(im[k].datasum, block[k], n);
            pc_swap_f32(block[k], block[k], n);
            if (pc_file_out_write(&im[k].file, block[k], (size_t)n * 4, err))
                return -1;
        }
    }
    return 0;
}

int pc_pass_put_together(struct pc_pass *p, const char *const name[], int nimage,
                         const struct pc_imhead *head, pc_together_fn *make, void *ctx, struct pc_err *err)
{
    struct image im[PC_TOGETHER_MAX];
    int bad = 0;
    for (int k = 0; k < nimage; k++)
        im[k] = (struct image){.name = name[k], .file.fd = -1};
    for (int k = 0; k < nimage && !bad; k++)
        bad = open_one(&im[k], p, head, err);
    bad = bad || write_blocks(im, nimage, pc_imhead_npix(head), make, ctx, err);
    for (int k = 0; k < nimage && !bad; k++)
        bad = end_one(&im[k], p, head, err);
    for (int k = 0; k < nimage; k++) {
        pc_file_out_abort(&im[k].file);
        pc_mem_free(im[k].block);
    }
    return bad ? -1 : 0;
}
