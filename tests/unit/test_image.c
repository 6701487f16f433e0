/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/image.h"
#include "tests/unit/tap.h"

#include <wcslib/wcs.h>

static const double arcsec = M_PI / 180 / 3600, degree = M_PI / 180;

/* The largest error of pixel -> sky (arcsec on the sky) and back (pixels), against WCSLIB. */
static void against_wcslib(double ra_deg, double dec_deg, double cell_arcsec, double *sky, double *back)
{
    struct pc_imhead h = {.nx = 400, .ny = 300, .npol = 1, .crpix = {201, 151}};
    h.crval_rad[0] = ra_deg * degree;
    h.crval_rad[1] = dec_deg * degree;
    h.cell_rad[0] = -cell_arcsec * arcsec;
    h.cell_rad[1] = cell_arcsec * arcsec;
    struct wcsprm w = {.flag = -1};
    wcsini(1, 2, &w);
    w.lonpole = 180;
    for (int i = 0; i < 2; i++) {
        w.crpix[i] = h.crpix[i];
        w.cdelt[i] = h.cell_rad[i] / degree;
        w.crval[i] = h.crval_rad[i] / degree;
        snprintf(w.ctype[i], 72, "%s", i ? "DEC--SIN" : "RA---SIN");
    }
    wcsset(&w);
    for (int y = 0; y < h.ny; y += 23)
        for (int x = 0; x < h.nx; x += 19) {
            double pix[2] = {x + 1, y + 1}, img[2], phi, theta, world[2], ra, dec, bx, by;
            int stat[2];
            if (wcsp2s(&w, 1, 2, pix, img, &phi, &theta, world, stat) != 0)
                continue; /* beyond the horizon */
            pc_imhead_pix_to_radec(&h, x, y, &ra, &dec);
            double dra = remainder(ra - world[0] * degree, 2 * M_PI) * cos(dec);
            *sky = fmax(*sky, hypot(dra, dec - world[1] * degree) / arcsec);
            pc_imhead_radec_to_pix(&h, world[0] * degree, world[1] * degree, &bx, &by);
            *back = fmax(*back, hypot(bx - x, by - y));
        }
    wcsfree(&w);
}

static void test_wcs(void)
{
    static const double centre[][2] = {
        {0.001, 0}, {187.7, 12.39}, {359.9999, -89.999}, {83.8, -5.4}, {12, 90}};
    double sky = 0, back = 0;
    for (size_t i = 0; i < sizeof centre / sizeof centre[0]; i++) {
        against_wcslib(centre[i][0], centre[i][1], 0.01, &sky, &back);
        against_wcslib(centre[i][0], centre[i][1], 30, &sky, &back);
    }
    ok(sky < 1e-8, "positions as WCSLIB's: %.1e arcsec", sky);
    ok(back < 1e-4, "pixels as WCSLIB's in fields of 4 arcsec and 3 degrees: %.1e", back);
    sky = back = 0;
    against_wcslib(250, 41, 900, &sky, &back);
    ok(sky < 1e-8 && back < 1e-6, "and over 100 degrees: %.1e arcsec, %.1e pixels", sky, back);
}

static void test_horizon(void)
{
    struct pc_imhead h = {.nx = 10, .ny = 10, .npol = 1, .crpix = {6, 6}};
    double ra, dec, x, y;
    h.cell_rad[0] = -0.3;
    h.cell_rad[1] = 0.3;
    pc_imhead_pix_to_radec(&h, 0, 0, &ra, &dec);
    ok(isnan(ra) && isnan(dec), "a pixel beyond the horizon is nowhere");
    pc_imhead_radec_to_pix(&h, M_PI, 0, &x, &y);
    ok(isnan(x) && isnan(y), "neither is what is on the far side of the sky");
    pc_imhead_pix_to_radec(&h, 4, 5, &ra, &dec);
    ok(ra > 0 && ra < 0.4, "smaller x is to the east");
}

static void test_stokes(void)
{
    int wrong = 0;
    for (int code = -8; code <= 4; code++)
        if (code != 0)
            wrong += pc_stokes_name(code) == NULL || pc_stokes_code(pc_stokes_name(code)) != code;
    is_int(wrong, 0, "Stokes names and codes are inverse");
    is_str(pc_stokes_name(-5), "XX", "XX is -5");
    ok(pc_stokes_name(0) == NULL && pc_stokes_code("ZZ") == 0, "unknown ones are refused");
}

