/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/regrid.h"
#include "image/skymap.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static const double arcsec = M_PI / 648000;
enum { NX = 40, NY = 32, FINE = 32 };

static struct pc_imhead head(int nx, int ny, double cell_arcsec, double ra_off, double dec_off)
{
    struct pc_imhead h = {.nx = nx, .ny = ny, .npol = 1, .crpix = {nx / 2 + 1, ny / 2 + 1}};
    h.crval_rad[0] = 1 + ra_off * arcsec;
    h.crval_rad[1] = 0.9 + dec_off * arcsec;
    h.cell_rad[0] = -cell_arcsec * arcsec;
    h.cell_rad[1] = cell_arcsec * arcsec;
    return h;
}

static double sum(const float *v, int n)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += (double)v[i];
    return s;
}

static void noise(float *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = (float)rand() / (float)RAND_MAX;
}

/* The same by many points in each pixel, carried over the sky one by one, each dealt to the four pixels
 * around. */
static void by_points(const struct pc_imhead *from, const float *pix, const struct pc_imhead *to, double *out)
{
    for (int i = 0; i < from->nx * from->ny; i++)
        for (int k = 0; k < FINE * FINE; k++) {
            double ra, dec, x, y;
            pc_imhead_pix_to_radec(from, i % from->nx - 0.5 + (k % FINE + 0.5) / FINE,
                                   i / from->nx - 0.5 + (k / FINE + 0.5) / FINE, &ra, &dec);
            pc_imhead_radec_to_pix(to, ra, dec, &x, &y);
            for (int c = 0; c < 4; c++) {
                const int at[2] = {(int)floor(x) + c % 2, (int)floor(y) + c / 2};
                if (at[0] >= 0 && at[0] < to->nx && at[1] >= 0 && at[1] < to->ny)
                    out[at[1] * to->nx + at[0]] +=
                        (double)pix[i] / (FINE * FINE) * (1 - fabs(x - at[0])) * (1 - fabs(y - at[1]));
            }
        }
}

static void test_points(const char *name, struct pc_imhead from, struct pc_imhead to)
{
    static float pix[NX * NY], got[80 * 80];
    static double want[80 * 80];
    struct pc_regrid_tally t = {0};
    struct pc_err err = {0};
    double worst = 0, peak = 0, seen = 0;
    memset(got, 0, sizeof got);
    memset(want, 0, sizeof want);
    noise(pix, from.nx * from.ny);
    is_int(pc_regrid_add(&from, pix, "m.fits", &to, got, &t, &err), 0, name);
    by_points(&from, pix, &to, want);
    for (int i = 0; i < to.nx * to.ny; i++) {
        worst = fmax(worst, fabs(want[i] - (double)got[i]));
        peak = fmax(peak, want[i]);
        seen += want[i];
    }
    const double step_px = fabs(from.cell_rad[0] / to.cell_rad[0]) / FINE,
                 near = 5e-4 + 0.5 * step_px * step_px;
    ok(worst < near * peak, "%s: as by points, %.1e of the peak within %.1e", name, worst / peak, near);
    is_near(t.flux, sum(pix, from.nx * from.ny), 1e-4, "the flux that came");
    is_near(sum(got, to.nx * to.ny) + t.outside, t.flux, 2e-6 * t.flux, "is there, or known to be outside");
    is_near(t.outside, t.flux - seen, 2e-3 * t.flux, "what is outside");
}

static void test_same(void)
{
    static float pix[NX * NY], got[NX * NY];
    struct pc_regrid_tally t = {0};
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 1, 0, 0), m = h;
    noise(pix, NX * NY);
    is_int(pc_regrid_add(&h, pix, "m.fits", &h, got, &t, &err), 0, "the same grid");
    ok(memcmp(pix, got, sizeof got) == 0 && t.outside == 0, "is copied");
    pix[5] = NAN;
    pix[6] = -INFINITY;
    m.crpix[0] -= 3; /* the model's pixel (0, 0) is the image's (3, 0) */
    memset(got, 0, sizeof got);
    t = (struct pc_regrid_tally){0};
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), 0, "one shifted by whole pixels");
    int bad = 0;
    for (int i = 0; i < NX * NY; i++) {
        const float want = i % NX < 3 || i == 8 || i == 9 ? 0 : pix[i - 3];
        bad += memcmp(&got[i], &want, sizeof want) != 0;
    }
    is_int(bad, 0, "is copied, with 0 for what is blank");
    is_int(t.nblank, 2, "which is counted");
    ok(t.outside > 0, "what fell outside is known");
    m = (struct pc_imhead){.nx = NX, .ny = NY, .npol = 1};
    memset(got, 0, sizeof got);
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), 0,
           "one without a position, of the same size");
    ok(got[7] == pix[7], "is copied");
}

static int filled(const float *v, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += v[i] != 0;
    return count;
}

/* A pixel half a pixel off, of the same size: the quadratic B-spline at +-0.5 and, at a whole offset in y,
 * only there; and one so small that it is a point: four pixels by its distance from them. */
