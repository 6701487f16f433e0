/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/pixels.h"
#include "base/mem.h"
#include "io/fits.h"
#include "io/pass_priv.h"

#include <string.h>

enum { SCRATCH = 1 << 19 }; /* fits in a core's second cache beside what it comes from */

int64_t pc_fits_padded(int64_t n)
{
    return (n + PC_FITS_BLOCK - 1) / PC_FITS_BLOCK * PC_FITS_BLOCK;
}

static void convert(void *dst, const void *src, int64_t n, int size)
{
    if (size == 8)
        pc_swap_f64(dst, src, n);
    else if (size == 4)
        pc_swap_f32(dst, src, n);
    else
        memcpy(dst, src, (size_t)n);
}

int pc_pixels_write(struct pc_pass *p, const void *src, int64_t n, int size, struct pc_err *err)
{
    const char *from = src;
    if (size == 1)
        return pc_pass_write(p, src, (size_t)n, err);
    if (!p->scratch && !(p->scratch = pc_mem_new(SCRATCH, 1, "a write buffer", err)))
        return -1;
    while (n > 0) {
        int64_t m = n < SCRATCH / size ? n : SCRATCH / size;
        convert(p->scratch, from, m, size);
        if (pc_pass_write(p, p->scratch, (size_t)(m * size), err))
            return -1;
        from += m * size;
        n -= m;
    }
    return 0;
}

int pc_pixels_pad(struct pc_pass *p, int64_t nbyte, struct pc_err *err)
{
    static const char zeros[PC_FITS_BLOCK];
    return pc_pass_write(p, zeros, (size_t)(pc_fits_padded(nbyte) - nbyte), err);
}

int pc_pixels_put_copies(struct pc_pass *p, const char *name, const struct pc_text *header, const void *src,
                         int64_t n, int size, int copies, struct pc_err *err)
{
    int64_t total = (int64_t)header->len + pc_fits_padded(copies * n * size);
    if (pc_pass_put(p, name, total, err) || pc_pass_write(p, header->s, header->len, err))
        return -1;
    for (int i = 0; i < copies; i++)
        if (pc_pixels_write(p, src, n, size, err))
            return -1;
    return pc_pixels_pad(p, copies * n * size, err) || pc_pass_put_end(p, err) ? -1 : 0;
}

int pc_pixels_put(struct pc_pass *p, const char *name, const struct pc_text *header, const void *src,
                  int64_t n, int size, struct pc_err *err)
{
    return pc_pixels_put_copies(p, name, header, src, n, size, 1, err);
}