static void test_same_grid(void)
{
    struct pc_err err = {0};
    struct pc_imhead a = {.nx = 8, .ny = 6, .npol = 1, .stokes = {1}, .cell_rad = {-1e-6, 1e-6}}, b = a;
    is_int(pc_imhead_npix(&a), 48, "pixels");
    is_int(pc_imhead_same_grid(&a, "a", &b, "b", &err), 0, "the same grid");
    b.cell_rad[0] *= 1 + 1e-12;
    is_int(pc_imhead_same_grid(&a, "a", &b, "b", &err), 0, "rounding does not matter");
    b.cell_rad[0] *= 1 + 1e-6;
    ok(pc_imhead_same_grid(&a, "a", &b, "b", &err) == -1 && err.code == PC_EX_DATA, "another cell does");
    b = a;
    b.nx = 9;
    ok(pc_imhead_same_grid(&a, "residual", &b, "psf", &err) == -1, "another size");
    is_str(err.msg, "residual: NAXIS1 is 8, psf has 9", "with both sizes");
    b = a;
    b.stokes[0] = -5;
    ok(pc_imhead_same_grid(&a, "a", &b, "b", &err) == -1, "another Stokes plane");
    has(err.msg, "is I, b has XX", "with both names");
}

static void test_history_share(void)
{
    struct pc_err err = {0};
    struct pc_imhead a = {0}, b = {0};
    pc_text_add(&a.history, "pc-psf 1\npc-psf --x=1\npc-restore 1\n");
    pc_text_add(&b.history, "pc-psf 1\npc-psf --x=2\npc-clean 1\npc-clean --niter=5\npc-restore 1\n");
    ok(pc_imhead_history_share(&a, &b, &err) == 0, "shared");
    is_str(pc_text_str(&a.history), "pc-psf 1\npc-clean 1\npc-clean --niter=5\npc-restore 1\n",
           "what differs goes, what only one has stays in its place");
    pc_imhead_fini(&b);
    b = (struct pc_imhead){0};
    pc_text_add(&b.history, "pc-psf 1\npc-mask 1\n");
    ok(pc_imhead_history_share(&a, &b, &err) == 0, "with a shorter one");
    is_str(pc_text_str(&a.history), "pc-psf 1\npc-clean 1\npc-clean --niter=5\npc-restore 1\npc-mask 1\n",
           "its own block is appended");
    pc_imhead_fini(&a);
    pc_imhead_fini(&b);
}

static void test_history(void)
{
    struct pc_err err = {0};
    struct pc_imhead h = {0}, other = {0}, copy;
    ok(pc_imhead_history(&h, "pc-select", "pc-select 1\npc-select --a=1\n", &err) == 0, "a first block");
    ok(pc_imhead_history(&h, "pc-psf", "pc-psf 1\npc-psf --b=1\n", &err) == 0, "a second");
    ok(pc_imhead_history(&h, "pc-select", "pc-select 2\n", &err) == 0, "the first again");
    is_str(pc_text_str(&h.history), "pc-select 2\npc-psf 1\npc-psf --b=1\n", "takes its own place");
    ok(pc_imhead_history(&h, "pc-ps", "pc-ps 9", &err) == 0, "a name that begins another");
    is_str(pc_text_str(&h.history), "pc-select 2\npc-psf 1\npc-psf --b=1\npc-ps 9\n", "is another program");
    ok(pc_imhead_history(&other, "pc-psf", "pc-psf 7\n", &err) == 0 &&
           pc_imhead_history(&other, "pc-grid", "pc-grid 1\npc-grid --c=2\n", &err) == 0 &&
           pc_imhead_history_merge(&h, &other, &err) == 0,
       "merged");
    is_str(pc_text_str(&h.history),
           "pc-select 2\npc-psf 1\npc-psf --b=1\npc-ps 9\npc-grid 1\npc-grid --c=2\n",
           "what was lacking is appended, once");
    ok(pc_record_set(&h.extra, "PBLIMIT", "0.2", &err) == 0 && pc_imhead_copy(&copy, &h, &err) == 0,
       "copied");
    pc_imhead_fini(&h);
    is_str(pc_record_get(&copy.extra, "PBLIMIT"), "0.2", "a copy owns its keywords");
    has(pc_text_str(&copy.history), "pc-grid --c=2", "and its history");
    pc_imhead_fini(&copy);
    pc_imhead_fini(&other);
}

int main(void)
{
    test_wcs();
    test_horizon();
    test_stokes();
    test_same_grid();
    test_history();
    test_history_share();
    return tap_done();
}
