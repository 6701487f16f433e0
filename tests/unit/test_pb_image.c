/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/pb_image.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <string.h>

static const double arcsec = M_PI / 648000;
enum { NX = 60, NY = 50, BX = 90, BY = 80 };

static struct pc_imhead head(int nx, int ny, double cell_arcsec, double ra_off, double dec_off)
{
    struct pc_imhead h = {.nx = nx, .ny = ny, .npol = 1, .crpix = {nx / 2 + 1, ny / 2 + 1}};
    h.crval_rad[0] = 1 + ra_off * arcsec;
    h.crval_rad[1] = -0.5 + dec_off * arcsec;
    h.cell_rad[0] = -cell_arcsec * arcsec;
    h.cell_rad[1] = cell_arcsec * arcsec;
    return h;
}

/* A wide Gaussian around (1, -0.5) on the sky. */
static float truth(const struct pc_imhead *h, double x, double y)
{
    const struct pc_imhead sky = head(2, 2, 1, 0, 0);
    double ra, dec, sx, sy;
    pc_imhead_pix_to_radec(h, x, y, &ra, &dec);
    pc_imhead_radec_to_pix(&sky, ra, dec, &sx, &sy);
    return (float)exp(-((sx - 1) * (sx - 1) + (sy - 1) * (sy - 1)) / (40 * 40));
}

static void fill(struct pc_image *im)
{
    for (int y = 0; y < im->head.ny; y++)
        for (int x = 0; x < im->head.nx; x++)
            im->pix[y * im->head.nx + x] = truth(&im->head, x, y);
}

static double worst(const struct pc_imhead *h, const float *v, double limit)
{
    double d = 0;
    for (int y = 0; y < h->ny; y++)
        for (int x = 0; x < h->nx; x++) {
            const float t = truth(h, x, y);
            if (fabs((double)t - limit) > 2e-3)
                d = fmax(d, fabs((double)v[y * h->nx + x] - ((double)t > limit ? (double)t : 0)));
        }
    return d;
}

static const double centre[2] = {1, -0.5};

/* truth() with its distances from the centre multiplied by `ratio`. */
static double scaled_truth(const struct pc_imhead *h, double x, double y, double ratio)
{
    const double p = (double)truth(h, x, y);
    return exp(ratio * ratio * log(p));
}

static double worst_scaled(const struct pc_imhead *h, const float *v, double ratio)
{
    double d = 0;
    for (int y = 0; y < h->ny; y++)
        for (int x = 0; x < h->nx; x++)
            d = fmax(d, fabs((double)v[y * h->nx + x] - scaled_truth(h, x, y, ratio)));
    return d;
}

/* A beam measured at one frequency, for planes of others. */
static void test_frequency(struct pc_image *im, float *v)
{
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 1, 5, -3);
    im->head = head(BX, BY, 1.3, -4, 2);
    im->head.freq_hz = 100e9;
    fill(im);
    for (int i = 0; i < 3; i++) {
        const double ratio = 0.8 + 0.3 * i; /* 80, 110, 140 GHz */
        h.freq_hz = ratio * 100e9;
        int bad = pc_pb_resample(im, "b.fits", &h, centre, -1e-9, v, &err);
        const double d = worst_scaled(&h, v, ratio);
        ok(!bad && d < 2e-3, "at %g GHz it is as wide as that makes it: %.1e", h.freq_hz / 1e9, d);
    }
    is_int(pc_pb_resample(im, "b.fits", &h, NULL, -1e-9, v, &err), 0, "without a centre");
    ok(worst_scaled(&h, v, 1) < 2e-3, "it is as it is");
    im->head.freq_hz = 0;
    is_int(pc_pb_resample(im, "b.fits", &h, centre, -1e-9, v, &err), 0, "without a frequency");
    ok(worst_scaled(&h, v, 1) < 2e-3, "too");
    im->head = h;
    fill(im);
    is_int(pc_pb_resample(im, "b.fits", &h, centre, -1e-9, v, &err), 0, "of the same frequency and grid");
    is_near(worst_scaled(&h, v, 1), 0, 1e-7, "it is copied");
}

