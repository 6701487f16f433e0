/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_image.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* From directions to pixels of the beam's image. */
struct map {
    const struct pc_imhead *beam;
    bool tan;            /* its projection, else SIN */
    double ratio, at[2]; /* distances from that pixel are multiplied by ratio */
};

static void to_beam(const struct map *m, double ra, double dec, double *x, double *y)
{
    const struct pc_imhead *b = m->beam;
    double p[2];
    pc_imhead_radec_to_pix(b, ra, dec, &p[0], &p[1]);
    if (m->tan) {
        const double l = (p[0] - (b->crpix[0] - 1)) * b->cell_rad[0];
        const double k = (p[1] - (b->crpix[1] - 1)) * b->cell_rad[1], n = sqrt(1 - l * l - k * k);
        for (int i = 0; i < 2; i++)
            p[i] = (p[i] - (b->crpix[i] - 1)) / n + (b->crpix[i] - 1);
    }
    *x = m->at[0] + (p[0] - m->at[0]) * m->ratio;
    *y = m->at[1] + (p[1] - m->at[1]) * m->ratio;
}

static struct map make_map(const struct pc_imhead *beam, const struct pc_imhead *head,
                           const double centre_rad[2])
{
    struct map m = {.beam = beam, .tan = strcmp(beam->ctype, "RA---TAN") == 0, .ratio = 1};
    double at[2];
    if (centre_rad == NULL || !(beam->freq_hz > 0) || !(head->freq_hz > 0))
        return m;
    to_beam(&m, centre_rad[0], centre_rad[1], &at[0], &at[1]);
    if (isfinite(at[0]) && isfinite(at[1])) {
        memcpy(m.at, at, sizeof at);
        m.ratio = head->freq_hz / beam->freq_hz;
    }
    return m;
}

/* Pixels fall on pixels, to 1e-4 of one. */
static bool same_pixels(const struct map *m, const struct pc_imhead *h)
{
    const double corner[3][2] = {{0, 0}, {h->nx - 1, 0}, {0, h->ny - 1}};
    if (m->beam->nx != h->nx || m->beam->ny != h->ny)
        return false;
    for (int i = 0; i < 3; i++) {
        double ra, dec, x, y;
        pc_imhead_pix_to_radec(h, corner[i][0], corner[i][1], &ra, &dec);
        to_beam(m, ra, dec, &x, &y);
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

static int check(const struct pc_imhead *b, const char *name, const struct pc_imhead *head,
                 struct pc_err *err)
{
    const bool placed = pc_imhead_has_wcs(b);
    if (!placed && (b->nx != head->nx || b->ny != head->ny))
        return pc_err_set(
            err, PC_EX_DATA,
            "%s: the beam has no position on the sky, and %d x %d pixels where the image has %d x %d", name,
            b->nx, b->ny, head->nx, head->ny);
    if (b->nx < 2 || b->ny < 2)
        return pc_err_set(err, PC_EX_DATA, "%s: a beam of %d x %d pixels", name, b->nx, b->ny);
    if (placed && b->rotated)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: the beam's axes are turned (PC, CD or CROTA2); north must be up", name);
    if (placed && b->ctype[0] != '\0' && strcmp(b->ctype, "RA---SIN") != 0 &&
        strcmp(b->ctype, "RA---TAN") != 0)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: CTYPE1 of the beam is %s; RA---SIN and RA---TAN are understood", name,
                          b->ctype);
    return 0;
}

int pc_pb_resample(const struct pc_image *beam, const char *name, const struct pc_imhead *head,
                   const double centre_rad[2], double pblimit, float *plane, struct pc_err *err)
{
    if (check(&beam->head, name, head, err) != 0)
        return -1;
    const struct map m = make_map(&beam->head, head, centre_rad);
    const bool copy = !pc_imhead_has_wcs(&beam->head) || same_pixels(&m, head);
    for (int y = 0; y < head->ny; y++)
        for (int x = 0; x < head->nx; x++) {
            const int64_t at = (int64_t)y * head->nx + x;
            double ra, dec, bx, by;
            float v;
            if (copy) {
                v = beam->pix[at];
            } else {
                pc_imhead_pix_to_radec(head, x, y, &ra, &dec);
                to_beam(&m, ra, dec, &bx, &by);
                v = bilinear(beam, bx, by);
            }
            plane[at] = (double)v > fabs(pblimit) ? v : 0;
        }
    return 0;
}
