/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/density_file.h"

#include "io/card.h"
#include "io/fdio.h"
#include "io/fits.h"
#include "io/header.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t cells_of(const struct pc_uvdensity *d)
{
    return (int64_t)d->nx * d->ny;
}

static int format_header(const struct pc_uvdensity *d, const char *history, struct pc_text *t,
                         struct pc_err *err)
{
    pc_card_bool(t, "SIMPLE", true, "FITS standard 4.0");
    pc_card_int(t, "BITPIX", -64, NULL);
    pc_card_int(t, "NAXIS", 2, NULL);
    pc_card_int(t, "NAXIS1", d->nx, NULL);
    pc_card_int(t, "NAXIS2", d->ny, NULL);
    pc_card_str(t, "BTYPE", "density of visibilities", NULL);
    pc_card_str(t, "BUNIT", "Jy-2", NULL);
    pc_card_str(t, "CTYPE1", "UU", "wavelengths");
    pc_card_real(t, "CRPIX1", d->nx / 2 + 1, NULL);
    pc_card_real(t, "CRVAL1", 0, NULL);
    pc_card_real(t, "CDELT1", 1 / (d->nx * d->cell_rad[0]), NULL);
    pc_card_str(t, "CTYPE2", "VV", "wavelengths");
    pc_card_real(t, "CRPIX2", d->ny / 2 + 1, NULL);
    pc_card_real(t, "CRVAL2", 0, NULL);
    pc_card_real(t, "CDELT2", 1 / (d->ny * d->cell_rad[1]), NULL);
    pc_card_real(t, "CELL1", d->cell_rad[0], "[rad] pixel of the image");
    pc_card_real(t, "CELL2", d->cell_rad[1], "[rad]");
    pc_card_int(t, "DENSBOX", d->box, "cells to each side a sample counts in");
    pc_card_real(t, "DENSSUM", d->deposited, "sum of all cells");
    pc_card_str(t, "ORIGIN", "pc", NULL);
    pc_card_history_lines(t, history);
    pc_card_sums(t);
    pc_card_end(t, 0, true, pc_datasum_f64(0, d->cell, cells_of(d)));
    return pc_text_ok(t, err);
}

static int write_cells(int fd, const struct pc_uvdensity *d, const char *name, struct pc_err *err)
{
    double buf[8192];
    const int64_t per = sizeof buf / sizeof *buf, n = cells_of(d);
    for (int64_t i = 0; i < n; i += per) {
        int64_t part = n - i < per ? n - i : per;
        pc_swap_f64(buf, d->cell + i, part);
        if (pc_fd_write(fd, buf, (size_t)part * sizeof *buf, name, err) != 0)
            return -1;
    }
    memset(buf, 0, sizeof buf);
    return pc_fd_write(fd, buf, (size_t)((2880 - n * 8 % 2880) % 2880), name, err);
}

static int write_file(const char *temp, const struct pc_text *header, const struct pc_uvdensity *d,
                      struct pc_err *err)
{
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", temp);
    int rc = pc_fd_write(fd, header->s, header->len, temp, err) || write_cells(fd, d, temp, err) ? -1 : 0;
    if (rc == 0 && fsync(fd) != 0 && errno != EINVAL)
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot sync", temp);
    if (close(fd) != 0 && rc == 0)
        rc = pc_err_errno(err, PC_EX_IOERR, "%s: cannot write", temp);
    return rc;
}

int pc_density_file_save(const char *path, const struct pc_uvdensity *d, const char *history,
                         struct pc_err *err)
{
    struct pc_text header = {0};
    char *temp = pc_fd_temp_name(path);
    int rc = -1;
    if (temp == NULL) {
        pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a name", path);
    } else if (format_header(d, history, &header, err) == 0) {
        rc = write_file(temp, &header, d, err);
        if (rc == 0 && rename(temp, path) != 0)
            rc = pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot rename to %s", temp, path);
        if (rc == 0)
            pc_fd_sync_parent(path);
        else
            unlink(temp);
    }
    pc_text_free(&header);
    free(temp);
    return rc;
}