/* Pixels of a whole degree around (1, -0.5), which is in the middle: in TAN a distance is tan(theta). */
static void test_projection(struct pc_image *im, float *v)
{
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 3000, 0, 0);
    double d = 0;
    im->head = head(BX, BY, 4000, 0, 0);
    strcpy(im->head.ctype, "RA---TAN");
    for (int y = 0; y < BY; y++)
        for (int x = 0; x < BX; x++) {
            const double t = hypot(x - BX / 2, y - BY / 2) * 4000 * arcsec;
            im->pix[y * BX + x] = (float)(1 / sqrt(1 + t * t)); /* cos theta */
        }
    is_int(pc_pb_resample(im, "b.fits", &h, centre, -1e-9, v, &err), 0, "a beam in TAN");
    for (int y = 0; y < NY; y++)
        for (int x = 0; x < NX; x++) {
            const double s = hypot(x - NX / 2, y - NY / 2) * 3000 * arcsec;
            d = fmax(d, fabs((double)v[y * NX + x] - sqrt(1 - s * s)));
        }
    ok(d < 2e-4, "is read as TAN: %.1e", d);
    strcpy(im->head.ctype, "GLON-TAN");
    is_int(pc_pb_resample(im, "b.fits", &h, centre, 0, v, &err), -1, "one in galactic coordinates");
    ok(err.code == PC_EX_DATA && strstr(err.msg, "CTYPE1 of the beam is GLON-TAN"), "%s", err.msg);
    strcpy(im->head.ctype, "RA---SIN");
    im->head.rotated = true;
    is_int(pc_pb_resample(im, "b.fits", &h, centre, 0, v, &err), -1, "one that is turned");
    ok(err.code == PC_EX_DATA && strstr(err.msg, "north must be up"), "%s", err.msg);
}

int main(void)
{
    static float beam[BX * BY], v[BX * BY];
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 1, 5, -3);
    struct pc_image im = {.head = h, .pix = beam};
    fill(&im);
    is_int(pc_pb_resample(&im, "b.fits", &h, NULL, 0.2, v, &err), 0, "the same grid");
    is_near(worst(&h, v, 0.2), 0, 0, "is copied, but for what is below the limit");
    im.head = head(BX, BY, 1.3, -4, 2);
    fill(&im);
    is_int(pc_pb_resample(&im, "b.fits", &h, NULL, -0.2, v, &err), 0, "another grid, wider");
    const double d = worst(&h, v, 0.2);
    ok(d < 1e-3 && d > 0, "is interpolated: %.1e", d);
    beam[BY / 2 * BX + BX / 2] = NAN;
    is_int(pc_pb_resample(&im, "b.fits", &h, NULL, 0.2, v, &err), 0, "one with a blank pixel");
    int nan = 0, zero = 0;
    for (int i = 0; i < NX * NY; i++) {
        nan += isnan(v[i]);
        zero += v[i] == 0 && (double)truth(&h, i % NX, i / NX) > 0.21;
    }
    ok(nan == 0 && zero > 0 && zero < 10, "is 0 around it, nowhere NaN: %d pixels", zero);
    im.head = head(20, 20, 1, 0, 0);
    fill(&im);
    is_int(pc_pb_resample(&im, "b.fits", &h, NULL, 0, v, &err), 0, "a smaller one");
    ok(v[0] == 0 && v[NY / 2 * NX + NX / 2] > 0.9F, "is 0 beyond its edge");
    im.head.cell_rad[0] = im.head.cell_rad[1] = 0;
    is_int(pc_pb_resample(&im, "b.fits", &h, NULL, 0, v, &err), -1,
           "one without a position, of another size");
    ok(err.code == PC_EX_DATA && strstr(err.msg, "20 x 20") && strstr(err.msg, "60 x 50"), "%s", err.msg);
    test_frequency(&im, v);
    test_projection(&im, v);
    return tap_done();
}
