/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_compress.h"

#include "io/fits_priv.h"

#include <stdio.h>
#include <unistd.h>

/* As fits_write_chksum(), which, however, says in comments what day it is. It goes first: it settles what of
 * the header depends on the data. */
static void write_sums(fitsfile *f, int *status)
{
    char text[32], zeros[] = "0000000000000000", comment[] = "HDU checksum", data[] = "data unit checksum";
    unsigned long datasum = 0, hdusum = 0;
    fits_write_chksum(f, status);
    fits_get_chksum(f, &datasum, &hdusum, status);
    snprintf(text, sizeof text, "%lu", datasum);
    fits_update_key_str(f, "DATASUM", text, data, status);
    fits_update_key_str(f, "CHECKSUM", zeros, comment, status);
    fits_get_chksum(f, &datasum, &hdusum, status);
    fits_encode_chksum(hdusum, 1, text);
    fits_update_key_str(f, "CHECKSUM", text, comment, status);
}

static void compress_images(fitsfile *in, fitsfile *out, enum pc_fits_compress how, int *status)
{
    int n = 0, kind = 0;
    fits_set_compression_type(out, how == PC_COMPRESS_RICE ? RICE_1 : GZIP_2, status);
    fits_set_quantize_method(out, how == PC_COMPRESS_RICE ? SUBTRACTIVE_DITHER_2 : NO_DITHER, status);
    fits_set_quantize_level(out, how == PC_COMPRESS_RICE ? 16 : 0, status);
    fits_set_dither_seed(out, 1, status);
    fits_get_num_hdus(in, &n, status);
    for (int i = 1; i <= n && !*status; i++) {
        fits_movabs_hdu(in, i, &kind, status);
        if (kind == IMAGE_HDU)
            fits_img_compress(in, out, status);
        else
            fits_copy_hdu(in, out, 0, status);
    }
}

/* CFITSIO keeps the room that the header of a growing cube has; a copy does not. */
static void tighten(fitsfile *in, fitsfile *out, enum pc_fits_compress how, int *status)
{
    int n = 0;
    (void)how;
    fits_get_num_hdus(in, &n, status);
    for (int i = 1; i <= n && !*status; i++) {
        fits_movabs_hdu(in, i, NULL, status);
        fits_copy_hdu(in, out, 0, status);
        write_sums(out, status);
    }
}

typedef void step_fn(fitsfile *in, fitsfile *out, enum pc_fits_compress how, int *status);

static int run_step(step_fn *step, const char *src, const char *dst, enum pc_fits_compress how,
                    struct pc_err *err)
{
    fitsfile *in = NULL, *out = NULL;
    int status = 0, ignored = 0;
    if (fits_open_diskfile(&in, src, READONLY, &status))
        return pc_fits_error(src, status, err);
    unlink(dst);
    if (!fits_create_diskfile(&out, dst, &status))
        step(in, out, how, &status);
    if (out)
        fits_close_file(out, status ? &ignored : &status);
    fits_close_file(in, &ignored);
    if (status == 0)
        return 0;
    pc_fits_error(dst, status, err);
    err->code = status == FILE_NOT_CREATED ? PC_EX_CANTCREAT : PC_EX_IOERR;
    return -1;
}

int pc_fits_compress(const char *src, const char *dst, enum pc_fits_compress how, struct pc_err *err)
{
    char loose[4096], tight[4096];
    if (snprintf(loose, sizeof loose, "%s.tmp%ld", dst, (long)getpid()) >= (int)sizeof loose - 8)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", dst);
    snprintf(tight, sizeof tight, "%s.tmp%ld.fz", dst, (long)getpid());
    int ret = run_step(compress_images, src, loose, how, err);
    if (ret == 0)
        ret = run_step(tighten, loose, tight, how, err);
    unlink(loose);
    if (ret == 0 && rename(tight, dst) != 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", dst);
    if (ret != 0)
        unlink(tight);
    return ret;
}
