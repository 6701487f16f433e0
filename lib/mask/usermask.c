/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/usermask.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static bool differs(double a, double b)
{
    return fabs(a - b) > 1e-6 * fabs(b);
}

static bool is_projection(const struct pc_imhead *h, const char *name)
{
    return strncmp(h->ctype, "RA--", 4) == 0 && strcmp(h->ctype + 4, name) == 0;
}

static bool is_plain(const struct pc_imhead *h)
{
    return !h->rotated && (h->ctype[0] == '\0' || is_projection(h, "-SIN"));
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
    if (mask->rotated)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: the mask's axes are turned (PC, CD or CROTA2); north must be up", name);
    if (!is_plain(mask) && !is_projection(mask, "-TAN"))
        return pc_err_set(err, PC_EX_DATA,
                          "%s: CTYPE1 of the mask is %s; RA---SIN and RA---TAN are understood", name,
                          mask->ctype);
    return 0;
}

/* Unit vectors of a place in the sky: east, north, towards it. */
static void basis(const double at_rad[2], double e[3][3])
{
    double sa = sin(at_rad[0]), ca = cos(at_rad[0]), sd = sin(at_rad[1]), cd = cos(at_rad[1]);
    const double v[3][3] = {{-sa, ca, 0}, {-sd * ca, -sd * sa, cd}, {cd * ca, cd * sa, sd}};
    memcpy(e, v, sizeof v);
}

/* r takes direction cosines in one image to those in another. */
static void rotation(const struct pc_imhead *from, const struct pc_imhead *to, double r[3][3])
{
    double a[3][3], b[3][3];
    basis(from->crval_rad, a);
    basis(to->crval_rad, b);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            r[i][j] = b[i][0] * a[j][0] + b[i][1] * a[j][1] + b[i][2] * a[j][2];
}

static void add_resampled(const struct pc_imhead *m, const float *pix, const struct pc_imhead *h,
                          unsigned char *mask)
{
    double r[3][3];
    bool tan = is_projection(m, "-TAN");
    rotation(h, m, r);
    for (int y = 0; y < h->ny; y++)
        for (int x = 0; x < h->nx; x++) {
            double l = (x - (h->crpix[0] - 1)) * h->cell_rad[0], k = (y - (h->crpix[1] - 1)) * h->cell_rad[1];
            double n = sqrt(1 - l * l - k * k), there[3];
            for (int i = 0; i < 3; i++)
                there[i] = r[i][0] * l + r[i][1] * k + r[i][2] * n;
            double scale = tan ? 1 / there[2] : 1;
            double mx = floor(there[0] * scale / m->cell_rad[0] + m->crpix[0] - 0.5);
            double my = floor(there[1] * scale / m->cell_rad[1] + m->crpix[1] - 0.5);
            /* a NaN, beyond the horizon, is in no range */
            if (there[2] > 0 && mx >= 0 && mx < m->nx && my >= 0 && my < m->ny &&
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
