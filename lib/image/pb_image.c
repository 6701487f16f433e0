/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_image.h"

#include "image/skymap.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* To pixels of the beam's image; distances from the pixel `at` are multiplied by ratio. */
struct map {
    struct pc_skymap sky;
    double ratio, at[2];
};

static void to_beam(const struct map *m, double x, double y, double *bx, double *by)
{
    pc_skymap_at(&m->sky, x, y, bx, by);
    *bx = m->at[0] + (*bx - m->at[0]) * m->ratio;
    *by = m->at[1] + (*by - m->at[1]) * m->ratio;
}

static struct map make_map(const struct pc_imhead *beam, const struct pc_imhead *head,
                           const double centre_rad[2])
{
    struct map m = {.ratio = 1};
    double centre[2], at[2];
    pc_skymap_init(&m.sky, head, beam);
    if (centre_rad == NULL || !(beam->freq_hz > 0) || !(head->freq_hz > 0))
        return m;
    pc_imhead_radec_to_pix(head, centre_rad[0], centre_rad[1], &centre[0], &centre[1]);
    to_beam(&m, centre[0], centre[1], &at[0], &at[1]);
    if (isfinite(at[0]) && isfinite(at[1])) {
        memcpy(m.at, at, sizeof at);
        m.ratio = head->freq_hz / beam->freq_hz;
    }
    return m;
}

/* Pixels fall on pixels of the same number. */
static bool same_pixels(const struct map *m, const struct pc_imhead *beam, const struct pc_imhead *head)
{
    int64_t shift_px[2];
    return m->ratio == 1 && beam->nx == head->nx && beam->ny == head->ny &&
           pc_skymap_shift(&m->sky, head, shift_px) && shift_px[0] == 0 && shift_px[1] == 0;
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
    return placed ? pc_skymap_check(b, name, "beam", err) : 0;
}

int pc_pb_resample(const struct pc_image *beam, const char *name, const struct pc_imhead *head,
                   const double centre_rad[2], double pblimit, float *plane, struct pc_err *err)
{
    if (check(&beam->head, name, head, err) != 0)
        return -1;
    const struct map m = make_map(&beam->head, head, centre_rad);
    const bool copy = !pc_imhead_has_wcs(&beam->head) || same_pixels(&m, &beam->head, head);
    for (int y = 0; y < head->ny; y++)
        for (int x = 0; x < head->nx; x++) {
            const int64_t at = (int64_t)y * head->nx + x;
            double bx, by;
            float v;
            if (copy) {
                v = beam->pix[at];
            } else {
                to_beam(&m, x, y, &bx, &by);
                v = bilinear(beam, bx, by);
            }
            plane[at] = (double)v > fabs(pblimit) ? v : 0;
        }
    return 0;
}
