/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/fits.h"
#include "io/fits_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Image files on their own, which are small or rare: here CFITSIO may see the pixels. */

/* The cards of an open image, END included, in whole blocks, as if it were the first in its file. */
static int get_cards(fitsfile *f, const char *path, struct pc_text *cards, struct pc_err *err)
{
    char *s = NULL, first[81];
    int n = 0, status = 0;
    if (fits_convert_hdr2str(f, 0, NULL, 0, &s, &n, &status))
        return pc_fits_error(path, status, err);
    snprintf(first, sizeof first, "%-80s", "SIMPLE  =                    T");
    pc_text_add_bytes(cards, first, 80);
    pc_text_add_bytes(cards, s + 80, strlen(s) > 80 ? strlen(s) - 80 : 0);
    while (!cards->bad && cards->len % 2880)
        pc_text_add_bytes(cards, " ", 1);
    fits_free_memory(s, &status);
    return pc_text_ok(cards, err);
}

static int load_header(fitsfile *f, const char *path, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_text cards = {0};
    int rc = get_cards(f, path, &cards, err);
    if (!rc)
        rc = pc_fits_parse_imhead(&cards, path, h, err);
    pc_text_free(&cards);
    return rc;
}

/* Which part of the file is plane `plane` of its spectral axis. Without a header for them, Stokes planes are
 * channels. */
static int choose_part(fitsfile *f, const char *path, int plane, const struct pc_imhead *h, long *first,
                       long *last, struct pc_err *err)
{
    struct pc_fits_axes axes;
    if (pc_fits_axes_read(f, path, &axes, err))
        return -1;
    for (int i = 0; i < axes.naxis; i++) {
        first[i] = 1;
        last[i] = (long)axes.n[i];
        if (i < 2 || axes.n[i] <= 1 || (h->npol > 1 && i == axes.stokes))
            continue;
        if (plane < 0 || plane >= axes.n[i])
            return pc_err_set(err, PC_EX_DATA, "%s: plane %d asked for, NAXIS%d is %lld", path, plane, i + 1,
                              (long long)axes.n[i]);
        first[i] = last[i] = plane + 1;
    }
    return 0;
}

static int load_pixels(fitsfile *f, const char *path, int plane, struct pc_image *im, struct pc_err *err)
{
    long first[9] = {0}, last[9] = {0}, step[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    int status = 0, any_blank = 0; /* CFITSIO writes there without asking whether it may */
    float blank = __builtin_nanf("");
    if (choose_part(f, path, plane, &im->head, first, last, err))
        return -1;
    im->pix = pc_mem_new(pc_imhead_npix(&im->head), sizeof *im->pix, path, err);
    if (!im->pix)
        return -1;
    if (fits_read_subset(f, TFLOAT, first, last, step, &blank, im->pix, &any_blank, &status))
        return pc_fits_error(path, status, err);
    return 0;
}

/* At its first image, with the header. */
static int open_image(const char *path, fitsfile **f, struct pc_imhead *h, struct pc_err *err)
{
    int ignored = 0;
    if (pc_fits_open_image(path, f, err))
        return -1;
    if (load_header(*f, path, h, err) == 0)
        return 0;
    fits_close_file(*f, &ignored);
    return -1;
}

int pc_fits_load(const char *path, int plane, struct pc_image *im, struct pc_err *err)
{
    fitsfile *f = NULL;
    int status = 0;
    memset(im, 0, sizeof *im);
    if (open_image(path, &f, &im->head, err))
        return -1;
    int rc = load_pixels(f, path, plane, im, err);
    fits_close_file(f, &status);
    if (rc)
        pc_image_fini(im);
    return rc;
}

int pc_fits_load_head(const char *path, struct pc_imhead *h, struct pc_err *err)
{
    fitsfile *f = NULL;
    int status = 0;
    memset(h, 0, sizeof *h);
    if (open_image(path, &f, h, err))
        return -1;
    fits_close_file(f, &status);
    return 0;
}

int pc_fits_load_cards(const char *path, struct pc_text *cards, struct pc_err *err)
{
    fitsfile *f = NULL;
    int ignored = 0;
    if (pc_fits_open_image(path, &f, err))
        return -1;
    int rc = get_cards(f, path, cards, err);
    fits_close_file(f, &ignored);
    return rc;
}

int pc_fits_check_whole(const char *path, struct pc_err *err)
{
    struct pc_imhead h = {0};
    struct pc_fits_axes axes;
    fitsfile *f = NULL;
    long last[9], step[9];
    int status = 0, any_blank = 0, ignored = 0;
    float v;
    if (open_image(path, &f, &h, err))
        return -1;
    pc_imhead_fini(&h);
    int rc = pc_fits_axes_read(f, path, &axes, err);
    for (int i = 0; i < 9; i++) {
        last[i] = (long)axes.n[i];
        step[i] = 1;
    }
    if (!rc && fits_read_subset(f, TFLOAT, last, last, step, NULL, &v, &any_blank, &status))
        rc = pc_fits_error(path, status, err);
    fits_close_file(f, &ignored);
    return rc;
}

static int write_pixels(FILE *out, const struct pc_image *im, int64_t npix)
{
    char buf[65536];
    const int64_t size = im->mask ? 1 : im->wide ? 8 : 4, per = (int64_t)sizeof buf / size;
    int64_t pad = (2880 - size * npix % 2880) % 2880;
    for (int64_t i = 0; i < npix; i += per) {
        int64_t n = npix - i < per ? npix - i : per;
        if (im->mask)
            memcpy(buf, im->mask + i, (size_t)n);
        else if (im->wide)
            pc_swap_f64(buf, im->wide + i, n);
        else
            pc_swap_f32(buf, im->pix + i, n);
        if (fwrite(buf, (size_t)size, (size_t)n, out) != (size_t)n)
            return -1;
    }
    memset(buf, 0, sizeof buf);
    return fwrite(buf, 1, (size_t)pad, out) == (size_t)pad ? 0 : -1;
}

int pc_fits_save(const char *path, const struct pc_image *im, struct pc_err *err)
{
    struct pc_text header = {0};
    int64_t npix = pc_imhead_npix(&im->head);
    struct pc_fits_out o = {.bitpix = im->mask ? 8 : im->wide ? -64 : -32, .has_sum = true};
    o.datasum = im->mask   ? pc_datasum_bytes(0, im->mask, npix)
                : im->wide ? pc_datasum_f64(0, im->wide, npix)
                           : pc_datasum_f32(0, im->pix, npix);
    if (pc_fits_format_imhead(&im->head, &o, &header, err))
        return -1;
    FILE *out = fopen(path, "wb");
    if (!out) {
        pc_text_free(&header);
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    }
    int bad = fwrite(header.s, 1, header.len, out) != header.len || write_pixels(out, im, npix);
    pc_text_free(&header);
    if (fclose(out) || bad)
        return pc_err_errno(err, PC_EX_IOERR, "%s", path);
    return 0;
}
