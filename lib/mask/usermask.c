/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/usermask.h"

#include "image/skymap.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool differs(double a, double b)
{
    return fabs(a - b) > 1e-6 * fabs(b);
}

static bool is_plain(const struct pc_imhead *h)
{
    return !h->rotated && (h->ctype[0] == '\0' || strcmp(h->ctype, "RA---SIN") == 0);
}

static bool same_grid(const struct pc_imhead *mask, const struct pc_imhead *image)
{
    double ra, dec, x, y, x0 = image->crpix[0] - 1, y0 = image->crpix[1] - 1;
    if (mask->nx != image->nx || mask->ny != image->ny)
        return false;
    if (!pc_imhead_has_wcs(mask))
        return true;
    if (!is_plain(mask) || differs(mask->cell_rad[0], image->cell_rad[0]) ||
        differs(mask->cell_rad[1], image->cell_rad[1]))
        return false;
    pc_imhead_pix_to_radec(mask, x0, y0, &ra, &dec);
    pc_imhead_radec_to_pix(image, ra, dec, &x, &y);
    return fabs(x - x0) < 0.5 && fabs(y - y0) < 0.5;
}

static int check_wcs(const struct pc_imhead *mask, const char *name, const struct pc_imhead *image,
                     struct pc_err *err)
{
    if (!pc_imhead_has_wcs(mask))
        return pc_err_set(err, PC_EX_DATA,
                          "%s: the mask has %d x %d pixels, the image %d x %d, and the mask does not say "
                          "where in the sky it is (CTYPE, CDELT)",
                          name, mask->nx, mask->ny, image->nx, image->ny);
    return pc_skymap_check(mask, name, "mask", err);
}

static void add_resampled(const struct pc_imhead *m, const float *pix, const struct pc_imhead *h,
                          unsigned char *mask)
{
    struct pc_skymap map;
    pc_skymap_init(&map, h, m);
    for (int y = 0; y < h->ny; y++)
        for (int x = 0; x < h->nx; x++) {
            double mx, my;
            pc_skymap_at(&map, x, y, &mx, &my);
            mx = floor(mx + 0.5);
            my = floor(my + 0.5);
            /* a NaN, beyond the horizon, is in no range */
            if (mx >= 0 && mx < m->nx && my >= 0 && my < m->ny &&
                pix[(int64_t)my * m->nx + (int64_t)mx] > 0.5F)
                mask[(int64_t)y * h->nx + x] = 1;
        }
}

int pc_usermask_add(const struct pc_image *given, const char *name, const struct pc_imhead *image, int pol,
                    unsigned char *mask, struct pc_err *err)
{
    const struct pc_imhead *m = &given->head;
    const float *pix = given->pix + (pol < m->npol ? pol : 0) * (int64_t)m->nx * m->ny;
    if (same_grid(m, image)) {
        for (int64_t i = 0; i < (int64_t)m->nx * m->ny; i++)
            mask[i] = mask[i] || pix[i] > 0.5F;
        return 0;
    }
    if (check_wcs(m, name, image, err))
        return -1;
    add_resampled(m, pix, image, mask);
    return 0;
}
