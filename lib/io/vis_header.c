/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vis_header.h"
#include "base/mem.h"
#include "io/card.h"
#include "io/header.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *file, *bunit, *what;
    int size;
} MEMBER[PC_VIS_NWHICH] = {{"uvw.fits", "m", "u, v, w", 8},
                           {"freq.fits", "Hz", "frequency at which the uv of a sample counts", 8},
                           {"vis.fits", "Jy", "real and imaginary part", 4},
                           {"weight.fits", "Jy-2", "0: flagged", 4},
                           {"imweight.fits", "", "imaging weights", 4},
                           {"row.fits", "", "MS row, time (MJD s), antenna 1, antenna 2", 8},
                           {"model_vis.fits", "Jy", "real and imaginary part of the model's", 4}};

int pc_vis_which(const char *file)
{
    for (int i = 0; i < PC_VIS_NWHICH; i++)
        if (!strcmp(MEMBER[i].file, file))
            return i;
    return -1;
}

/* Axes, fastest first. */
static int axes(enum pc_vis_which which, const struct pc_visblock *s, int64_t axis[4])
{
    int n = 0;
    switch (which) {
    case PC_VIS_UVW:
        axis[n++] = 3;
        break;
    case PC_VIS_FREQ:
        axis[n++] = s->nchan;
        if (!s->freq_per_row)
            return n;
        break;
    case PC_VIS_VIS:
    case PC_VIS_MODEL:
        axis[n++] = 2;
        axis[n++] = s->ncorr;
        axis[n++] = s->nchan;
        break;
    case PC_VIS_WEIGHT:
        axis[n++] = s->ncorr;
        axis[n++] = s->nchan;
        break;
    case PC_VIS_IMWEIGHT:
        axis[n++] = s->nchan;
        break;
    default:
        axis[n++] = 4;
        break;
    }
    axis[n++] = s->nrow;
    return n;
}

int64_t pc_vis_count(enum pc_vis_which which, const struct pc_visblock *shape, int *size)
{
    int64_t axis[4], count = 1;
    int n = axes(which, shape, axis);
    for (int i = 0; i < n; i++)
        count *= axis[i];
    *size = MEMBER[which].size;
    return count;
}

static void put_directions(struct pc_text *t, const struct pc_visinfo *v)
{
    pc_card_angle(t, "PHASERA", v->phase_rad[0], "[deg] the field's own phase centre");
    pc_card_angle(t, "PHASEDEC", v->phase_rad[1], "[deg]");
    pc_card_angle(t, "POINTRA", v->pointing_rad[0], "[deg] where the dishes looked");
    pc_card_angle(t, "POINTDEC", v->pointing_rad[1], "[deg]");
    pc_card_angle(t, "IMAGERA", v->image_rad[0], "[deg] phase centre of uvw and vis here");
    pc_card_angle(t, "IMAGEDEC", v->image_rad[1], "[deg]");
    if (v->radesys[0])
        pc_card_str(t, "RADESYS", v->radesys, NULL);
    if (!strcmp(v->radesys, "FK5"))
        pc_card_real(t, "EQUINOX", 2000, NULL);
}

static void put_antennas(struct pc_text *t, const struct pc_visinfo *v)
{
    char key[24];
    pc_card_int(t, "NANT", v->nant, "antennas of the MS");
    for (int i = 0; i < v->nant && v->diam_m; i++) {
        snprintf(key, sizeof key, "DIAM%d", i + 1);
        pc_card_real(t, key, v->diam_m[i], i ? NULL : "[m] dish of antenna 0, and so on");
    }
}

static void put_info(struct pc_text *t, const struct pc_visinfo *v)
{
    char key[24];
    pc_card_str(t, "MSNAME", v->ms, NULL);
    pc_card_int(t, "FIELDID", v->field_id, NULL);
    pc_card_str(t, "FIELD", v->field, NULL);
    pc_card_int(t, "SPWID", v->spw_id, NULL);
    put_directions(t, v);
    if (v->specsys[0])
        pc_card_str(t, "SPECSYS", v->specsys, NULL);
    if (v->restfreq_hz != 0)
        pc_card_real(t, "RESTFRQ", v->restfreq_hz, "[Hz]");
    pc_card_str(t, "TELESCOP", v->telescop, NULL);
    pc_card_str(t, "OBSERVER", v->observer, NULL);
    pc_card_str(t, "OBJECT", v->object, NULL);
    if (v->date_obs[0]) {
        pc_card_str(t, "DATE-OBS", v->date_obs, NULL);
        pc_card_str(t, "TIMESYS", "UTC", NULL);
    }
    pc_card_real(t, "MJD-BEG", v->mjd_begin, "[d]");
    pc_card_real(t, "MJD-END", v->mjd_end, "[d]");
    pc_card_real(t, "OBSGEO-X", v->obsgeo_m[0], "[m]");
    pc_card_real(t, "OBSGEO-Y", v->obsgeo_m[1], "[m]");
    pc_card_real(t, "OBSGEO-Z", v->obsgeo_m[2], "[m]");
    pc_card_int(t, "NCORR", v->ncorr, NULL);
    for (int i = 0; i < v->ncorr; i++) {
        snprintf(key, sizeof key, "CORR%d", i + 1);
        pc_card_int(t, key, v->corr[i], i ? NULL : "FITS Stokes code of the first correlation");
    }
    put_antennas(t, v);
}

