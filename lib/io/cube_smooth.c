/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_smooth.h"

#include "base/mem.h"
#include "image/beam_common.h"
#include "image/beam_deconvolve.h"
#include "image/beam_parse.h"
#include "image/blur.h"
#include "io/atomic.h"
#include "io/cubefile.h"
#include "io/fits_cube.h"
#include "io/freqs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cube's planes and their beams. */
struct source {
    const char *path;
    struct pc_imhead head; /* of the first channel */
    struct pc_fits_cube cube;
};

static int open_source(struct source *s, const char *path, struct pc_err *err)
{
    *s = (struct source){.path = path};
    if (pc_fits_cube_load(path, &s->cube, err) != 0)
        return -1;
    if (pc_fits_load_head(path, &s->head, err) == 0)
        return 0;
    pc_fits_cube_fini(&s->cube);
    return -1;
}

static void close_source(struct source *s)
{
    pc_imhead_fini(&s->head);
    pc_fits_cube_fini(&s->cube);
}

static const struct pc_beam *beam_of(const struct source *s, int k, int p)
{
    return s->cube.beam ? &s->cube.beam[(int64_t)p * s->cube.nchan + k] : &s->head.beam[p];
}

int pc_cube_smooth_common(const char *const *src, int nsrc, struct pc_beam *common, struct pc_err *err)
{
    struct pc_beam *all = NULL;
    int64_t n = 0;
    int ret = 0;
    for (int i = 0; i < nsrc && ret == 0; i++) {
        struct source s;
        if (open_source(&s, src[i], err) != 0) {
            free(all);
            return -1;
        }
        const int64_t add = (int64_t)s.cube.nchan * s.head.npol;
        struct pc_beam *grown = realloc(all, (size_t)(n + add) * sizeof *all);
        if (grown == NULL)
            ret =
                pc_err_set(err, PC_EX_NOMEM, "no memory for the beams of %lld planes", (long long)(n + add));
        else
            all = grown;
        for (int p = 0; ret == 0 && p < s.head.npol; p++)
            for (int k = 0; k < s.cube.nchan; k++)
                all[n++] = *beam_of(&s, k, p);
        close_source(&s);
    }
    if (ret == 0)
        ret = pc_beam_common(all, n, common, err);
    if (ret == 0 && !(common->maj_rad > 0))
        ret = pc_err_set(err, PC_EX_DATA, "%s: no plane has a beam", src[0]);
    free(all);
    return ret;
}

/* 0 where pix is NaN; how many of n are not. */
static int64_t fill_blanks(float *pix, bool *blank, int64_t n)
{
    int64_t ngood = 0;
    for (int64_t i = 0; i < n; i++) {
        blank[i] = isnan(pix[i]);
        pix[i] = blank[i] ? 0 : pix[i];
        ngood += !blank[i];
    }
    return ngood;
}

static void restore_blanks(float *pix, const bool *blank, int64_t n, float scale)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = blank[i] ? NAN : scale * pix[i];
}

static int refuse(const struct source *s, int k, const struct pc_beam *own, const struct pc_beam *to,
                  struct pc_err *err)
{
    char a[PC_BEAM_TEXT], b[PC_BEAM_TEXT];
    return pc_err_set(
        err, PC_EX_USAGE,
        "%s: the beam of channel %d is %s, and %s is smaller somewhere: \"common\" finds one that "
        "is not",
        s->path, k, pc_beam_text(own, a), pc_beam_text(to, b));
}

