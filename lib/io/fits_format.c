/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/card.h"
#include "io/fits.h"
#include "io/fits_when.h"

#include <stdio.h>
#include <string.h>

#define C_M_S 299792458.0

static void axis(struct pc_text *t, int i, const char *ctype, const char *cunit)
{
    char key[16];
    snprintf(key, sizeof key, "CTYPE%d", i);
    pc_card_str(t, key, ctype, NULL);
    snprintf(key, sizeof key, "CUNIT%d", i);
    if (cunit)
        pc_card_str(t, key, cunit, NULL);
}

/* The radio velocity of the first channel, for readers that know velocities from AIPS (casacore's codes of
 * frames). */
static void put_velocity(struct pc_text *t, const struct pc_imhead *h)
{
    static const char *const frames[] = {"LSRK",     "BARYCENT", "TOPOCENT", "LSRD",
                                         "GEOCENTR", "SOURCE",   "GALACTOC"};
    enum { RADIO = 256, NFRAME = sizeof frames / sizeof *frames };
    int code = 0;
    while (code < NFRAME && strcmp(h->specsys, frames[code]) != 0)
        code++;
    if (!(h->restfreq_hz > 0) || code == NFRAME)
        return;
    pc_card_real(t, "ALTRVAL", C_M_S * (1 - h->freq_hz / h->restfreq_hz), "[m/s] radio velocity");
    pc_card_real(t, "ALTRPIX", 1, NULL);
    pc_card_int(t, "VELREF", RADIO + code + 1, "1 LSR, 2 HEL, 3 OBS, +256 Radio");
}

static void put_wcs(struct pc_text *t, const struct pc_imhead *h)
{
    static const char *const ctype[2] = {"RA---SIN", "DEC--SIN"};
    char key[16];
    for (int i = 0; i < 2; i++) {
        axis(t, i + 1, ctype[i], "deg");
        snprintf(key, sizeof key, "CRVAL%d", i + 1);
        pc_card_angle(t, key, h->crval_rad[i], NULL);
        snprintf(key, sizeof key, "CRPIX%d", i + 1);
        pc_card_real(t, key, h->crpix[i], NULL);
        snprintf(key, sizeof key, "CDELT%d", i + 1);
        pc_card_angle(t, key, h->cell_rad[i], NULL);
    }
    axis(t, 3, "FREQ", "Hz");
    pc_card_real(t, "CRVAL3", h->freq_hz, NULL);
    pc_card_real(t, "CRPIX3", 1, NULL);
    pc_card_real(t, "CDELT3", h->width_hz, NULL);
    axis(t, 4, "STOKES", NULL);
    pc_card_real(t, "CRVAL4", h->stokes[0], NULL);
    pc_card_real(t, "CRPIX4", 1, NULL);
    pc_card_real(t, "CDELT4", h->npol > 1 ? h->stokes[1] - h->stokes[0] : 1, NULL);
    pc_card_angle(t, "LONPOLE", 3.14159265358979323846, NULL);
    pc_card_angle(t, "LATPOLE", h->crval_rad[1], NULL);
    if (h->radesys[0])
        pc_card_str(t, "RADESYS", h->radesys, NULL);
    if (!strcmp(h->radesys, "FK5"))
        pc_card_real(t, "EQUINOX", 2000, NULL);
    if (h->specsys[0])
        pc_card_str(t, "SPECSYS", h->specsys, NULL);
    if (h->restfreq_hz != 0)
        pc_card_real(t, "RESTFRQ", h->restfreq_hz, "[Hz]");
    put_velocity(t, h);
}

/* BMAJ, BMIN, BPA are those of all Stokes planes, as other programs read them; a plane whose beam is another,
 * or that has none, says so in BMAJ2 ... (0: none). */
static void put_beams(struct pc_text *t, const struct pc_imhead *h)
{
    for (int i = 0; i < h->npol; i++) {
        char suffix[4] = "", key[16];
        const struct pc_beam *b = &h->beam[i];
        bool none = !(b->maj_rad > 0), same = memcmp(b, &h->beam[0], sizeof *b) == 0;
        if (i == 0 ? none : same || (none && !(h->beam[0].maj_rad > 0)))
            continue;
        if (i)
            snprintf(suffix, sizeof suffix, "%d", i + 1);
        snprintf(key, sizeof key, "BMAJ%s", suffix);
        pc_card_angle(t, key, none ? 0 : b->maj_rad, "[deg]");
        snprintf(key, sizeof key, "BMIN%s", suffix);
        pc_card_angle(t, key, none ? 0 : b->min_rad, "[deg]");
        snprintf(key, sizeof key, "BPA%s", suffix);
        pc_card_angle(t, key, none ? 0 : b->pa_rad, "[deg] north through east");
    }
}