int pc_vis_header_plain(enum pc_vis_which which, const struct pc_visblock *shape, struct pc_text *t,
                        struct pc_err *err)
{
    int64_t axis[4];
    char key[16];
    int n = axes(which, shape, axis);
    pc_text_free(t);
    if (shape->ncorr < 0 || shape->ncorr > PC_MAX_CORR || shape->info.ncorr > PC_MAX_CORR)
        return pc_err_set(err, PC_EX_BUG, "a block of %d correlations", shape->ncorr);
    pc_card_bool(t, "SIMPLE", true, "FITS standard 4.0");
    pc_card_int(t, "BITPIX", -8 * MEMBER[which].size, NULL);
    pc_card_int(t, "NAXIS", n, NULL);
    for (int i = 0; i < n; i++) {
        snprintf(key, sizeof key, "NAXIS%d", i + 1);
        pc_card_int(t, key, axis[i], NULL);
    }
    pc_card_str(t, "BTYPE", MEMBER[which].what, NULL);
    if (MEMBER[which].bunit[0])
        pc_card_str(t, "BUNIT", MEMBER[which].bunit, NULL);
    if (which == PC_VIS_UVW || which == PC_VIS_VIS)
        put_info(t, &shape->info);
    pc_card_str(t, "ORIGIN", "pc", NULL);
    if (which == PC_VIS_UVW || which == PC_VIS_VIS)
        pc_card_history_lines(t, pc_text_str(&shape->history));
    pc_card_sums(t);
    pc_card_end(t, 0, false, 0);
    return pc_text_ok(t, err);
}

int pc_vis_header_format(enum pc_vis_which which, const struct pc_visblock *shape, uint32_t datasum,
                         struct pc_text *t, struct pc_err *err)
{
    if (pc_vis_header_plain(which, shape, t, err))
        return -1;
    pc_card_fill_sums(t, datasum);
    return 0;
}

/* ---- reading ---- */

static void parse_directions(struct pc_header *h, struct pc_visinfo *v)
{
    v->phase_rad[0] = pc_card_deg_to_rad(pc_header_real(h, "PHASERA", 0));
    v->phase_rad[1] = pc_card_deg_to_rad(pc_header_real(h, "PHASEDEC", 0));
    v->pointing_rad[0] = pc_card_deg_to_rad(pc_header_real(h, "POINTRA", 0));
    v->pointing_rad[1] = pc_card_deg_to_rad(pc_header_real(h, "POINTDEC", 0));
    v->image_rad[0] = pc_card_deg_to_rad(pc_header_real(h, "IMAGERA", 0));
    v->image_rad[1] = pc_card_deg_to_rad(pc_header_real(h, "IMAGEDEC", 0));
}

static void parse_texts(struct pc_header *h, struct pc_visinfo *v)
{
    pc_header_str(h, "MSNAME", v->ms, sizeof v->ms);
    pc_header_str(h, "FIELD", v->field, sizeof v->field);
    pc_header_str(h, "RADESYS", v->radesys, sizeof v->radesys);
    pc_header_str(h, "SPECSYS", v->specsys, sizeof v->specsys);
    pc_header_str(h, "TELESCOP", v->telescop, sizeof v->telescop);
    pc_header_str(h, "OBSERVER", v->observer, sizeof v->observer);
    pc_header_str(h, "OBJECT", v->object, sizeof v->object);
    pc_header_str(h, "DATE-OBS", v->date_obs, sizeof v->date_obs);
}

