/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_rms FILE: the rms about zero of the pixels of a FITS image, Jy per beam as it has them. */
#include "image/stats.h"
#include "io/image_file.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct pc_image im = {0};
    struct pc_stats s;
    struct pc_err err;
    const struct pc_image_want want = {0, 0, NULL};
    if (argc != 2) {
        fprintf(stderr, "usage: bench_rms FILE\n");
        return 64;
    }
    if (pc_image_file_load(argv[1], &want, &im, NULL, &err)) {
        fprintf(stderr, "bench_rms: %s\n", err.msg);
        return 1;
    }
    pc_stats_basic(im.pix, NULL, pc_imhead_npix(&im.head), &s);
    printf("%.6g\n", s.rms);
    pc_image_fini(&im);
    return 0;
}
