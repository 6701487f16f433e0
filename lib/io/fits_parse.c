/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/card.h"
#include "io/fits.h"
#include "io/header.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define C_M_S 299792458.0

/* What a header says that struct pc_imhead has a place for, or that belongs to the file and not to the image.
 */
static const char *const KNOWN[] = {
    "SIMPLE",   "BITPIX",   "NAXIS*",   "EXTEND",  "BSCALE",   "BZERO",    "BLANK",    "BUNIT",   "BTYPE",
    "BMAJ*",    "BMIN*",    "BPA*",     "OBJECT",  "TELESCOP", "OBSERVER", "DATE-OBS", "MJD-OBS", "TIMESYS",
    "OBSGEO-*", "RADESYS",  "RADECSYS", "EQUINOX", "EPOCH",    "LONPOLE",  "LATPOLE",  "SPECSYS", "RESTFRQ",
    "RESTFREQ", "CTYPE*",   "CRVAL*",   "CRPIX*",  "CDELT*",   "CUNIT*",   "PC0*",     "PC1*",    "PC2*",
    "PC3*",     "PC4*",     "CD1_*",    "CD2_*",   "CROTA*",   "PV1_*",    "PV2_*",    "WCSAXES", "DATASUM",
    "CHECKSUM", "ORIGIN",   "DATE",     "VELREF",  "ALTRVAL",  "ALTRPIX",  "HISTORY",  "COMMENT", "CONTINUE",
    "END",      "LONGSTRN", NULL};

struct axis {
    char ctype[16], cunit[16];
    double crval, crpix, cdelt;
    int64_t n;
};

static void read_axis(struct pc_header *hdr, int i, struct axis *a)
{
    char key[16];
#define KEY(name) (snprintf(key, sizeof key, name "%d", i), key)
    pc_header_str(hdr, KEY("CTYPE"), a->ctype, sizeof a->ctype);
    pc_header_str(hdr, KEY("CUNIT"), a->cunit, sizeof a->cunit);
    a->crval = pc_header_real(hdr, KEY("CRVAL"), 0);
    a->crpix = pc_header_real(hdr, KEY("CRPIX"), 0);
    a->cdelt = pc_header_real(hdr, KEY("CDELT"), 1);
    a->n = pc_header_int(hdr, KEY("NAXIS"), 1);
#undef KEY
}

static void celestial(struct pc_imhead *h, int which, const struct axis *a)
{
    if (which == 0)
        snprintf(h->ctype, sizeof h->ctype, "%.11s", a->ctype);
    h->crpix[which] = a->crpix;
    h->crval_rad[which] = pc_card_deg_to_rad(a->crval);
    h->cell_rad[which] = pc_card_deg_to_rad(a->cdelt);
    if (which == 0)
        h->nx = (int)a->n;
    else
        h->ny = (int)a->n;
}