static int parse_info(struct pc_header *h, const char *name, struct pc_visinfo *v, struct pc_err *err)
{
    char key[24];
    long long ncorr = pc_header_int(h, "NCORR", 0), nant = pc_header_int(h, "NANT", 0);
    if (ncorr < 1 || ncorr > PC_MAX_CORR || nant < 0 || nant > 9999)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: NCORR is %lld and NANT %lld; 1 to %d and 0 to 9999 are understood", name,
                          ncorr, nant, PC_MAX_CORR);
    parse_texts(h, v);
    parse_directions(h, v);
    v->field_id = (int)pc_header_int(h, "FIELDID", 0);
    v->spw_id = (int)pc_header_int(h, "SPWID", 0);
    v->restfreq_hz = pc_header_real(h, "RESTFRQ", 0);
    v->mjd_begin = pc_header_real(h, "MJD-BEG", 0);
    v->mjd_end = pc_header_real(h, "MJD-END", 0);
    v->obsgeo_m[0] = pc_header_real(h, "OBSGEO-X", 0);
    v->obsgeo_m[1] = pc_header_real(h, "OBSGEO-Y", 0);
    v->obsgeo_m[2] = pc_header_real(h, "OBSGEO-Z", 0);
    v->ncorr = (int)ncorr;
    for (int i = 0; i < v->ncorr; i++) {
        snprintf(key, sizeof key, "CORR%d", i + 1);
        v->corr[i] = (int)pc_header_int(h, key, 0);
    }
    v->nant = (int)nant;
    if (nant && !(v->diam_m = pc_mem_new0(nant, sizeof *v->diam_m, "dish diameters", err)))
        return -1;
    for (int i = 0; i < v->nant; i++) {
        snprintf(key, sizeof key, "DIAM%d", i + 1);
        v->diam_m[i] = pc_header_real(h, key, 0);
    }
    return 0;
}

static int agree(const char *name, int i, int64_t got, int64_t want, struct pc_err *err)
{
    if (got == want)
        return 0;
    return pc_err_set(err, PC_EX_DATA, "%s: NAXIS%d is %lld, the block has %lld there", name, i + 1,
                      (long long)got, (long long)want);
}

/* What this member's axes tell for the first time. */
static void learn(enum pc_vis_which which, const struct pc_fits_shape *s, struct pc_visblock *b)
{
    const bool vis = which == PC_VIS_VIS || which == PC_VIS_MODEL;
    int64_t nchan = vis ? s->axis[2] : which == PC_VIS_WEIGHT ? s->axis[1] : s->axis[0];
    int64_t ncorr = vis ? s->axis[1] : s->axis[0];
    if (which == PC_VIS_FREQ)
        b->freq_per_row = s->naxis == 2;
    if (!b->nrow && (which != PC_VIS_FREQ || s->naxis == 2) && s->naxis > 0)
        b->nrow = s->axis[s->naxis - 1];
    if (!b->nchan && which != PC_VIS_UVW && which != PC_VIS_ROW && nchan <= INT32_MAX)
        b->nchan = (int)nchan;
    if (!b->ncorr && (vis || which == PC_VIS_WEIGHT) && ncorr <= PC_MAX_CORR)
        b->ncorr = (int)ncorr;
}

int pc_vis_header_parse(enum pc_vis_which which, const struct pc_fits_shape *shape,
                        const struct pc_text *header, const char *name, struct pc_visblock *b,
                        struct pc_err *err)
{
    int64_t axis[4];
    if (shape->bitpix != -8 * MEMBER[which].size)
        return pc_err_set(err, PC_EX_DATA, "%s: BITPIX is %d, should be %d", name, shape->bitpix,
                          -8 * MEMBER[which].size);
    learn(which, shape, b);
    int n = axes(which, b, axis);
    if (shape->naxis != n)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d, should be %d", name, shape->naxis, n);
    for (int i = 0; i < n; i++)
        if (agree(name, i, shape->axis[i], axis[i], err))
            return -1;
    if ((which == PC_VIS_UVW || which == PC_VIS_VIS) && !b->history.len &&
        pc_header_history(header, &b->history, err))
        return -1;
    if (b->ncorr && b->info.ncorr && b->ncorr != b->info.ncorr)
        return pc_err_set(err, PC_EX_DATA, "%s: has %d correlations, uvw.fits says %d", name, b->ncorr,
                          b->info.ncorr);
    if ((which != PC_VIS_UVW && which != PC_VIS_VIS) || b->info.ncorr)
        return 0;
    struct pc_header *h;
    if (pc_header_open(&h, header, name, err))
        return -1;
    int rc = parse_info(h, name, &b->info, err);
    pc_header_close(h);
    if (!rc && b->ncorr && b->ncorr != b->info.ncorr)
        rc = pc_err_set(err, PC_EX_DATA, "%s: NCORR is %d, the data have %d", name, b->info.ncorr, b->ncorr);
    return rc;
}