/* ---- reading ---- */

struct file_reader {
    struct pc_reader base;
    int fd;
    int64_t at;
};

static int read_file(struct pc_reader *r, void *buf, size_t n, struct pc_err *err)
{
    struct file_reader *f = (struct file_reader *)r;
    if (pc_fd_pread(f->fd, buf, n, f->at, r->name, err) != 0)
        return -1;
    f->at += (int64_t)n;
    r->left -= (int64_t)n;
    return 0;
}

static bool same_real(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static int check_geometry(struct pc_header *h, const struct pc_fits_shape *shape, const char *path,
                          struct pc_uvdensity *d, struct pc_err *err)
{
    const double arcsec = acos(-1) / 648000;
    double cell[2] = {pc_header_real(h, "CELL1", 0), pc_header_real(h, "CELL2", 0)};
    long long box = pc_header_int(h, "DENSBOX", -1);
    d->deposited = pc_header_real(h, "DENSSUM", -1);
    if (shape->bitpix != -64 || shape->naxis != 2 || box < 0 || !(d->deposited >= 0))
        return pc_err_set(err, PC_EX_DATA, "%s: not a density of pc-psf --density-out", path);
    if (shape->axis[0] != d->nx || shape->axis[1] != d->ny || !same_real(cell[0], d->cell_rad[0]) ||
        !same_real(cell[1], d->cell_rad[1]) || box != d->box)
        return pc_err_set(
            err, PC_EX_DATA,
            "%s: a density of %lld x %lld cells for pixels of %.6g x %.6g arcsec, box %lld; these "
            "weights want %d x %d, %.6g x %.6g arcsec, box %d: --imsize, --cell, --weighting and "
            "--npixels must be as it was made with",
            path, (long long)shape->axis[0], (long long)shape->axis[1], -cell[0] / arcsec, cell[1] / arcsec,
            box, d->nx, d->ny, -d->cell_rad[0] / arcsec, d->cell_rad[1] / arcsec, d->box);
    return 0;
}

static int read_cells(struct pc_reader *r, const struct pc_fits_shape *shape, struct pc_uvdensity *d,
                      struct pc_err *err)
{
    const int64_t n = cells_of(d);
    bool sound = true;
    if (r->read(r, d->cell, (size_t)n * sizeof *d->cell, err) != 0)
        return -1;
    pc_swap_f64(d->cell, d->cell, n);
    for (int64_t i = 0; i < n; i++)
        sound = sound && d->cell[i] >= 0 && isfinite(d->cell[i]);
    if (!sound || (shape->datasum != 0 && shape->datasum != pc_datasum_f64(0, d->cell, n)))
        return pc_err_set(err, PC_EX_DATA, "%s: damaged: %s", r->name,
                          sound ? "its DATASUM is that of other cells"
                                : "a density is negative or not a number");
    return 0;
}

static int load(struct file_reader *f, struct pc_uvdensity *d, struct pc_err *err)
{
    struct pc_fits_shape shape;
    struct pc_text cards = {0};
    struct pc_header *h = NULL;
    int bad = pc_fits_read_header(&f->base, &shape, &cards, err) ||
              pc_header_open(&h, &cards, f->base.name, err) ||
              check_geometry(h, &shape, f->base.name, d, err) || read_cells(&f->base, &shape, d, err);
    if (h != NULL)
        pc_header_close(h);
    pc_text_free(&cards);
    return bad ? -1 : 0;
}

int pc_density_file_load(const char *path, struct pc_uvdensity *d, struct pc_err *err)
{
    struct file_reader f = {.base = {.read = read_file, .name = path, .left = pc_fd_size(path)}};
    f.fd = open(path, O_RDONLY);
    if (f.fd < 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    int rc = load(&f, d, err);
    close(f.fd);
    return rc;
}
