/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_cube.h"

#include "base/mem.h"
#include "io/fits_priv.h"

#include <stdio.h>

static int column(fitsfile *f, const char *name, LONGLONG row, double *v, int *status)
{
    char wanted[16];
    int col = 0;
    snprintf(wanted, sizeof wanted, "%s", name);
    fits_get_colnum(f, CASEINSEN, wanted, &col, status);
    return fits_read_col(f, TDOUBLE, col, row, 1, 1, NULL, v, NULL, status);
}

static int read_beams(fitsfile *f, struct pc_fits_cube *cube, struct pc_err *err)
{
    const double deg = 3.14159265358979323846 / 180;
    char table[] = "BEAMS";
    long nrow = 0;
    int status = 0;
    if (fits_movnam_hdu(f, BINARY_TBL, table, 0, &status) || fits_get_num_rows(f, &nrow, &status)) {
        fits_clear_errmsg(); /* no table: the header's beam counts */
        return 0;
    }
    cube->beam =
        pc_mem_new0((int64_t)cube->nchan * cube->npol, sizeof *cube->beam, "the beams of a cube", err);
    if (!cube->beam)
        return -1;
    for (long i = 1; i <= nrow; i++) {
        double maj = 0, min = 0, pa = 0, chan = -1, pol = 0;
        column(f, "BMAJ", i, &maj, &status);
        column(f, "BMIN", i, &min, &status);
        column(f, "BPA", i, &pa, &status);
        column(f, "CHAN", i, &chan, &status);
        column(f, "POL", i, &pol, &status);
        if (!status && pol >= 0 && pol < cube->npol && chan >= 0 && chan < cube->nchan)
            cube->beam[(int64_t)pol * cube->nchan + (int64_t)chan] =
                (struct pc_beam){maj * deg / 3600, min * deg / 3600, pa * deg};
    }
    return status ? pc_err_set(err, PC_EX_DATA, "the BEAMS table cannot be read (CFITSIO status %d)", status)
                  : 0;
}

static int read_freqs(fitsfile *f, struct pc_fits_cube *cube, struct pc_err *err)
{
    char table[] = "FREQ", name[] = "FREQ";
    long nrow = 0;
    int status = 0, col = 0;
    if (fits_movnam_hdu(f, BINARY_TBL, table, 0, &status) || fits_get_num_rows(f, &nrow, &status)) {
        fits_clear_errmsg(); /* no table: the axis is the header's */
        return 0;
    }
    if (nrow != cube->nchan)
        return pc_err_set(err, PC_EX_DATA, "the FREQ table has %ld rows; there are %d channels", nrow,
                          cube->nchan);
    cube->freq_hz = pc_mem_new(nrow, sizeof *cube->freq_hz, "the frequencies of a cube", err);
    if (!cube->freq_hz)
        return -1;
    fits_get_colnum(f, CASEINSEN, name, &col, &status);
    fits_read_col(f, TDOUBLE, col, 1, 1, nrow, NULL, cube->freq_hz, NULL, &status);
    return status ? pc_err_set(err, PC_EX_DATA, "the FREQ table cannot be read (CFITSIO status %d)", status)
                  : 0;
}

int pc_fits_cube_load(const char *path, struct pc_fits_cube *cube, struct pc_err *err)
{
    struct pc_fits_axes axes;
    fitsfile *f = NULL;
    int ignored = 0;
    *cube = (struct pc_fits_cube){0};
    if (pc_fits_open_image(path, &f, err))
        return -1;
    int bad = pc_fits_axes_read(f, path, &axes, err);
    if (!bad) {
        cube->nchan = axes.spectral >= 0 ? (int)axes.n[axes.spectral] : 1;
        cube->npol = axes.stokes >= 0 ? (int)axes.n[axes.stokes] : 1;
        bad = (read_beams(f, cube, err) || read_freqs(f, cube, err)) && pc_err_prefix(err, "%s", path);
    }
    fits_close_file(f, &ignored);
    if (bad)
        pc_fits_cube_fini(cube);
    return bad ? -1 : 0;
}

void pc_fits_cube_fini(struct pc_fits_cube *cube)
{
    pc_mem_free(cube->beam);
    pc_mem_free(cube->freq_hz);
    *cube = (struct pc_fits_cube){0};
}
