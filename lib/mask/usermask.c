/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/usermask.h"

#include <math.h>
#include <stdbool.h>

static bool differs(double a, double b)
{
    return fabs(a - b) > 1e-6 * fabs(b);
}

/* Without CDELT a pixel is one unit in FITS: one degree, to the west even. */
static bool has_wcs(const struct pc_imhead *h)
{
    const double deg = 3.14159265358979323846 / 180;
    return h->cell_rad[0] != 0 && h->cell_rad[1] != 0 &&
           (differs(h->cell_rad[0], deg) || differs(h->cell_rad[1], deg));
}

int pc_usermask_check(const struct pc_imhead *mask, const char *name, const struct pc_imhead *image,
                      struct pc_err *err)
{
    const double arcsec = 180.0 * 3600.0 / 3.14159265358979323846;
    if (mask->nx != image->nx || mask->ny != image->ny)
        return pc_err_set(err, PC_EX_DATA, "%s: the mask has %d x %d pixels, the image %d x %d", name,
                          mask->nx, mask->ny, image->nx, image->ny);
    if (!has_wcs(mask))
        return 0;
    if (differs(mask->cell_rad[0], image->cell_rad[0]) || differs(mask->cell_rad[1], image->cell_rad[1]))
        return pc_err_set(err, PC_EX_DATA, "%s: the mask's pixels are %g x %g arcsec, the image's %g x %g",
                          name, mask->cell_rad[0] * arcsec, mask->cell_rad[1] * arcsec,
                          image->cell_rad[0] * arcsec, image->cell_rad[1] * arcsec);
    double ra, dec, x, y, x0 = image->crpix[0] - 1, y0 = image->crpix[1] - 1;
    pc_imhead_pix_to_radec(mask, x0, y0, &ra, &dec);
    pc_imhead_radec_to_pix(image, ra, dec, &x, &y);
    if (!(fabs(x - x0) < 0.5 && fabs(y - y0) < 0.5))
        return pc_err_set(err, PC_EX_DATA,
                          "%s: the mask is centred elsewhere than the image, by %.3g and %.3g pixels", name,
                          x - x0, y - y0);
    return 0;
}

int64_t pc_usermask_fill(unsigned char *mask, int64_t npix, const float *given, const float *pb,
                         double pblimit, double pbmask)
{
    int64_t n = 0;
    for (int64_t i = 0; i < npix; i++) {
        bool on = !given || given[i] > 0.5F;
        if (pb)
            on = on && (pblimit <= 0 || pb[i] > (float)pblimit) && (pbmask < 0 || pb[i] > (float)pbmask);
        mask[i] = on;
        n += on;
    }
    return n;
}
