/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/bundle.h"
#include "io/fits.h"
#include "io/pixels.h"

#include <string.h>

enum { BLOCK = 1 << 18 };

/* DATASUM adds words of four bytes; those of a mask are 0 or 1: it is enough to count by place in the word.
 */
static uint32_t datasum(const struct pc_imhead *h, const struct pc_runs *planes)
{
    const int64_t per = (int64_t)h->nx * h->ny;
    uint64_t sum = 0;
    for (int pol = 0; pol < h->npol; pol++)
        for (int64_t i = 0; i < planes[pol].n; i++) {
            const struct pc_span *p = &planes[pol].run[i];
            int64_t at = pol * per + (int64_t)p->y * h->nx + p->x0, n = p->x1 - p->x0;
            sum += (uint64_t)(n / 4) * 0x01010101U;
            for (int64_t k = at + n / 4 * 4; k < at + n; k++)
                sum += (uint64_t)1 << (24 - 8 * (k % 4));
        }
    while (sum >> 32)
        sum = (sum & 0xFFFFFFFFU) + (sum >> 32);
    return (uint32_t)sum;
}

/* Pixels first .. first+n-1 of a plane into buf; *i is the first run that is not all before them. */
static void paint_block(const struct pc_runs *r, int nx, int64_t first, int64_t n, int64_t *i,
                        unsigned char *buf)
{
    memset(buf, 0, (size_t)n);
    for (; *i < r->n; ++*i) {
        const struct pc_span *p = &r->run[*i];
        int64_t x0 = (int64_t)p->y * nx + p->x0 - first, x1 = (int64_t)p->y * nx + p->x1 - first;
        if (x0 >= n)
            return;
        x0 = x0 > 0 ? x0 : 0;
        memset(buf + x0, 1, (size_t)((x1 < n ? x1 : n) - x0));
        if (x1 > n)
            return;
    }
}

/* Blocks end at multiples of their size in the file: those that are 0 become holes there. */
static int write_planes(struct pc_pass *pass, const struct pc_imhead *h, const struct pc_runs *planes,
                        int64_t header_byte, unsigned char *buf, struct pc_err *err)
{
    const int64_t per = (int64_t)h->nx * h->ny;
    for (int pol = 0; pol < h->npol; pol++)
        for (int64_t at = 0, i = 0, n; at < per; at += n) {
            n = BLOCK - (header_byte + pol * per + at) % BLOCK;
            n = n < per - at ? n : per - at;
            paint_block(&planes[pol], h->nx, at, n, &i, buf);
            if (pc_pixels_write(pass, buf, n, 1, err))
                return -1;
        }
    return pc_pixels_pad(pass, per * h->npol, err);
}

int pc_pass_put_runs(struct pc_pass *pass, const char *name, const struct pc_imhead *h,
                     const struct pc_runs *planes, struct pc_err *err)
{
    struct pc_text header = {0};
    struct pc_fits_out o = {.bitpix = 8, .has_sum = true, .datasum = datasum(h, planes)};
    unsigned char *buf = pc_mem_new(BLOCK, 1, "a block of a mask", err);
    int bad = !buf;
    if (!bad && pc_fits_format_imhead(h, &o, &header, err))
        bad = pc_err_prefix(err, "%s", name);
    bad = bad || pc_pass_put(pass, name, (int64_t)header.len + pc_fits_padded(pc_imhead_npix(h)), err) ||
          pc_pass_write(pass, header.s, header.len, err) ||
          write_planes(pass, h, planes, (int64_t)header.len, buf, err) || pc_pass_put_end(pass, err);
    pc_text_free(&header);
    pc_mem_free(buf);
    return bad ? -1 : 0;
}
