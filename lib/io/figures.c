/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/figures.h"

#include "base/mem.h"
#include "image/stats.h"
#include "io/left_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LIGHT_MPS = 299792458.0;
static const double ARCSEC_RAD = M_PI / 648000;

const struct pc_use pc_figures_uses[] = {
    {"psf.fits", PC_TAKE},  {"pb.fits", PC_TAKE},    {"state", PC_TAKE},      {"residual.fits", PC_TAKE},
    {"mask.fits", PC_TAKE}, {"model.fits", PC_TAKE}, {"image.fits", PC_TAKE}, {NULL, 0}};
const struct pc_use pc_figures_vis_uses[] = {{"vis*/*.fits", PC_TAKE}, {NULL, 0}};

/* What is held while the members of a channel go by. */
struct seen {
    unsigned char *valid; /* within the primary beam's limit; NULL: everywhere. All Stokes planes, as below */
    int valid_npol;
    unsigned char *mask; /* within the mask and valid; NULL: everywhere */
    int mask_npol;
    double beam_px; /* area of the beam in pixels; 0: none */
    bool has_model;
    struct pc_imhead psf; /* of its header the Stokes planes */
};

static int put(struct pc_record *out, const char *key, double value, struct pc_err *err)
{
    return pc_record_setf(out, err, key, "%.7g", value);
}

/* The key of a Stokes plane's figure: that of the first plane is bare. */
static const char *key_of(char s[48], const char *key, const struct pc_imhead *h, int pol)
{
    const char *name = pc_stokes_name(h->stokes[pol]);
    snprintf(s, 48, pol > 0 ? "%s_%s" : "%s", key, name ? name : "unknown");
    return s;
}

static int put_axis(const struct pc_chan *chan, struct pc_record *out, struct pc_err *err)
{
    double freq_hz, restfreq_hz = 0;
    if (pc_record_double(&chan->plane, "freq_hz", &freq_hz, err) ||
        pc_record_set_double(out, "freq_hz", freq_hz, err))
        return -1;
    if (pc_record_has(&chan->plane, "restfreq_hz") &&
        pc_record_double(&chan->plane, "restfreq_hz", &restfreq_hz, err))
        return -1;
    if (restfreq_hz > 0)
        return put(out, "velocity_kms", 1e-3 * LIGHT_MPS * (1 - freq_hz / restfreq_hz), err);
    return 0;
}

/* That of the image, which may be another than the psf's; the psf's until there is an image. */
static int put_beam(const struct pc_imhead *h, struct seen *seen, struct pc_record *out, struct pc_err *err)
{
    const struct pc_beam *b = &h->beam[0];
    seen->beam_px = b->maj_rad > 0 ? pc_beam_area_sr(b) / fabs(h->cell_rad[0] * h->cell_rad[1]) : 0;
    return put(out, "beam_maj_arcsec", b->maj_rad / ARCSEC_RAD, err) ||
                   put(out, "beam_min_arcsec", b->min_rad / ARCSEC_RAD, err) ||
                   put(out, "beam_pa_deg", b->pa_rad * 180 / M_PI, err)
               ? -1
               : 0;
}

static int64_t plane_px(const struct pc_imhead *h)
{
    return (int64_t)h->nx * h->ny;
}

/* pb > PBLIMIT bounds the statistics when the limit is positive. */
static int keep_valid(const struct pc_image *pb, struct seen *seen, struct pc_err *err)
{
    double limit = 0;
    if (pc_record_has(&pb->head.extra, "PBLIMIT") &&
        pc_record_double(&pb->head.extra, "PBLIMIT", &limit, err))
        return -1;
    if (limit <= 0 || !pb->pix)
        return 0;
    int64_t n = pc_imhead_npix(&pb->head);
    seen->valid_npol = pb->head.npol;
    seen->valid = pc_mem_new(n, 1, "pixels within the primary beam", err);
    if (!seen->valid)
        return -1;
    for (int64_t i = 0; i < n; i++)
        seen->valid[i] = pb->pix[i] > limit;
    return 0;
}

/* A primary beam of fewer planes counts for all. */
static const unsigned char *valid_of(const struct seen *seen, const struct pc_imhead *h, int pol)
{
    return seen->valid ? seen->valid + (pol < seen->valid_npol ? pol : 0) * plane_px(h) : NULL;
}

