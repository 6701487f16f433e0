/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/figures.h"

#include "base/mem.h"
#include "image/stats.h"
#include "io/later.h"
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

/* ---- pixels block by block ---- */

enum { BLOCK = 1 << 16 }; /* pixels; a multiple of 2048 (image/stats.h) */

typedef void block_fn(void *ctx, int64_t first, const float *pix, int64_t n);

/* The blocks of plane `pol` of l, pixels counted from its beginning; with `sparse` none that lies in a hole.
 */
static int walk(const struct pc_later *l, int pol, bool sparse, block_fn *take, void *ctx, struct pc_err *err)
{
    const int64_t npix = plane_px(&l->image.head), plane = pol * npix;
    float *buf = pc_mem_new(BLOCK, sizeof *buf, "a block of pixels", err);
    int rc = buf ? 0 : -1;
    for (int64_t i = 0, n; rc == 0 && i < npix; i += n) {
        n = npix - i < BLOCK ? npix - i : BLOCK;
        if (sparse && pc_later_skip(l, plane + i) >= plane + i + n)
            continue;
        const float *pix = pc_later_floats(l, plane + i, n, buf, err);
        if (pix)
            take(ctx, i, pix, n);
        else
            rc = -1;
    }
    pc_mem_free(buf);
    return rc;
}

/* Statistics of the blocks, over the pixels where each is not 0 (NULL: all). */
struct sums {
    const unsigned char *where[2];
    struct pc_stats_sum sum[2];
};

static void add_block(void *ctx, int64_t first, const float *pix, int64_t n)
{
    struct sums *s = ctx;
    for (int k = 0; k < 2; k++)
        pc_stats_add(&s->sum[k], pix, s->where[k] ? s->where[k] + first : NULL, n);
}

struct within {
    double limit;
    unsigned char *valid;
};

static void limit_block(void *ctx, int64_t first, const float *pix, int64_t n)
{
    const struct within *w = ctx;
    for (int64_t i = 0; i < n; i++)
        w->valid[first + i] = (double)pix[i] > w->limit;
}

/* ---- members ---- */

/* pb > PBLIMIT bounds the statistics when the limit is positive. */
static int keep_valid(const struct pc_later *pb, struct seen *seen, struct pc_err *err)
{
    const struct pc_imhead *h = &pb->image.head;
    struct within w = {0};
    int rc = 0;
    if (pc_record_has(&h->extra, "PBLIMIT") && pc_record_double(&h->extra, "PBLIMIT", &w.limit, err))
        return -1;
    if (w.limit <= 0 || pb->is_bytes)
        return 0;
    seen->valid_npol = h->npol;
    seen->valid = pc_mem_new0(pc_imhead_npix(h), 1, "pixels within the primary beam", err);
    if (!seen->valid)
        return -1;
    for (int pol = 0; pol < h->npol && rc == 0; pol++) {
        w.valid = seen->valid + pol * plane_px(h);
        rc = walk(pb, pol, true, limit_block, &w, err);
    }
    return rc;
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

static int put_model(const struct pc_later *model, struct pc_record *out, struct pc_err *err)
{
    const struct pc_imhead *h = &model->image.head;
    for (int pol = 0; pol < h->npol; pol++) {
        struct sums s = {0};
        struct pc_stats all;
        char key[48];
        if (walk(model, pol, true, add_block, &s, err))
            return -1;
        pc_stats_end(&s.sum[0], &all);
        if (put(out, key_of(key, "model_flux_jy", h, pol), all.sum, err))
            return -1;
    }
    return 0;
}

/* Stokes Q, U and V may as well be negative: their peak is the largest of either sign. */
static double peak_of(const struct pc_stats *s, int stokes)
{
    return (double)(stokes >= 2 && stokes <= 4 && -s->min > s->max ? s->min : s->max);
}

static int put_image(const struct pc_later *image, struct seen *seen, struct pc_record *out,
                     struct pc_err *err)
{
    const struct pc_imhead *h = &image->image.head;
    if (put_beam(h, seen, out, err))
        return -1;
    for (int pol = 0; pol < h->npol; pol++) {
        const unsigned char *valid = valid_of(seen, h, pol);
        const bool has_mask = pol < seen->mask_npol && seen->mask;
        struct sums s = {.where = {valid, has_mask ? seen->mask + pol * plane_px(h) : valid}};
        struct pc_stats all, masked;
        char key[48];
        if (walk(image, pol, false, add_block, &s, err))
            return -1;
        pc_stats_end(&s.sum[0], &all);
        pc_stats_end(&s.sum[1], &masked);
        if (put(out, key_of(key, "peak_jy", h, pol), peak_of(&all, h->stokes[pol]), err))
            return -1;
        if (seen->beam_px > 0 && put(out, key_of(key, "flux_jy", h, pol), masked.sum / seen->beam_px, err))
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

/* The median wants the residual whole; the pixels of a mask are kept. */
static int take_whole(struct pc_pass *pass, bool is_mask, struct seen *seen, struct pc_record *out,
                      struct pc_err *err)
{
    struct pc_image im = {0};
    int rc = pc_pass_image(pass, &im, err);
    if (rc == 0)
        rc = is_mask ? put_mask(&im, seen, out, err) : put_rms(&im, seen, out, err);
    pc_image_fini(&im);
    return rc;
}

static int take_blocks(struct pc_pass *pass, const char *name, struct seen *seen, struct pc_record *out,
                       struct pc_err *err)
{
    struct pc_later l = {0};
    int rc = pc_pass_later(pass, &l, err);
    if (rc == 0 && strcmp(name, "pb.fits") == 0)
        rc = keep_valid(&l, seen, err);
    else if (rc == 0 && strcmp(name, "model.fits") == 0) {
        seen->has_model = true;
        rc = put_model(&l, out, err);
    } else if (rc == 0)
        rc = put_image(&l, seen, out, err);
    pc_later_fini(&l);
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
        else if (strcmp(m.name, "residual.fits") == 0 || strcmp(m.name, "mask.fits") == 0)
            rc = take_whole(pass, m.name[0] == 'm', &seen, out, err);
        else
            rc = take_blocks(pass, m.name, &seen, out, err);
    }
    if (rc == 0 && !seen.has_model)
        rc = put_no_model(&seen, out, err);
    pc_imhead_fini(&seen.psf);
    pc_mem_free(seen.valid);
    pc_mem_free(seen.mask);
    return rc;
}