static double unit_scale(const char *unit)
{
    static const struct {
        const char *name;
        double scale;
    } units[] = {{"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}, {"km/s", 1e3}, {"km s-1", 1e3}, {NULL, 0}};
    for (int i = 0; units[i].name; i++)
        if (!strcmp(unit, units[i].name))
            return units[i].scale;
    return 1;
}

/* Frequency of the first plane and width there, from whichever quantity the axis is in (FITS paper III). */
static void spectral(struct pc_imhead *h, const struct axis *a)
{
    double scale = unit_scale(a->cunit), step = a->cdelt * scale;
    double value = a->crval * scale + (1 - a->crpix) * step, f0 = h->restfreq_hz;
    if (!strncmp(a->ctype, "VRAD", 4) || !strncmp(a->ctype, "VELO", 4)) {
        h->freq_hz = f0 * (1 - value / C_M_S);
        h->width_hz = -f0 * step / C_M_S;
    } else if (!strncmp(a->ctype, "VOPT", 4) || !strncmp(a->ctype, "FELO", 4)) {
        h->freq_hz = f0 / (1 + value / C_M_S);
        h->width_hz = -h->freq_hz * h->freq_hz / f0 * step / C_M_S;
    } else {
        h->freq_hz = value;
        h->width_hz = step;
    }
}

static int stokes(struct pc_imhead *h, const struct axis *a, const char *name, struct pc_err *err)
{
    if (a->n < 1 || a->n > PC_MAX_POL)
        return pc_err_set(err, PC_EX_DATA, "%s: %lld Stokes planes; 1 to %d are understood", name,
                          (long long)a->n, PC_MAX_POL);
    h->npol = (int)a->n;
    for (int i = 0; i < h->npol; i++) {
        double code = a->crval + (i + 1 - a->crpix) * a->cdelt;
        h->stokes[i] = fabs(code) < 100 ? (int)lrint(code) : 0;
    }
    return 0;
}

/* A matrix, in either notation, or an angle. Without CDELT the matrix has the cells too. */
static void parse_matrix(struct pc_header *hdr, struct pc_imhead *h)
{
    static const char *const turned[] = {"PC1_2", "PC2_1", "PC001002", "PC002001",
                                         "CD1_2", "CD2_1", "CROTA2"};
    static const char *const cell[][2] = {{"CDELT1", "CD1_1"}, {"CDELT2", "CD2_2"}};
    for (size_t i = 0; i < sizeof turned / sizeof *turned; i++)
        h->rotated = h->rotated || fabs(pc_header_real(hdr, turned[i], 0)) > 1e-12;
    for (int i = 0; i < 2; i++)
        if (!pc_header_has(hdr, cell[i][0]) && pc_header_has(hdr, cell[i][1]))
            h->cell_rad[i] = pc_card_deg_to_rad(pc_header_real(hdr, cell[i][1], 0));
}

static bool is_spectral(const char *ctype)
{
    return !strncmp(ctype, "FREQ", 4) || !strncmp(ctype, "VRAD", 4) || !strncmp(ctype, "VOPT", 4) ||
           !strncmp(ctype, "VELO", 4) || !strncmp(ctype, "FELO", 4);
}

static int parse_axes(struct pc_header *hdr, int naxis, const char *name, struct pc_imhead *h,
                      struct pc_err *err)
{
    h->npol = 1;
    h->stokes[0] = 1;
    for (int i = 1; i <= naxis; i++) {
        struct axis a;
        read_axis(hdr, i, &a);
        if (i <= 2 && (a.n < 1 || a.n > INT32_MAX / 2))
            return pc_err_set(err, PC_EX_DATA, "%s: NAXIS%d is %lld", name, i, (long long)a.n);
        if (i <= 2)
            celestial(h, i - 1, &a);
        else if (is_spectral(a.ctype))
            spectral(h, &a);
        else if (!strncmp(a.ctype, "STOKES", 6) && stokes(h, &a, name, err))
            return -1;
    }
    if (h->nx < 1 || h->ny < 1)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d; an image has two axes at least", name, naxis);
    return 0;
}

static void parse_texts(struct pc_header *hdr, struct pc_imhead *h)
{
    pc_header_str(hdr, "SPECSYS", h->specsys, sizeof h->specsys);
    pc_header_str(hdr, pc_header_has(hdr, "RADESYS") ? "RADESYS" : "RADECSYS", h->radesys, sizeof h->radesys);
    if (!h->radesys[0])
        strcpy(h->radesys, pc_header_real(hdr, "EQUINOX", 0) == 2000 ? "FK5" : "ICRS");
    pc_header_str(hdr, "OBJECT", h->object, sizeof h->object);
    pc_header_str(hdr, "TELESCOP", h->telescop, sizeof h->telescop);
    pc_header_str(hdr, "OBSERVER", h->observer, sizeof h->observer);
    pc_header_str(hdr, "DATE-OBS", h->date_obs, sizeof h->date_obs);
    pc_header_str(hdr, "BUNIT", h->bunit, sizeof h->bunit);
    pc_header_str(hdr, "BTYPE", h->btype, sizeof h->btype);
}

/* A plane without a beam of its own has the first plane's. */
static void parse_beams(struct pc_header *hdr, struct pc_imhead *h)
{
    for (int i = 0; i < h->npol; i++) {
        char key[3][16];
        static const char *const names[3] = {"BMAJ", "BMIN", "BPA"};
        for (int k = 0; k < 3; k++) {
            if (i)
                snprintf(key[k], sizeof key[k], "%s%d", names[k], i + 1);
            else
                snprintf(key[k], sizeof key[k], "%s", names[k]);
        }
        if (i && !pc_header_has(hdr, key[0])) {
            h->beam[i] = h->beam[0];
            continue;
        }
        h->beam[i].maj_rad = pc_card_deg_to_rad(pc_header_real(hdr, key[0], 0));
        h->beam[i].min_rad = pc_card_deg_to_rad(pc_header_real(hdr, key[1], 0));
        h->beam[i].pa_rad = pc_card_deg_to_rad(pc_header_real(hdr, key[2], 0));
    }
}

static int count_axes(const struct pc_text *cards)
{
    for (size_t at = 0; at + 80 <= cards->len; at += 80)
        if (!strncmp(cards->s + at, "NAXIS   =", 9))
            return atoi(cards->s + at + 9);
    return 0;
}

int pc_fits_parse_imhead(const struct pc_text *header, const char *name, struct pc_imhead *h,
                         struct pc_err *err)
{
    struct pc_header *hdr;
    int naxis = count_axes(header);
    memset(h, 0, sizeof *h);
    if (pc_header_open(&hdr, header, name, err))
        return -1;
    h->restfreq_hz = pc_header_real(hdr, pc_header_has(hdr, "RESTFRQ") ? "RESTFRQ" : "RESTFREQ", 0);
    if (parse_axes(hdr, naxis > 8 ? 8 : naxis, name, h, err))
        goto fail;
    parse_matrix(hdr, h);
    parse_texts(hdr, h);
    parse_beams(hdr, h);
    h->obsgeo_m[0] = pc_header_real(hdr, "OBSGEO-X", 0);
    h->obsgeo_m[1] = pc_header_real(hdr, "OBSGEO-Y", 0);
    h->obsgeo_m[2] = pc_header_real(hdr, "OBSGEO-Z", 0);
    if (pc_header_extra(hdr, KNOWN, &h->extra, err) || pc_header_history(header, &h->history, err))
        goto fail;
    pc_header_close(hdr);
    return 0;
fail:
    pc_header_close(hdr);
    pc_imhead_fini(h);
    return -1;
}
