/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_STREAM_FILTER_H
#define PC_TESTS_STREAM_FILTER_H

#include "io/bundle.h"
#include "io/fits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small programs over passes, for tests of the stream: a writer of a made-up cube and filters over it. */

#define UNUSED __attribute__((unused))

static int put_text(struct pc_pass *pass, const char *name, const char *text, struct pc_err *err)
{
    size_t n = strlen(text);
    if (pc_pass_put(pass, name, (int64_t)n, err) || pc_pass_write(pass, text, n, err))
        return -1;
    return pc_pass_put_end(pass, err);
}

static void small_head(struct pc_imhead *h, int n, int index)
{
    memset(h, 0, sizeof *h);
    h->nx = h->ny = n;
    h->npol = 1;
    h->stokes[0] = 1;
    h->crpix[0] = h->crpix[1] = n / 2 + 1;
    h->crval_rad[0] = 1.25;
    h->crval_rad[1] = -0.5;
    h->cell_rad[0] = -5e-7;
    h->cell_rad[1] = 5e-7;
    h->freq_hz = 1e11 + 1e6 * index;
    h->width_hz = 1e6;
    strcpy(h->specsys, "LSRK");
    strcpy(h->radesys, "ICRS");
    strcpy(h->bunit, "Jy/beam");
}

static int put_small_image(struct pc_pass *pass, const char *name, int n, int index, bool is_mask,
                           struct pc_err *err)
{
    struct pc_image im = {0};
    int64_t npix = (int64_t)n * n;
    float *pix = calloc((size_t)npix, sizeof *pix);
    unsigned char *mask = calloc((size_t)npix, 1);
    int rc = -1;
    if (pix && mask) {
        small_head(&im.head, n, index);
        for (int64_t i = npix / 4; i < npix / 2; i++) { /* zeros at both ends: holes in a directory */
            pix[i] = (float)((i * 37 + index) % 1001) / 7.0f;
            mask[i] = (unsigned char)(i % 3 == 0);
        }
        pix[npix / 3] = __builtin_nanf("");
        im.pix = is_mask ? NULL : pix;
        im.mask = is_mask ? mask : NULL;
        rc = pc_pass_put_image(pass, name, &im, NULL, err);
    }
    free(pix);
    free(mask);
    return rc;
}

/* A block of visibilities needs no visibilities for these tests. */
static int put_small_vis(struct pc_pass *pass, const char *which, struct pc_err *err)
{
    static const char zeros[96];
    struct pc_visblock b = {.nrow = 4, .ncorr = 1, .nchan = 1};
    int64_t n = strcmp(which, "uvw.fits") ? 16 : 96;
    b.info.ncorr = 1;
    if (pc_vis_put_begin(pass, 0, which, &b, 0, err) || pc_pass_write(pass, zeros, (size_t)n, err))
        return -1;
    return pc_vis_put_end(pass, err);
}

static int put_small_channel(struct pc_pass *pass, int index, int first, int n, struct pc_err *err)
{
    char foreign[64];
    struct pc_record plane = {0};
    int rc = -1;
    if (pc_record_setf(&plane, err, "index", "%d", index) ||
        pc_record_set_double(&plane, "freq_hz", 1e11 + 1e6 * index, err) ||
        pc_pass_begin_channel(pass, index, &plane, err))
        goto out;
    if (index == first ? put_small_vis(pass, "uvw.fits", err)
                       : pc_pass_put_link(pass, "vis00000/uvw.fits", first, "vis00000/uvw.fits", err))
        goto out;
    snprintf(foreign, sizeof foreign, "a member of tomorrow in channel %d\n", index);
    if (put_small_vis(pass, "weight.fits", err) || put_small_image(pass, "psf.fits", n, index, false, err) ||
        put_text(pass, "state", "iterdone=0\n", err) ||
        put_small_image(pass, "residual.fits", n, index + 1, false, err) ||
        put_small_image(pass, "mask.fits", n, index, true, err) || put_text(pass, "notes.txt", foreign, err))
        goto out;
    rc = pc_pass_commit(pass, err);
out:
    pc_record_free(&plane);
    return rc;
}

/* nchan channels of a cube of ncube, from `first`, images of n x n. */
static UNUSED int write_small(const char *dst, int first, int nchan, int ncube, int n, struct pc_err *err)
{
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0};
    struct pc_pass *pass;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    int rc = pc_record_setf(&cube, err, "nchan", "%d", ncube) || pc_pass_set_cube(pass, &cube, err) ? -1 : 0;
    for (int i = first; !rc && i < first + nchan; i++)
        rc = put_small_channel(pass, i, first, n, err);
    pc_record_free(&cube);
    if (rc) {
        pc_pass_abort(pass);
        return -1;
    }
    return pc_pass_close(pass, err);
}

/* What a clean step does: reads psf, residual and state; makes model.fits (residual times 2) and a new state,
 * and drops mask.fits; image.fits may be made but never is. `factor` 0 only copies. */
static int filter_channel(struct pc_pass *pass, struct pc_image *im, float factor, struct pc_err *err)
{
    struct pc_member m;
    struct pc_record state = {0};
    int more, rc = -1;
    long long iterdone = -1;
    while ((more = pc_pass_member(pass, &m, err)) > 0) {
        if (!strcmp(m.name, "residual.fits") && pc_pass_image(pass, im, err))
            goto out;
        if (!strcmp(m.name, "state") && pc_pass_record(pass, &state, err))
            goto out;
    }
    if (more < 0)
        goto out;
    if (factor != 0) {
        int64_t npix = pc_imhead_npix(&im->head);
        for (int64_t i = 0; i < npix; i++)
            im->pix[i] *= factor;
        if (pc_record_int(&state, "iterdone", &iterdone, err) ||
            pc_record_setf(&state, err, "iterdone", "%lld", iterdone + 1) ||
            pc_pass_put_record(pass, "state", &state, err) || pc_pass_drop(pass, "mask.fits", err) ||
            pc_pass_put_image(pass, "model.fits", im, NULL, err))
            goto out;
    }
    rc = pc_pass_commit(pass, err);
out:
    pc_record_free(&state);
    return rc;
}

static UNUSED int filter_small(const char *src, const char *dst, float factor, int64_t mem_byte,
                               struct pc_err *err)
{
    static const struct pc_use uses[] = {{"psf.fits", PC_TAKE},
                                         {"residual.fits", PC_TAKE},
                                         {"state", PC_TAKE | PC_MAKE},
                                         {"mask.fits", PC_MAKE},
                                         {"model.fits", PC_MAKE},
                                         {"image.fits", PC_MAKE},
                                         {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .dst = dst, .uses = uses, .mem_byte = mem_byte};
    struct pc_image im = {0};
    struct pc_chan chan;
    struct pc_pass *pass;
    int more, rc = 0;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    while (!rc && (more = pc_pass_channel(pass, &chan, err)) != 0)
        rc = more < 0 ? -1 : filter_channel(pass, &im, factor, err);
    pc_image_fini(&im);
    if (rc) {
        pc_pass_abort(pass);
        return -1;
    }
    return pc_pass_close(pass, err);
}

#endif
