/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cubefile.h"

#include "base/mem.h"
#include "io/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, SMALL = 1 << 14 };

static int write_all(struct pc_cubefile *f, const void *buf, int64_t n, int64_t at, struct pc_err *err)
{
    const char *s = buf;
    while (n > 0) {
        ssize_t got = pwrite(f->fd, s, (size_t)n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return pc_err_errno(err, PC_EX_IOERR, "%s: cannot write %lld bytes at %lld", f->path,
                                (long long)n, (long long)at);
        s += got;
        at += got;
        n -= got;
    }
    return 0;
}

static int read_all(struct pc_cubefile *f, void *buf, int64_t n, int64_t at, struct pc_err *err)
{
    char *s = buf;
    while (n > 0) {
        ssize_t got = pread(f->fd, s, (size_t)n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return pc_err_errno(err, PC_EX_IOERR, "%s: cannot read at %lld", f->path, (long long)at);
        if (got == 0)
            return pc_err_set(err, PC_EX_DATA, "%s: ends at byte %lld, %lld more were expected", f->path,
                              (long long)at, (long long)n);
        s += got;
        at += got;
        n -= got;
    }
    return 0;
}

int64_t pc_cubefile_plane_byte(const struct pc_cubefile *f)
{
    return (int64_t)f->nx * f->ny * (f->bitpix == 8 ? 1 : 4);
}

int64_t pc_cubefile_offset(const struct pc_cubefile *f, int64_t k, int p)
{
    return PC_CUBE_HEADER_BYTE + (p * f->nchan + k) * pc_cubefile_plane_byte(f);
}

int64_t pc_cubefile_data_byte(const struct pc_cubefile *f)
{
    return (pc_cubefile_plane_byte(f) * f->nchan * f->npol + 2879) / 2880 * 2880;
}

static void set_shape(struct pc_cubefile *f, const struct pc_imhead *h, int bitpix)
{
    f->nx = h->nx;
    f->ny = h->ny;
    f->npol = h->npol;
    f->bitpix = bitpix;
}

/* A whole file under a name of this process, then linked: whoever comes second finds the first one's. */
static int make_file(struct pc_cubefile *f, const struct pc_imhead *like, bool bytes, struct pc_err *err)
{
    struct pc_text header = {0};
    struct pc_fits_out out = {.bitpix = bytes ? 8 : -32, .nchan = f->nchan, .align = PC_CUBE_HEADER_BYTE};
    char *tmp = NULL;
    int ret = -1;
    set_shape(f, like, out.bitpix);
    if (pc_fits_format_imhead(like, &out, &header, err) != 0)
        goto done;
    if (header.len != PC_CUBE_HEADER_BYTE) {
        pc_err_set(err, PC_EX_DATA, "%s: a header of %zu bytes; cubes have room for %d", f->path, header.len,
                   PC_CUBE_HEADER_BYTE);
        goto done;
    }
    tmp = malloc(sizeof f->path + 32);
    if (tmp == NULL) {
        pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
        goto done;
    }
    snprintf(tmp, sizeof f->path + 32, "%s.tmp%ld", f->path, (long)getpid());
    f->fd = open(tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (f->fd < 0) {
        pc_err_errno(err, PC_EX_CANTCREAT, "%s", tmp);
        goto done;
    }
    if (ftruncate(f->fd, (off_t)(PC_CUBE_HEADER_BYTE + pc_cubefile_data_byte(f))) != 0 || fsync(f->fd) != 0)
        pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot be %lld bytes long", tmp,
                     (long long)(PC_CUBE_HEADER_BYTE + pc_cubefile_data_byte(f)));
    else if (write_all(f, header.s, (int64_t)header.len, 0, err) == 0 && pc_cubefile_sync(f, err) == 0)
        ret = link(tmp, f->path) == 0 || errno == EEXIST ? 0
                                                         : pc_err_errno(err, PC_EX_CANTCREAT, "%s", f->path);
    close(f->fd);
    f->fd = -1;
    unlink(tmp);
done:
    pc_text_free(&header);
    free(tmp);
    return ret;
}

/* Whole blocks up to END: the rest is room for more. */
static size_t header_byte(const char *s)
{
    size_t at = 0;
    while (at + 80 < PC_CUBE_HEADER_BYTE && strncmp(s + at, "END     ", 8) != 0)
        at += 80;
    return (at + 2880) / 2880 * 2880;
}

/* What the provisional header says. */
static int read_shape(struct pc_cubefile *f, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_text header = {0};
    int ret = -1;
    char *s = pc_mem_new(PC_CUBE_HEADER_BYTE, 1, "cube header", err);
    if (s == NULL)
        return -1;
    if (read_all(f, s, PC_CUBE_HEADER_BYTE, 0, err) != 0)
        goto out;
    pc_text_add_bytes(&header, s, header_byte(s));
    if (pc_text_ok(&header, err) != 0 || pc_fits_parse_imhead(&header, f->path, h, err) != 0)
        goto out;
    const char *bitpix = strstr(pc_text_str(&header), "BITPIX  =");
    set_shape(f, h, bitpix ? atoi(bitpix + 9) : 0);
    ret = 0;
out:
    pc_mem_free(s);
    pc_text_free(&header);
    return ret;
}

static int check_shape(const struct pc_cubefile *f, const struct pc_imhead *h, const struct pc_imhead *like,
                       bool bytes, const char *product, struct pc_err *err)
{
    if (pc_imhead_same_grid(like, product, h, f->path, err) != 0)
        return -1;
    if (bytes != (f->bitpix == 8))
        return pc_err_set(err, PC_EX_DATA, "%s: BITPIX is %d, %s has %d", product, bytes ? 8 : -32, f->path,
                          f->bitpix);
    for (int i = 0; i < 2; i++)
        if (fabs(like->crval_rad[i] - h->crval_rad[i]) > 1e-3 * fabs(h->cell_rad[i]) ||
            fabs(like->crpix[i] - h->crpix[i]) > 1e-6)
            return pc_err_set(err, PC_EX_DATA, "%s: CRVAL%d is %.12g deg at pixel %.9g, %s has %.12g at %.9g",
                              product, i + 1, like->crval_rad[i] * 180 / M_PI, like->crpix[i], f->path,
                              h->crval_rad[i] * 180 / M_PI, h->crpix[i]);
    return 0;
}

int pc_cubefile_open(struct pc_cubefile *f, const char *dir, const char *product, int64_t nchan,
                     const struct pc_imhead *like, bool bytes, struct pc_err *err)
{
    struct pc_imhead h = {0};
    struct stat st;
    *f = (struct pc_cubefile){.fd = -1, .nchan = nchan};
    if ((size_t)snprintf(f->path, sizeof f->path, "%s/%s.fits", dir, product) >= sizeof f->path)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", dir);
    if (like && access(f->path, F_OK) != 0 && make_file(f, like, bytes, err) != 0)
        return -1;
    f->fd = open(f->path, O_RDWR | O_CLOEXEC);
    if (f->fd < 0 && errno == ENOENT && like == NULL)
        return 0;
    if (f->fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", f->path);
    if (read_shape(f, &h, err) != 0 || (like && check_shape(f, &h, like, bytes, product, err) != 0))
        goto fail;
    if (fstat(f->fd, &st) != 0 || st.st_size < pc_cubefile_offset(f, 0, 0) + pc_cubefile_data_byte(f)) {
        pc_err_set(err, PC_EX_DATA, "%s: is %lld bytes long, %lld channels of %d x %d pixels need %lld",
                   f->path, (long long)st.st_size, (long long)nchan, f->nx, f->ny,
                   (long long)(PC_CUBE_HEADER_BYTE + pc_cubefile_data_byte(f)));
        goto fail;
    }
    pc_imhead_fini(&h);
    return 0;
fail:
    pc_imhead_fini(&h);
    pc_cubefile_close(f);
    return -1;
}

static bool all_zero(const char *s, int64_t n)
{
    return n == 0 || (s[0] == 0 && memcmp(s, s + 1, (size_t)(n - 1)) == 0);
}

int pc_cubefile_zero(struct pc_cubefile *f, int64_t n, int64_t at, struct pc_err *err)
{
    static const char zeros[SMALL];
    char buf[SMALL];
    const int64_t end = at + n;
    for (int64_t m; n > 0 && (at = pc_fd_data(f->fd, at, end)) < end; at += m) {
        m = end - at < SMALL ? end - at : SMALL;
        if (read_all(f, buf, m, at, err) != 0 || (!all_zero(buf, m) && write_all(f, zeros, m, at, err) != 0))
            return -1;
    }
    return 0;
}

int pc_cubefile_write(struct pc_cubefile *f, const void *buf, int64_t n, int64_t at, struct pc_err *err)
{
    return all_zero(buf, n) ? pc_cubefile_zero(f, n, at, err) : write_all(f, buf, n, at, err);
}

static int put_plane(struct pc_cubefile *f, int64_t at, const float *pix, const unsigned char *mask,
                     char *buf, struct pc_err *err)
{
    int64_t size = pc_cubefile_plane_byte(f);
    for (int64_t done = 0; done < size; done += CHUNK) {
        int64_t n = size - done < CHUNK ? size - done : CHUNK;
        if (mask)
            memcpy(buf, mask + done, (size_t)n);
        else
            pc_swap_f32(buf, pix + done / 4, n / 4);
        if (pc_cubefile_write(f, buf, n, at + done, err) != 0)
            return -1;
    }
    return 0;
}

int pc_cubefile_put(struct pc_cubefile *f, int64_t k, const struct pc_image *im, uint32_t *sum,
                    struct pc_err *err)
{
    int64_t px = (int64_t)f->nx * f->ny;
    int ret = 0;
    char *buf = pc_mem_new(CHUNK, 1, "buffer", err);
    if (buf == NULL)
        return -1;
    for (int p = 0; p < f->npol && ret == 0; p++) {
        const float *pix = im->pix ? im->pix + p * px : NULL;
        const unsigned char *mask = im->mask ? im->mask + p * px : NULL;
        sum[p] = mask ? pc_datasum_bytes(0, mask, px) : pc_datasum_f32(0, pix, px);
        ret = put_plane(f, pc_cubefile_offset(f, k, p), pix, mask, buf, err);
    }
    pc_mem_free(buf);
    return ret;
}

int pc_cubefile_sums(struct pc_cubefile *f, int64_t k, uint32_t *sum, struct pc_err *err)
{
    int64_t size = pc_cubefile_plane_byte(f);
    int ret = 0;
    char *buf = pc_mem_new(CHUNK, 1, "buffer", err);
    if (buf == NULL)
        return -1;
    for (int p = 0; p < f->npol; p++) {
        sum[p] = 0;
        for (int64_t done = 0; done < size && ret == 0; done += CHUNK) {
            int64_t n = size - done < CHUNK ? size - done : CHUNK;
            ret = read_all(f, buf, n, pc_cubefile_offset(f, k, p) + done, err);
            sum[p] = pc_datasum_bytes(sum[p], buf, n);
        }
    }
    pc_mem_free(buf);
    return ret;
}

int pc_cubefile_fill(struct pc_cubefile *f, int64_t k, float value, uint32_t *sum, struct pc_err *err)
{
    int64_t px = (int64_t)f->nx * f->ny;
    struct pc_image im = {0};
    int ret = -1;
    if (f->bitpix == 8)
        im.mask = pc_mem_new(px * f->npol, 1, "plane", err);
    else
        im.pix = pc_mem_new(px * f->npol, sizeof *im.pix, "plane", err);
    for (int64_t i = 0; im.mask && i < px * f->npol; i++)
        im.mask[i] = value > 0;
    for (int64_t i = 0; im.pix && i < px * f->npol; i++)
        im.pix[i] = value;
    if (im.mask || im.pix)
        ret = pc_cubefile_put(f, k, &im, sum, err);
    pc_image_fini(&im);
    return ret;
}

uint32_t pc_cubefile_sum(const struct pc_cubefile *f, uint32_t total, int64_t k, int p, uint32_t sum)
{
    /* A plane of bytes may begin within a 4-byte word: moving bytes by one within words turns the sum by 8
     * bits. */
    unsigned shift = 8 * (unsigned)((pc_cubefile_offset(f, k, p) - PC_CUBE_HEADER_BYTE) % 4);
    if (shift)
        sum = sum >> shift | sum << (32 - shift);
    return pc_datasum_add(total, sum);
}

int pc_cubefile_crop(struct pc_cubefile *f, int64_t first, int64_t n, struct pc_err *err)
{
    struct pc_cubefile to = *f;
    int64_t size = pc_cubefile_plane_byte(f);
    int ret = 0;
    to.nchan = n;
    char *buf = pc_mem_new(CHUNK, 1, "buffer", err);
    if (buf == NULL)
        return -1;
    /* every plane moves towards the beginning, so that what is overwritten has been moved before */
    for (int64_t i = 0; i < n * f->npol && ret == 0; i++) {
        int64_t src = pc_cubefile_offset(f, first + i % n, (int)(i / n));
        int64_t dst = pc_cubefile_offset(&to, i % n, (int)(i / n));
        for (int64_t done = 0; done < size && src != dst && ret == 0; done += CHUNK) {
            int64_t m = size - done < CHUNK ? size - done : CHUNK;
            ret = read_all(f, buf, m, src + done, err);
            if (ret == 0)
                ret = pc_cubefile_write(f, buf, m, dst + done, err);
        }
    }
    pc_mem_free(buf);
    f->nchan = n;
    return ret;
}

int pc_cubefile_seal(struct pc_cubefile *f, const struct pc_text *header, const struct pc_text *tail,
                     struct pc_err *err)
{
    static const char zeros[2880];
    int64_t data = pc_cubefile_plane_byte(f) * f->nchan * f->npol, end = pc_cubefile_data_byte(f);
    if (header->len != PC_CUBE_HEADER_BYTE)
        return pc_err_set(err, PC_EX_DATA, "%s: the header takes %zu bytes; there is room for %d", f->path,
                          header->len, PC_CUBE_HEADER_BYTE);
    if (write_all(f, zeros, end - data, PC_CUBE_HEADER_BYTE + data, err) != 0 ||
        write_all(f, pc_text_str(tail), (int64_t)tail->len, PC_CUBE_HEADER_BYTE + end, err) != 0 ||
        write_all(f, header->s, (int64_t)header->len, 0, err) != 0)
        return -1;
    if (ftruncate(f->fd, (off_t)(PC_CUBE_HEADER_BYTE + end + (int64_t)tail->len)) != 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s", f->path);
    return pc_cubefile_sync(f, err);
}

int pc_cubefile_sync(struct pc_cubefile *f, struct pc_err *err)
{
    if (fdatasync(f->fd) != 0)
        return pc_err_errno(err, PC_EX_IOERR, "%s: cannot be made safe", f->path);
    return 0;
}

void pc_cubefile_close(struct pc_cubefile *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}