static void test_shares(void)
{
    static float pix[NX * NY], got[NX * NY];
    struct pc_regrid_tally t = {0};
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 1, 0, 0), m = h;
    pix[10 * NX + 12] = 3;
    m.crpix[0] += 0.5;
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), 0, "half a pixel");
    const double row[3] = {3 * 0.125, 3 * 0.75, 3 * 0.125};
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < 2; x++)
            is_near((double)got[(9 + y) * NX + 11 + x], row[y] / 2, 1e-6, "a share of it");
    is_int(filled(got, NX * NY), 6, "and nothing else");
    memset(got, 0, sizeof got);
    m = head(NX, NY, 1e-4, 0, 0);
    /* its pixel is at (20.3, 16.4) of the image */
    m.crpix[0] = 12 + 1 - 0.3e4;
    m.crpix[1] = 10 + 1 - 0.4e4;
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), 0, "a point");
    is_near((double)got[16 * NX + 20], 3 * 0.7 * 0.6, 1e-5, "keeps its place");
    is_near((double)got[16 * NX + 21], 3 * 0.3 * 0.6, 1e-5, "between four pixels");
    is_near((double)got[17 * NX + 20], 3 * 0.7 * 0.4, 1e-5, "of which these two");
    is_near((double)got[17 * NX + 21], 3 * 0.3 * 0.4, 1e-5, "are to the north");
    is_int(filled(got, NX * NY), 4, "and nothing else is touched");
}

static void test_map(void)
{
    struct pc_imhead sin_head = head(NX, NY, 3600, 0, 0), tan_head = sin_head, icrs = sin_head,
                     fk5 = sin_head;
    struct pc_skymap m;
    double x, y;
    strcpy(tan_head.ctype, "RA---TAN");
    pc_skymap_init(&m, &sin_head, &tan_head);
    pc_skymap_at(&m, NX / 2 + 10, NY / 2, &x, &y);
    const double cell = 3600 * arcsec, theta = asin(10 * cell);
    is_near(x, NX / 2 + tan(theta) / cell, 1e-10, "from SIN to TAN");
    pc_skymap_init(&m, &tan_head, &sin_head);
    pc_skymap_at(&m, x, NY / 2, &x, &y);
    is_near(x, NX / 2 + 10, 1e-10, "and back");
    is_near(y, NY / 2, 1e-10, "in the same row");
    struct pc_imhead far_away = head(NX, NY, 1, 0, 0);
    far_away.crval_rad[0] += M_PI;
    far_away.crval_rad[1] = -0.9;
    pc_skymap_init(&m, &sin_head, &far_away);
    pc_skymap_at(&m, 3, 3, &x, &y);
    ok(isnan(x) && isnan(y), "the other side of the sky is nowhere");
    /* 1 and 0.9 rad in FK5 are there in ICRS, by another's reckoning (astropy 5.2.1: FK5 to ICRS) */
    icrs = head(NX, NY, 0.001, 0, 0);
    fk5 = icrs;
    strcpy(icrs.radesys, "ICRS");
    strcpy(fk5.radesys, "FK5");
    pc_skymap_init(&m, &fk5, &icrs);
    pc_skymap_at(&m, NX / 2, NY / 2, &x, &y);
    is_near((NX / 2 - x) * 0.001, -0.0286554, 1e-6, "FK5 in ICRS, arcsec to the east");
    is_near((y - NY / 2) * 0.001, 0.0118285, 1e-6, "and to the north");
    pc_skymap_init(&m, &icrs, &fk5);
    pc_skymap_at(&m, x, y, &x, &y);
    is_near(x, NX / 2, 1e-3, "and back");
}

static void test_refused(void)
{
    static float pix[NX * NY], got[NX * NY];
    struct pc_regrid_tally t = {0};
    struct pc_err err = {0};
    struct pc_imhead h = head(NX, NY, 1, 0, 0), m = h;
    m.rotated = true;
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), -1, "a model that is turned");
    ok(err.code == PC_EX_DATA && strstr(err.msg, "m.fits: the model's axes are turned"), "%s", err.msg);
    m = (struct pc_imhead){.nx = 20, .ny = 20, .npol = 1};
    is_int(pc_regrid_add(&m, pix, "m.fits", &h, got, &t, &err), -1, "one of another size and no position");
    ok(err.code == PC_EX_DATA && strstr(err.msg, "20 x 20 pixels where the image has 40 x 32"), "%s",
       err.msg);
}

int main(void)
{
    srand(1);
    test_same();
    test_shares();
    test_points("coarser", head(NX, NY, 1, 0, 0), head(14, 12, 3.7, 0.4, -0.7));
    test_points("finer", head(12, 10, 4.3, 0.3, 0.2), head(80, 70, 0.9, 0, 0));
    /* columns not quite on columns: the general way */
    test_points("a little turned", head(NX, NY, 10, 0, 0), head(30, 30, 12, 100, 70));
    test_points("beyond the edge", head(NX, NY, 1, 9, -6), head(30, 24, 1.1, 0, 0));
    /* meridians converge: axes differ by 9 degrees */
    struct pc_imhead from = head(24, 20, 500, 36000, 2000), to = head(30, 30, 400, 0, 0);
    double x, y;
    pc_imhead_radec_to_pix(&to, from.crval_rad[0], from.crval_rad[1], &x, &y);
    to.crpix[0] += 15 - x;
    to.crpix[1] += 15 - y;
    test_points("turned against each other", from, to);
    test_map();
    test_refused();
    return tap_done();
}
