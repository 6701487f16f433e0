/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/concat_export.h"

#include "io/fits_compress.h"
#include "io/image_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096 };

static bool is_sparse(const char *product)
{
    return strcmp(product, "mask") == 0 || strcmp(product, "model") == 0;
}

static bool is_compressed(const struct concat_export *e, const char *product)
{
    return e->format != CONCAT_CASA &&
           (e->compress == CONCAT_SMALL ? is_sparse(product) : e->compress != CONCAT_NONE);
}

/* IMAGENAME.PRODUCT and an ending. */
static int name_of(const struct concat_export *e, const char *product, const char *ending, char path[PATH],
                   struct pc_err *err)
{
    if (snprintf(path, PATH, "%s.%s%s", e->imagename, product, ending) >= PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", e->imagename);
    return 0;
}

static int check_absent(const struct concat_export *e, const char *product, const char *ending,
                        struct pc_err *err)
{
    char path[PATH];
    if (name_of(e, product, ending, path, err) != 0)
        return -1;
    if (access(path, F_OK) == 0)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s exists: another name, or --overwrite", path);
    return 0;
}

int concat_export_prepare(struct concat_export *e, const struct pc_cube *cube, struct pc_err *err)
{
    const char *product;
    bool ours;
    if (pc_cube_had_name(cube, e->imagename, &ours, err) != 0)
        return -1;
    e->overwrite = e->overwrite || ours;
    e->keep[0] = '\0';
    for (int i = 0; (product = pc_cube_product_name(cube, i)) != NULL; i++) {
        bool fz = is_compressed(e, product);
        if (e->format == CONCAT_CASA || fz) {
            size_t n = strlen(e->keep);
            snprintf(e->keep + n, sizeof e->keep - n, "%s%s", n ? "," : "", product);
        }
        if (!e->overwrite && ((fz && check_absent(e, product, ".fits.fz", err) != 0) ||
                              (e->format != CONCAT_FITS && check_absent(e, product, "", err) != 0)))
            return -1;
    }
    return 0;
}

/* What has no noise to lose loses nothing. */
static enum pc_fits_compress method(const struct concat_export *e, const char *product)
{
    const bool lossless =
        strcmp(product, "model") == 0 || strcmp(product, "sumwt") == 0 || strcmp(product, "pb") == 0;
    return e->compress == CONCAT_RICE && !lossless ? PC_COMPRESS_RICE : PC_COMPRESS_GZIP;
}

int concat_export(const struct concat_export *e, const struct pc_cube *cube, struct pc_err *err)
{
    char from[PATH], to[PATH];
    const char *product;
    for (int i = 0; (product = pc_cube_product_name(cube, i)) != NULL; i++) {
        if (pc_cube_file(cube, e->imagename, product, from, err) != 0)
            return -1;
        if (from[0] == '\0')
            continue;
        if (is_compressed(e, product) && (name_of(e, product, ".fits.fz", to, err) != 0 ||
                                          pc_fits_compress(from, to, method(e, product), err) != 0))
            return -1;
        if (e->format != CONCAT_FITS && (name_of(e, product, "", to, err) != 0 ||
                                         pc_image_file_to_casa(from, to, e->overwrite, err) != 0))
            return -1;
    }
    return 0;
}
