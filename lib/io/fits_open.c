/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int pc_fits_error(const char *path, int status, struct pc_err *err)
{
    char why[FLEN_STATUS];
    fits_get_errstatus(status, why);
    fits_clear_errmsg();
    return pc_err_set(err, PC_EX_DATA, "%s: %s", path, why);
}

int pc_fits_open_image(const char *path, fitsfile **f, struct pc_err *err)
{
    struct stat st;
    *f = NULL;
    int status = 0, naxis = 0, hdutype = 0, ignored = 0;
    if (stat(path, &st))
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISDIR(st.st_mode))
        return pc_err_set(err, PC_EX_DATA, "%s: is a directory, not a FITS file", path);
    if (fits_open_diskfile(f, path, READONLY, &status))
        goto fail;
    fits_get_img_dim(*f, &naxis, &status);
    while (!status && naxis == 0)
        if (!fits_movrel_hdu(*f, 1, &hdutype, &status) && hdutype == IMAGE_HDU)
            fits_get_img_dim(*f, &naxis, &status);
    if (status == 0)
        return 0;
    fits_close_file(*f, &ignored);
fail:
    *f = NULL;
    return pc_fits_error(path, status, err);
}

int pc_fits_axes_read(fitsfile *f, const char *path, struct pc_fits_axes *axes, struct pc_err *err)
{
    int status = 0;
    *axes = (struct pc_fits_axes){.spectral = -1, .stokes = -1};
    fits_get_img_dim(f, &axes->naxis, &status);
    if (status || axes->naxis < 2 || axes->naxis > 8)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d; an image has 2 to 8 axes", path, axes->naxis);
    if (fits_get_img_sizell(f, 8, axes->n, &status))
        return pc_fits_error(path, status, err);
    for (int i = 2; i < axes->naxis; i++) {
        char key[16], ctype[FLEN_VALUE] = "";
        int missing = 0;
        snprintf(key, sizeof key, "CTYPE%d", i + 1);
        if (fits_read_key(f, TSTRING, key, ctype, NULL, &missing))
            fits_clear_errmsg();
        if (axes->n[i] > 1)
            *(strncmp(ctype, "STOKES", 6) == 0 ? &axes->stokes : &axes->spectral) = i;
    }
    return 0;
}
