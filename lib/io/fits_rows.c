/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_rows.h"

#include "io/fits_priv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pc_fits_rows {
    fitsfile *f;
    struct pc_fits_axes axes;
    bool is_tiled; /* compressed */
    char path[4096];
};

int pc_fits_rows_open(struct pc_fits_rows **rows, const char *path, struct pc_err *err)
{
    struct pc_fits_rows *r = calloc(1, sizeof *r);
    *rows = NULL;
    if (r == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory", path);
    strncpy(r->path, path, sizeof r->path - 1);
    if (pc_fits_open_image(path, &r->f, err) != 0 || pc_fits_axes_read(r->f, path, &r->axes, err) != 0) {
        pc_fits_rows_close(r);
        return -1;
    }
    int status = 0;
    r->is_tiled = fits_is_compressed_image(r->f, &status);
    *rows = r;
    return 0;
}

int pc_fits_rows_read(struct pc_fits_rows *r, int p, int k, int y, int n, float *pix, struct pc_err *err)
{
    LONGLONG at[9];
    long first[9], last[9], step[9];
    int status = 0, any_blank = 0;
    float blank = __builtin_nanf("");
    for (int i = 0; i < 9; i++)
        at[i] = 1;
    at[1] = y + 1;
    if (r->axes.spectral >= 0)
        at[r->axes.spectral] = k + 1;
    if (r->axes.stokes >= 0)
        at[r->axes.stokes] = p + 1;
    for (int i = 0; i < 9; i++) {
        first[i] = last[i] = (long)at[i];
        step[i] = 1;
    }
    last[0] = (long)r->axes.n[0];
    last[1] = y + n;
    /* Rows lie one after the other: CFITSIO reads them at once, but not out of tiles. */
    if (r->is_tiled ? fits_read_subset(r->f, TFLOAT, first, last, step, &blank, pix, &any_blank, &status)
                    : fits_read_pixll(r->f, TFLOAT, at, n * r->axes.n[0], &blank, pix, &any_blank, &status))
        return pc_fits_error(r->path, status, err);
    return 0;
}

void pc_fits_rows_close(struct pc_fits_rows *r)
{
    int ignored = 0;
    if (r == NULL)
        return;
    if (r->f)
        fits_close_file(r->f, &ignored);
    free(r);
}
