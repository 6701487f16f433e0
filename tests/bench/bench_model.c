/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_model KIND DIR: gives the channels of DIR a model of 1 Jy in its middle tenth (model.fits, in place).
 *
 * KIND sparse: 300 points; dense: a smooth disc, every pixel of which has flux. */
#include "base/mem.h"
#include "io/bundle.h"

#include <stdio.h>
#include <string.h>

enum { NPOINT = 300 };

static void points(struct pc_image *im)
{
    const int nx = im->head.nx, ny = im->head.ny;
    uint32_t r = 1;
    for (int i = 0; i < NPOINT; i++) {
        int at[2];
        for (int k = 0; k < 2; k++) {
            const int side = (k ? ny : nx) / 10;
            r = r * 1664525u + 1013904223u;
            at[k] = (k ? ny : nx) / 2 - side / 2 + (int)((r >> 8) % (uint32_t)(side > 0 ? side : 1));
        }
        im->pix[(int64_t)at[1] * nx + at[0]] += 1.0f / NPOINT;
    }
}

static void disc(struct pc_image *im)
{
    const int nx = im->head.nx, ny = im->head.ny;
    const double radius = (nx < ny ? nx : ny) / 20.0;
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            const double dx = (x - nx / 2) / radius, dy = (y - ny / 2) / radius, left = 1 - dx * dx - dy * dy;
            if (left > 0) /* (1 - r^2) over the unit disc is pi / 2 */
                im->pix[(int64_t)y * nx + x] = (float)(left / (1.5707963 * radius * radius));
        }
}

static int channel(struct pc_pass *pass, void (*paint)(struct pc_image *), struct pc_err *err)
{
    struct pc_member m;
    struct pc_image im = {0};
    int more, rc = -1;
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (pc_pass_imhead(pass, &im.head, err))
            goto out;
    if (more < 0)
        goto out;
    snprintf(im.head.bunit, sizeof im.head.bunit, "Jy/pixel");
    im.pix = pc_mem_new0(pc_imhead_npix(&im.head), sizeof *im.pix, "the model", err);
    if (!im.pix)
        goto out;
    paint(&im);
    rc = pc_pass_put_image(pass, "model.fits", &im, NULL, err) || pc_pass_commit(pass, err);
out:
    pc_image_fini(&im);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct pc_use uses[] = {{"psf.fits", PC_TAKE}, {"model.fits", PC_MAKE}, {NULL, 0}};
    const bool dense = argc == 3 && !strcmp(argv[1], "dense");
    if (argc != 3 || (!dense && strcmp(argv[1], "sparse") != 0)) {
        fprintf(stderr, "usage: bench_model sparse|dense DIR\n");
        return 64;
    }
    struct pc_pass_conf conf = {.src = argv[2], .uses = uses};
    struct pc_err err = {0};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more = pc_pass_open(&pass, &conf, &err) ? -1 : 1;
    while (more > 0 && (more = pc_pass_channel(pass, &chan, &err)) > 0)
        if (channel(pass, dense ? disc : points, &err))
            more = -1;
    if (more < 0 || pc_pass_close(pass, &err)) {
        fprintf(stderr, "bench_model: %s\n", err.msg);
        return 1;
    }
    return 0;
}