static int put_mask(struct pc_image *im, struct seen *seen, struct pc_record *out, struct pc_err *err)
{
    const int64_t n = plane_px(&im->head);
    int rc = 0;
    for (int pol = 0; im->mask && pol < im->head.npol && rc == 0; pol++) {
        unsigned char *mask = im->mask + pol * n;
        const unsigned char *valid = valid_of(seen, &im->head, pol);
        int64_t count = 0;
        char key[48];
        for (int64_t i = 0; i < n; i++) {
            mask[i] = mask[i] && (!valid || valid[i]);
            count += mask[i];
        }
        rc = pc_record_setf(out, err, key_of(key, "mask_px", &im->head, pol), "%lld", (long long)count);
    }
    seen->mask = im->mask;
    seen->mask_npol = im->head.npol;
    im->mask = NULL;
    return rc;
}

static int put_rms(const struct pc_image *im, const struct seen *seen, struct pc_record *out,
                   struct pc_err *err)
{
    for (int pol = 0; pol < im->head.npol; pol++) {
        const float *pix = im->pix + pol * plane_px(&im->head);
        double median, mad;
        char key[48];
        if (pc_stats_median_mad(pix, valid_of(seen, &im->head, pol), plane_px(&im->head), &median, &mad,
                                err) ||
            put(out, key_of(key, "rms_jy", &im->head, pol), 1.4826 * mad, err))
            return -1;
    }
    return 0;
}

static int put_model(const struct pc_image *im, struct pc_record *out, struct pc_err *err)
{
    for (int pol = 0; pol < im->head.npol; pol++) {
        struct pc_stats s;
        char key[48];
        pc_stats_basic(im->pix + pol * plane_px(&im->head), NULL, plane_px(&im->head), &s);
        if (put(out, key_of(key, "model_flux_jy", &im->head, pol), s.sum, err))
            return -1;
    }
    return 0;
}

/* Stokes Q, U and V may as well be negative: their peak is the largest of either sign. */
static double peak_of(const struct pc_stats *s, int stokes)
{
    return (double)(stokes >= 2 && stokes <= 4 && -s->min > s->max ? s->min : s->max);
}

static int put_image(const struct pc_image *im, struct seen *seen, struct pc_record *out, struct pc_err *err)
{
    const int64_t n = plane_px(&im->head);
    if (put_beam(&im->head, seen, out, err))
        return -1;
    for (int pol = 0; pol < im->head.npol; pol++) {
        const float *pix = im->pix + pol * n;
        const unsigned char *valid = valid_of(seen, &im->head, pol);
        const unsigned char *mask = pol < seen->mask_npol && seen->mask ? seen->mask + pol * n : valid;
        struct pc_stats s;
        char key[48];
        pc_stats_basic(pix, valid, n, &s);
        if (put(out, key_of(key, "peak_jy", &im->head, pol), peak_of(&s, im->head.stokes[pol]), err))
            return -1;
        if (!(seen->beam_px > 0))
            continue;
        pc_stats_basic(pix, mask, n, &s);
        if (put(out, key_of(key, "flux_jy", &im->head, pol), s.sum / seen->beam_px, err))
            return -1;
    }
    return 0;
}

/* An absent model is one of zeros. */
static int put_no_model(const struct seen *seen, struct pc_record *out, struct pc_err *err)
{
    int rc = 0;
    for (int pol = 0; rc == 0 && (pol == 0 || pol < seen->psf.npol); pol++) {
        char key[48];
        rc = put(out, key_of(key, "model_flux_jy", &seen->psf, pol), 0, err);
    }
    return rc;
}

static int put_state(struct pc_pass *pass, struct pc_record *out, struct pc_err *err)
{
    static const char *const keys[] = {"iterdone", "nmajor", "stopcode", NULL};
    struct pc_record state = {0};
    int rc = pc_pass_record(pass, &state, err);
    for (int k = 0; keys[k] && rc == 0; k++) {
        const char *value = pc_record_get(&state, keys[k]);
        if (value)
            rc = pc_record_set(out, keys[k], value, err);
    }
    pc_record_free(&state);
    return rc;
}

static int take_image(struct pc_pass *pass, const char *name, struct seen *seen, struct pc_record *out,
                      struct pc_err *err)
{
    struct pc_image im = {0};
    int rc = pc_pass_image(pass, &im, err);
    if (rc == 0 && strcmp(name, "pb.fits") == 0)
        rc = keep_valid(&im, seen, err);
    else if (rc == 0 && strcmp(name, "residual.fits") == 0)
        rc = put_rms(&im, seen, out, err);
    else if (rc == 0 && strcmp(name, "mask.fits") == 0)
        rc = put_mask(&im, seen, out, err);
    else if (rc == 0 && strcmp(name, "model.fits") == 0) {
        seen->has_model = true;
        rc = put_model(&im, out, err);
    } else if (rc == 0)
        rc = put_image(&im, seen, out, err);
    pc_image_fini(&im);
    return rc;
}

