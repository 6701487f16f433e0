/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/image.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct {
    const char *name;
    int code;
} stokes_table[] = {
    {"I", 1},   {"Q", 2},   {"U", 3},   {"V", 4},   {"RR", -1}, {"LL", -2},
    {"RL", -3}, {"LR", -4}, {"XX", -5}, {"YY", -6}, {"XY", -7}, {"YX", -8},
};
enum { NSTOKES = sizeof stokes_table / sizeof stokes_table[0] };

const char *pc_stokes_name(int code)
{
    for (int i = 0; i < NSTOKES; i++)
        if (stokes_table[i].code == code)
            return stokes_table[i].name;
    return NULL;
}

int pc_stokes_code(const char *name)
{
    for (int i = 0; i < NSTOKES; i++)
        if (strcmp(stokes_table[i].name, name) == 0)
            return stokes_table[i].code;
    return 0;
}

int64_t pc_imhead_npix(const struct pc_imhead *h)
{
    return (int64_t)h->nx * h->ny * h->npol;
}

int pc_imhead_copy(struct pc_imhead *dst, const struct pc_imhead *src, struct pc_err *err)
{
    *dst = *src;
    memset(&dst->extra, 0, sizeof dst->extra);
    memset(&dst->history, 0, sizeof dst->history);
    if (pc_record_copy(&dst->extra, &src->extra, err) != 0)
        goto fail;
    if (src->history.len > 0)
        pc_text_add_bytes(&dst->history, src->history.s, src->history.len);
    if (pc_text_ok(&dst->history, err) != 0)
        goto fail;
    return 0;
fail:
    pc_imhead_fini(dst);
    return -1;
}

void pc_imhead_fini(struct pc_imhead *h)
{
    pc_record_free(&h->extra);
    pc_text_free(&h->history);
    memset(h, 0, sizeof *h);
}

int pc_image_to_mask(struct pc_image *im, struct pc_err *err)
{
    int64_t n = pc_imhead_npix(&im->head);
    if (!im->pix && !im->wide)
        return 0;
    pc_mem_free(im->mask);
    im->mask = pc_mem_new(n, 1, "the mask", err);
    if (!im->mask)
        return -1;
    for (int64_t i = 0; i < n; i++)
        im->mask[i] = im->wide ? im->wide[i] > 0.5 : im->pix[i] > 0.5F;
    pc_mem_free(im->pix);
    pc_mem_free(im->wide);
    im->pix = NULL;
    im->wide = NULL;
    return 0;
}

void pc_image_fini(struct pc_image *im)
{
    pc_imhead_fini(&im->head);
    pc_mem_free(im->pix);
    pc_mem_free(im->mask);
    pc_mem_free(im->wide);
    memset(im, 0, sizeof *im);
}

static const char *stokes_or_unknown(int code)
{
    const char *name = pc_stokes_name(code);
    return name ? name : "unknown";
}

static bool same_number(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

int pc_imhead_same_grid(const struct pc_imhead *a, const char *name_a, const struct pc_imhead *b,
                        const char *name_b, struct pc_err *err)
{
    if (a->nx != b->nx)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS1 is %d, %s has %d", name_a, a->nx, name_b, b->nx);
    if (a->ny != b->ny)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS2 is %d, %s has %d", name_a, a->ny, name_b, b->ny);
    if (a->npol != b->npol)
        return pc_err_set(err, PC_EX_DATA, "%s: %d Stokes planes, %s has %d", name_a, a->npol, name_b,
                          b->npol);
    for (int p = 0; p < a->npol; p++)
        if (a->stokes[p] != b->stokes[p])
            return pc_err_set(err, PC_EX_DATA, "%s: Stokes plane %d is %s, %s has %s", name_a, p + 1,
                              stokes_or_unknown(a->stokes[p]), name_b, stokes_or_unknown(b->stokes[p]));
    for (int i = 0; i < 2; i++)
        if (!same_number(a->cell_rad[i], b->cell_rad[i]))
            return pc_err_set(err, PC_EX_DATA, "%s: the cell of axis %d is %.12g rad, %s has %.12g rad",
                              name_a, i + 1, a->cell_rad[i], name_b, b->cell_rad[i]);
    return 0;
}

bool pc_imhead_has_wcs(const struct pc_imhead *h)
{
    const double deg = M_PI / 180;
    bool plain = fabs(h->cell_rad[0] - deg) <= 1e-6 * deg && fabs(h->cell_rad[1] - deg) <= 1e-6 * deg;
    return h->cell_rad[0] != 0 && h->cell_rad[1] != 0 && !plain;
}

void pc_imhead_pix_to_radec(const struct pc_imhead *h, double x, double y, double *ra_rad, double *dec_rad)
{
    double l = (x - (h->crpix[0] - 1)) * h->cell_rad[0];
    double m = (y - (h->crpix[1] - 1)) * h->cell_rad[1];
    double rr = l * l + m * m;
    if (!(rr <= 1)) {
        *ra_rad = *dec_rad = NAN;
        return;
    }
    double n = sqrt(1 - rr), s0 = sin(h->crval_rad[1]), c0 = cos(h->crval_rad[1]);
    double north = n * c0 - m * s0;
    /* hypot() of the equatorial components keeps full precision at the poles, where asin() loses half the
     * digits */
    *dec_rad = atan2(m * c0 + n * s0, hypot(l, north));
    double ra = fmod(h->crval_rad[0] + atan2(l, north), 2 * M_PI);
    *ra_rad = ra < 0 ? ra + 2 * M_PI : ra;
}

void pc_imhead_radec_to_pix(const struct pc_imhead *h, double ra_rad, double dec_rad, double *x, double *y)
{
    double dra = ra_rad - h->crval_rad[0];
    double s0 = sin(h->crval_rad[1]), c0 = cos(h->crval_rad[1]);
    double s = sin(dec_rad), c = cos(dec_rad);
    double l = c * sin(dra);
    double half = sin(0.5 * dra);
    /* sin(dec - dec0) + ... instead of s*c0 - c*s0*cos(dra): no cancellation near the centre */
    double m = sin(dec_rad - h->crval_rad[1]) + 2 * c * s0 * half * half;
    double n = s * s0 + c * c0 * cos(dra);
    if (!(n >= 0)) {
        *x = *y = NAN;
        return;
    }
    *x = l / h->cell_rad[0] + (h->crpix[0] - 1);
    *y = m / h->cell_rad[1] + (h->crpix[1] - 1);
}