/* One plane, in place; `blank` has room for it. */
static int smooth_plane(const struct source *s, const struct pc_beam *to, int k, int p, float *pix,
                        bool *blank, struct pc_err *err)
{
    const struct pc_imhead *h = &s->head;
    const int64_t n = (int64_t)h->nx * h->ny;
    const struct pc_beam *own = beam_of(s, k, p);
    struct pc_beam diff;
    int ret = 0;
    if (fill_blanks(pix, blank, n) == 0) {
        restore_blanks(pix, blank, n, 1);
        return 0;
    }
    if (!(own->maj_rad > 0))
        return pc_err_set(err, PC_EX_DATA, "%s: channel %d has no beam: it cannot get another", s->path, k);
    enum pc_deconvolved can = pc_beam_deconvolve(to, own, &diff);
    if (can == PC_DECONVOLVED_NOT)
        return refuse(s, k, own, to, err);
    if (can == PC_DECONVOLVED)
        ret = pc_blur(pix, h->nx, h->ny, h->cell_rad, &diff, err);
    const bool per_beam = can == PC_DECONVOLVED && strcmp(h->bunit, "Jy/beam") == 0;
    restore_blanks(pix, blank, n, per_beam ? (float)(pc_beam_area_sr(to) / pc_beam_area_sr(own)) : 1);
    return ret;
}

static int smooth_channels(const struct source *s, const struct pc_cube_smooth_conf *conf,
                           struct pc_cubefile *f, uint32_t *total, struct pc_log *log, struct pc_err *err)
{
    const int64_t px = (int64_t)s->head.nx * s->head.ny;
    bool *blank = pc_mem_new(px, sizeof *blank, "blank pixels", err);
    int ret = blank ? 0 : -1;
    for (int k = 0; k < s->cube.nchan && ret == 0; k++) {
        struct pc_image im = {0};
        uint32_t sum[PC_MAX_POL] = {0};
        ret = pc_fits_load(s->path, k, &im, err);
        for (int p = 0; p < s->head.npol && ret == 0; p++)
            ret = smooth_plane(s, &conf->to, k, p, im.pix + p * px, blank, err);
        if (ret == 0 && f->fd < 0)
            ret = pc_cubefile_open(f, conf->dir, "smooth", s->cube.nchan, &im.head, false, err);
        if (ret == 0)
            ret = pc_cubefile_put(f, k, &im, sum, err);
        for (int p = 0; p < s->head.npol && ret == 0; p++)
            *total = pc_cubefile_sum(f, *total, k, p, sum[p]);
        pc_image_fini(&im);
        if (ret == 0)
            pc_log_line(log, "%s channel=%d", s->path, k);
    }
    pc_mem_free(blank);
    return ret;
}

static int seal(struct source *s, const struct pc_cube_smooth_conf *conf, struct pc_cubefile *f, uint32_t sum,
                struct pc_err *err)
{
    struct pc_text header = {0}, tail = {0};
    struct pc_imhead *h = &s->head;
    const struct pc_fits_out out = {.bitpix = f->bitpix,
                                    .nchan = s->cube.nchan,
                                    .align = PC_CUBE_HEADER_BYTE,
                                    .has_sum = true,
                                    .datasum = sum};
    for (int p = 0; p < h->npol; p++)
        h->beam[p] = conf->to;
    pc_record_remove(&h->extra, "CASAMBM");
    int ret = pc_imhead_history(h, "pc-concat", conf->history, err);
    if (ret == 0 && s->cube.freq_hz)
        ret = pc_freqs_format(s->cube.freq_hz, s->cube.nchan, &tail, err);
    if (ret == 0)
        ret = pc_fits_format_imhead(h, &out, &header, err);
    if (ret == 0)
        ret = pc_cubefile_seal(f, &header, &tail, err);
    pc_text_free(&header);
    pc_text_free(&tail);
    return ret;
}

int pc_cube_smooth(const struct pc_cube_smooth_conf *conf, struct pc_log *log, struct pc_err *err)
{
    struct source s;
    struct pc_cubefile f = {.fd = -1};
    uint32_t sum = 0;
    if (open_source(&s, conf->src, err) != 0)
        return -1;
    int ret = smooth_channels(&s, conf, &f, &sum, log, err);
    if (ret == 0)
        ret = seal(&s, conf, &f, sum, err);
    pc_cubefile_close(&f);
    if (ret == 0)
        ret = pc_atomic_move(f.path, conf->dst, err);
    close_source(&s);
    return ret;
}