int pc_figures_channel(struct pc_pass *pass, const struct pc_chan *chan, struct pc_record *out,
                       struct pc_err *err)
{
    struct seen seen = {0};
    struct pc_member m;
    int more, rc = put_axis(chan, out, err) || pc_left_out_copy(&chan->plane, out, err) ? -1 : 0;
    while (rc == 0 && (more = pc_pass_member(pass, &m, err)) != 0) {
        if (more < 0)
            rc = -1;
        else if (strcmp(m.name, "psf.fits") == 0)
            rc = pc_pass_imhead(pass, &seen.psf, err) || put_beam(&seen.psf, &seen, out, err) ? -1 : 0;
        else if (strcmp(m.name, "state") == 0)
            rc = put_state(pass, out, err);
        else
            rc = take_image(pass, m.name, &seen, out, err);
    }
    if (rc == 0 && !seen.has_model)
        rc = put_no_model(&seen, out, err);
    pc_imhead_fini(&seen.psf);
    pc_mem_free(seen.valid);
    pc_mem_free(seen.mask);
    return rc;
}

/* ---- a first geometry ---- */

struct extent {
    double bmax_lambda, freq_hz, dish_m;
    const char *stokes;
};

/* Both linear or both circular hands make I; one alone is its own Stokes plane. */
static const char *stokes_of(const struct pc_visinfo *info)
{
    enum { RR = -1, LL = -2, XX = -5, YY = -6 };
    static const int pairs[][2] = {{XX, YY}, {RR, LL}};
    int hand = 0;
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        int found = 0;
        for (int i = 0; i < info->ncorr; i++)
            if (info->corr[i] == pairs[k][0] || info->corr[i] == pairs[k][1]) {
                found++;
                hand = info->corr[i];
            }
        if (found == 2)
            return "I";
    }
    return hand ? pc_stokes_name(hand) : "I";
}

static void extend(struct extent *e, const struct pc_visblock *b)
{
    double longest_m2 = 0, freq_hz = 0;
    for (int64_t i = 0; i < b->nrow; i++) {
        const double *u = b->uvw_m + 3 * i;
        longest_m2 = fmax(longest_m2, u[0] * u[0] + u[1] * u[1]);
    }
    for (int64_t i = 0; i < b->nchan * (b->freq_per_row ? b->nrow : 1); i++)
        freq_hz = fmax(freq_hz, b->freq_hz[i]);
    e->bmax_lambda = fmax(e->bmax_lambda, sqrt(longest_m2) * freq_hz / LIGHT_MPS);
    e->freq_hz = fmax(e->freq_hz, freq_hz);
    e->stokes = stokes_of(&b->info);
    for (int i = 0; i < b->info.nant; i++)
        if (b->info.diam_m[i] > 0 && (e->dish_m == 0 || b->info.diam_m[i] < e->dish_m))
            e->dish_m = b->info.diam_m[i];
}

static int extend_channel(struct pc_pass *pass, struct pc_visstore *store, struct extent *e,
                          struct pc_err *err)
{
    struct pc_member m;
    int more;
    pc_visstore_clear(store);
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (pc_visstore_member(store, pass, &m, false, err) < 0)
            return -1;
    for (int i = 0; more == 0 && i < pc_visstore_count(store); i++) {
        struct pc_visblock *b;
        if (pc_visstore_block(store, i, &b, err))
            return -1;
        extend(e, b);
    }
    return more;
}

int pc_figures_suggest(struct pc_pass *pass, int max_px, struct pc_figures_advice *out, struct pc_err *err)
{
    struct pc_visstore *store = NULL;
    struct extent e = {0};
    struct pc_chan chan;
    int more = pc_visstore_new(&store, (int64_t)256 << 20, NULL, err);
    while (more == 0 && (more = pc_pass_channel(pass, &chan, err)) > 0)
        more = extend_channel(pass, store, &e, err);
    pc_visstore_free(store);
    if (more < 0)
        return -1;
    if (!(e.bmax_lambda > 0))
        return pc_err_set(err, PC_EX_DATA, "no baseline has a length: there is nothing to choose a cell by");
    out->geometry = pc_suggest(e.bmax_lambda, e.freq_hz, e.dish_m, max_px);
    out->stokes = e.stokes;
    return 0;
}
