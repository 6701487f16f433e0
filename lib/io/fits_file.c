/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/fits.h"

#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Image files on their own, which are small or rare: here CFITSIO may see the pixels. */

static int cfitsio_error(const char *path, int status, struct pc_err *err)
{
    char why[FLEN_STATUS];
    fits_get_errstatus(status, why);
    fits_clear_errmsg();
    return pc_err_set(err, PC_EX_DATA, "%s: %s", path, why);
}

static int load_header(fitsfile *f, const char *path, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_text cards = {0};
    char *s = NULL;
    int n = 0, status = 0, rc = -1;
    if (fits_hdr2str(f, 0, NULL, 0, &s, &n, &status))
        return cfitsio_error(path, status, err);
    /* In an extension the first card differs; what follows is the same. */
    char first[81];
    snprintf(first, sizeof first, "%-80s", "SIMPLE  =                    T");
    pc_text_add_bytes(&cards, first, 80);
    pc_text_add_bytes(&cards, s + 80, strlen(s) > 80 ? strlen(s) - 80 : 0);
    while (!cards.bad && cards.len % 2880)
        pc_text_add_bytes(&cards, " ", 1);
    fits_free_memory(s, &status);
    if (!pc_text_ok(&cards, err))
        rc = pc_fits_parse_imhead(&cards, path, h, err);
    pc_text_free(&cards);
    return rc;
}

/* Which part of the file is plane `plane` of its spectral axis: the axis longer than 1 that is not Stokes. */
static int choose_part(fitsfile *f, const char *path, int plane, const struct pc_imhead *h, long *first,
                       long *last, struct pc_err *err)
{
    int naxis = 0, status = 0;
    LONGLONG axis[9] = {0};
    fits_get_img_dim(f, &naxis, &status);
    if (status || naxis < 2 || naxis > 8)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d; an image has 2 to 8 axes", path, naxis);
    fits_get_img_sizell(f, 8, axis, &status);
    for (int i = 0; i < naxis; i++) {
        first[i] = 1;
        last[i] = (long)axis[i];
        char key[16], ctype[FLEN_VALUE] = "";
        snprintf(key, sizeof key, "CTYPE%d", i + 1);
        status = 0;
        fits_read_key(f, TSTRING, key, ctype, NULL, &status);
        if (status)
            fits_clear_errmsg();
        if (i < 2 || axis[i] <= 1 || (h->npol > 1 && !strncmp(ctype, "STOKES", 6)))
            continue;
        if (plane < 0 || plane >= axis[i])
            return pc_err_set(err, PC_EX_DATA, "%s: plane %d asked for, NAXIS%d is %lld", path, plane, i + 1,
                              (long long)axis[i]);
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
        return cfitsio_error(path, status, err);
    return 0;
}

/* At its first image, with the header. */
static int open_image(const char *path, fitsfile **f, struct pc_imhead *h, struct pc_err *err)
{
    struct stat st;
    int status = 0, rc = -1;
    if (stat(path, &st))
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISDIR(st.st_mode))
        return pc_err_set(err, PC_EX_DATA, "%s: is a directory, not a FITS file", path);
    if (fits_open_diskfile(f, path, READONLY, &status))
        return cfitsio_error(path, status, err);
    int naxis = 0, hdutype = 0;
    fits_get_img_dim(*f, &naxis, &status);
    while (!status && naxis == 0)
        if (!fits_movrel_hdu(*f, 1, &hdutype, &status) && hdutype == IMAGE_HDU)
            fits_get_img_dim(*f, &naxis, &status);
    if (status)
        cfitsio_error(path, status, err);
    else
        rc = load_header(*f, path, h, err);
    status = 0;
    if (rc)
        fits_close_file(*f, &status);
    return rc;
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

int pc_fits_check_whole(const char *path, struct pc_err *err)
{
    struct pc_imhead h = {0};
    fitsfile *f = NULL;
    long last[9] = {0};
    int status = 0, naxis = 0, any_blank = 0, ignored = 0;
    float v;
    if (open_image(path, &f, &h, err))
        return -1;
    pc_imhead_fini(&h);
    fits_get_img_dim(f, &naxis, &status);
    int rc = -1;
    if (status || naxis < 1 || naxis > 9)
        pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d; an image has 2 to 8 axes", path, naxis);
    else if (fits_get_img_size(f, 9, last, &status) ||
             fits_read_pix(f, TFLOAT, last, 1, NULL, &v, &any_blank, &status))
        cfitsio_error(path, status, err);
    else
        rc = 0;
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
