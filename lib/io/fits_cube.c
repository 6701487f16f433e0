/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fits_cube.h"

#include "base/mem.h"

#include <fitsio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static int cfitsio_error(const char *path, int status, struct pc_err *err)
{
    char why[FLEN_STATUS];
    fits_get_errstatus(status, why);
    fits_clear_errmsg();
    return pc_err_set(err, PC_EX_DATA, "%s: %s", path, why);
}

/* The spectral axis is the one beyond the second that is not STOKES and longer than 1. */
static void count_planes(fitsfile *f, struct pc_fits_cube *cube, int *status)
{
    int naxis = 0;
    LONGLONG axis[9] = {0};
    cube->nchan = cube->npol = 1;
    fits_get_img_dim(f, &naxis, status);
    fits_get_img_sizell(f, 8, axis, status);
    for (int i = 2; !*status && i < naxis && i < 8; i++) {
        char key[16], ctype[FLEN_VALUE] = "";
        int missing = 0;
        snprintf(key, sizeof key, "CTYPE%d", i + 1);
        fits_read_key(f, TSTRING, key, ctype, NULL, &missing);
        if (missing)
            fits_clear_errmsg();
        if (axis[i] > 1 && axis[i] < 1 << 30)
            *(strncmp(ctype, "STOKES", 6) == 0 ? &cube->npol : &cube->nchan) = (int)axis[i];
    }
}

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

int pc_fits_cube_load(const char *path, struct pc_fits_cube *cube, struct pc_err *err)
{
    fitsfile *f = NULL;
    struct stat st;
    int status = 0, ignored = 0;
    *cube = (struct pc_fits_cube){0};
    if (stat(path, &st))
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISDIR(st.st_mode))
        return pc_err_set(err, PC_EX_DATA, "%s: is a directory, not a FITS file", path);
    if (fits_open_diskfile(&f, path, READONLY, &status))
        return cfitsio_error(path, status, err);
    count_planes(f, cube, &status);
    int bad = status ? cfitsio_error(path, status, err) : read_beams(f, cube, err);
    fits_close_file(f, &ignored);
    if (bad)
        pc_fits_cube_fini(cube);
    return bad;
}

void pc_fits_cube_fini(struct pc_fits_cube *cube)
{
    pc_mem_free(cube->beam);
    cube->beam = NULL;
}