static void put_texts(struct pc_text *t, const struct pc_imhead *h)
{
    const struct {
        const char *key, *value;
    } texts[] = {{"BUNIT", h->bunit},       {"BTYPE", h->btype},       {"OBJECT", h->object},
                 {"TELESCOP", h->telescop}, {"OBSERVER", h->observer}, {"DATE-OBS", h->date_obs}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].value[0])
            pc_card_str(t, texts[i].key, texts[i].value, NULL);
    pc_card_str(t, "ORIGIN", "pc", NULL);
}

static int put_when(struct pc_text *t, const struct pc_imhead *h, struct pc_err *err)
{
    struct pc_fits_when w;
    if (pc_fits_when_derive(h->date_obs, h->obsgeo_m, &w, err))
        return -1;
    if (w.has_mjd)
        pc_card_real(t, "MJD-OBS", w.mjd, "[d]");
    if (h->date_obs[0])
        pc_card_str(t, "TIMESYS", "UTC", NULL);
    if (h->obsgeo_m[0] != 0 || h->obsgeo_m[1] != 0 || h->obsgeo_m[2] != 0) {
        pc_card_real(t, "OBSGEO-X", h->obsgeo_m[0], "[m]");
        pc_card_real(t, "OBSGEO-Y", h->obsgeo_m[1], "[m]");
        pc_card_real(t, "OBSGEO-Z", h->obsgeo_m[2], "[m]");
    }
    if (w.has_site) {
        pc_card_real(t, "OBSGEO-L", w.longitude_deg, "[deg]");
        pc_card_real(t, "OBSGEO-B", w.latitude_deg, "[deg]");
        pc_card_real(t, "OBSGEO-H", w.height_m, "[m]");
    }
    return 0;
}

static int check(const struct pc_imhead *h, struct pc_err *err)
{
    if (h->npol < 1 || h->npol > PC_MAX_POL)
        return pc_err_set(err, PC_EX_BUG, "an image of %d Stokes planes", h->npol);
    for (int i = 2; i < h->npol; i++)
        if (h->stokes[i] - h->stokes[i - 1] != h->stokes[1] - h->stokes[0])
            return pc_err_set(err, PC_EX_DATA,
                              "Stokes codes %d, %d, %d are not evenly spaced: a FITS axis cannot hold them",
                              h->stokes[i - 2], h->stokes[i - 1], h->stokes[i]);
    return 0;
}

int pc_fits_format_imhead(const struct pc_imhead *h, const struct pc_fits_out *o, struct pc_text *header,
                          struct pc_err *err)
{
    struct pc_text *t = header;
    pc_text_free(t);
    if (check(h, err))
        return -1;
    pc_card_bool(t, "SIMPLE", true, "FITS standard 4.0");
    pc_card_int(t, "BITPIX", o->bitpix, NULL);
    pc_card_int(t, "NAXIS", 4, NULL);
    pc_card_int(t, "NAXIS1", h->nx, NULL);
    pc_card_int(t, "NAXIS2", h->ny, NULL);
    pc_card_int(t, "NAXIS3", o->nchan > 0 ? o->nchan : 1, NULL);
    pc_card_int(t, "NAXIS4", h->npol, NULL);
    if (o->nchan > 0)
        pc_card_bool(t, "EXTEND", true, NULL);
    put_wcs(t, h);
    put_texts(t, h);
    if (put_when(t, h, err))
        return -1;
    put_beams(t, h);
    for (size_t i = 0; i < h->extra.n; i++)
        pc_card_text(t, h->extra.line[i].key, h->extra.line[i].value);
    pc_card_history_lines(t, pc_text_str(&h->history));
    if (o->has_sum)
        pc_card_sums(t);
    pc_card_end(t, o->align, o->has_sum, o->datasum);
    return pc_text_ok(t, err);
}
