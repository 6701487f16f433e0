/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_verify.h"

#include "io/cube_priv.h"
#include "io/cubefile.h"

#include <stdio.h>
#include <string.h>

/* The product's file, wherever it is: growing, or renamed at the end, IMAGENAME.PRODUCT.fits. fd is -1 when
 * there is none. */
static int open_product(struct pc_cube *c, const char *product, struct pc_cubefile *f, struct pc_err *err)
{
    char name[PC_CUBE_PATH], file[PC_CUBE_PATH + 64];
    if (pc_cube_finished_as(c, name, err) != 0)
        return -1;
    char *slash = strrchr(name, '/');
    if (slash == NULL)
        return pc_cubefile_open(f, c->dir, product, c->count, NULL, false, err);
    *slash = '\0';
    snprintf(file, sizeof file, "%s.%s", slash + 1, product);
    return pc_cubefile_open(f, name, file, c->count, NULL, false, err);
}

/* Whether one product's planes of a channel are what was written. */
static int product_holds(struct pc_cube *c, const struct pc_cube_product *product, int index, bool *holds,
                         struct pc_err *err)
{
    struct pc_cube_plane plane;
    struct pc_cubefile f = {.fd = -1};
    uint32_t sum[PC_MAX_POL] = {0};
    if (pc_cube_planes_load(c, index, product->name, &plane, err) != 0)
        return -1;
    *holds = plane.placed;
    if (!plane.there)
        return 0;
    int ret = open_product(c, product->name, &f, err);
    if (ret == 0 && f.fd >= 0)
        ret = pc_cubefile_sums(&f, index - c->first, sum, err);
    *holds = ret == 0 && f.fd >= 0 && f.npol == plane.head.npol && memcmp(sum, plane.sum, sizeof sum) == 0;
    pc_cubefile_close(&f);
    pc_imhead_fini(&plane.head);
    return ret;
}

/* What cannot be read, or is no cube any more, does not hold; only what is not the cube's fault is an error.
 */
static bool is_damage(const struct pc_err *err)
{
    return err->code == PC_EX_DATA || err->code == PC_EX_IOERR;
}

int pc_cube_verify(struct pc_cube *c, int index, bool *holds, struct pc_err *err)
{
    *holds = index >= c->first && index < c->first + c->count;
    for (int i = 0; i < c->nproduct && *holds; i++)
        if (product_holds(c, c->product[i], index, holds, err) != 0) {
            *holds = false;
            if (!is_damage(err))
                return -1;
        }
    return 0;
}
