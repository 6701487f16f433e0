/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_image.h"

#include <math.h>
#include <stdbool.h>

/* Pixels fall on pixels, to 1e-4 of one. */
static bool same_pixels(const struct pc_imhead *a, const struct pc_imhead *b)
{
    const double corner[3][2] = {{0, 0}, {b->nx - 1, 0}, {0, b->ny - 1}};
    if (a->nx != b->nx || a->ny != b->ny)
        return false;
    for (int i = 0; i < 3; i++) {
        double ra, dec, x, y;
        pc_imhead_pix_to_radec(b, corner[i][0], corner[i][1], &ra, &dec);
        pc_imhead_radec_to_pix(a, ra, dec, &x, &y);
        if (!(fabs(x - corner[i][0]) < 1e-4 && fabs(y - corner[i][1]) < 1e-4))
            return false;
    }
    return true;
}

/* 0 outside; NaN when one of the four pixels is. A position on the last pixel, give or take rounding, is
 * inside. */
static float bilinear(const struct pc_image *im, double x, double y)
{
    const int nx = im->head.nx, ny = im->head.ny;
    if (!(x > -1e-6 && y > -1e-6 && x < nx - 1 + 1e-6 && y < ny - 1 + 1e-6))
        return 0;
    const int x0 = (int)fmin(fmax(x, 0), nx - 2), y0 = (int)fmin(fmax(y, 0), ny - 2);
    const float *p = im->pix + (int64_t)y0 * nx + x0;
    const double fx = x - x0, fy = y - y0;
    const double low = (1 - fx) * (double)p[0] + fx * (double)p[1];
    const double high = (1 - fx) * (double)p[nx] + fx * (double)p[nx + 1];
    return (float)((1 - fy) * low + fy * high);
}

int pc_pb_resample(const struct pc_image *beam, const char *name, const struct pc_imhead *head,
                   double pblimit, float *plane, struct pc_err *err)
{
    const struct pc_imhead *b = &beam->head;
    const bool placed = pc_imhead_has_wcs(b);
    if (!placed && (b->nx != head->nx || b->ny != head->ny))
        return pc_err_set(
            err, PC_EX_DATA,
            "%s: the beam has no position on the sky, and %d x %d pixels where the image has %d x %d", name,
            b->nx, b->ny, head->nx, head->ny);
    if (b->nx < 2 || b->ny < 2)
        return pc_err_set(err, PC_EX_DATA, "%s: a beam of %d x %d pixels", name, b->nx, b->ny);
    const bool copy = !placed || same_pixels(b, head);
    for (int y = 0; y < head->ny; y++)
        for (int x = 0; x < head->nx; x++) {
            const int64_t at = (int64_t)y * head->nx + x;
            double ra, dec, bx, by;
            float v;
            if (copy) {
                v = beam->pix[at];
            } else {
                pc_imhead_pix_to_radec(head, x, y, &ra, &dec);
                pc_imhead_radec_to_pix(b, ra, dec, &bx, &by);
                v = bilinear(beam, bx, by);
            }
            plane[at] = (double)v > fabs(pblimit) ? v : 0;
        }
    return 0;
}
