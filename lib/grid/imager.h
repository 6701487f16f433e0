/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_IMAGER_H
#define PC_GRID_IMAGER_H

#include "grid/gridder.h"
#include "grid/stokes.h"
#include "image/vis.h"

/* The images of a channel's planes from its blocks of visibilities: sum W V / sum W, Jy/beam; or the point
 * spread function, V = 1, of which there is one for all planes. All blocks pass once for each of npass():
 *
 *   for pass in 0 .. npass-1: begin(pass), add() every block, end() */

struct pc_imager_conf {
    struct pc_gridder_conf gridder; /* nplane, even are set from the rest */
    struct pc_planes planes;
    bool psf;
};
struct pc_imager_count {
    int64_t nused, npassed, noutside; /* samples gridded, passed over (weight 0), beyond the grid */
};

/* The largest |u|, |v| and |w| of the samples of a block, wavelengths; of all, or of those that are not
 * passed over. Never below what `reach` holds already. */
struct pc_reach {
    double u, v, w;
};
void pc_vis_reach(const struct pc_visblock *b, bool all, struct pc_reach *reach);

struct pc_imager;
int pc_imager_new(struct pc_imager **im, const struct pc_imager_conf *conf, struct pc_err *err) PC_MUST_CHECK;
void pc_imager_free(struct pc_imager *im);
int pc_imager_npass(const struct pc_imager *im);
void pc_imager_begin(struct pc_imager *im, int pass);
int pc_imager_add(struct pc_imager *im, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
/* image[plane][ny][nx]: float, or double when the gridder is wide; the first pass overwrites. Infinite or NaN
 * when no sample had a weight. taker: NULL, or who gets the rows of the last pass: of one pass, image may be
 * NULL then. tally: NULL, or [planes], filled by the last pass. */
void pc_imager_end(struct pc_imager *im, void *const *image, const struct pc_row_taker *taker,
                   struct pc_tally *tally);
/* Of the last pass. */
struct pc_imager_count pc_imager_count(const struct pc_imager *im);

#endif
