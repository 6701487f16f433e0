/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/pb_file.h"

#include "io/fits.h"
#include "io/fits_cube.h"

#include <math.h>

static bool has_freq(const struct pc_imhead *h, int nplane)
{
    return isfinite(h->freq_hz) && h->freq_hz > 0 &&
           (nplane == 1 || (isfinite(h->width_hz) && h->width_hz != 0));
}

static int nearest(const struct pc_imhead *h, double freq_hz, int nplane)
{
    return nplane == 1 ? 0 : (int)fmin(nplane - 1, fmax(0, rint((freq_hz - h->freq_hz) / h->width_hz)));
}

int pc_pb_file_load(const char *path, double freq_hz, int index, struct pc_image *im, struct pc_err *err)
{
    struct pc_fits_cube cube;
    if (pc_fits_cube_load(path, &cube, err) != 0)
        return -1;
    const int nplane = cube.nchan;
    pc_fits_cube_fini(&cube);
    /* the header comes with pixels: most likely with the right ones */
    int plane = index < nplane ? index : nplane - 1;
    if (pc_fits_load(path, plane, im, err) != 0)
        return -1;
    const bool known = has_freq(&im->head, nplane);
    const int want = known ? nearest(&im->head, freq_hz, nplane) : nplane == 1 ? 0 : index;
    if (want != plane) {
        pc_image_fini(im);
        if (pc_fits_load(path, want, im, err) != 0)
            return -1;
    }
    im->head.freq_hz = !known        ? 0
                       : nplane == 1 ? im->head.freq_hz
                                     : im->head.freq_hz + want * im->head.width_hz;
    return 0;
}
