/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PREDICTED_H
#define PC_IO_PREDICTED_H

#include "image/vis.h"

/* The model's visibilities of all channels of a bundle (model_vis.fits), by the rows they belong to: read
 * once in the order of the stream and held, in memory up to a limit and beyond in an unlinked file, to be
 * taken out some rows at a time.
 *
 * A sheet is what one block of rows has in all planes; a leaf of it is what one plane has: nslot samples of
 * each row, at frequencies that may differ from row to row. */

struct pc_leaf {
    int nslot;
    bool freq_per_row;
    double width_hz; /* of one slot, not negative */
    int64_t freq_at, vis_at;
};

struct pc_sheet {
    struct pc_visinfo info;
    int64_t nrow;
    double *row; /* [nrow][4], as row.fits */
    double *w_m; /* [nrow], the third of uvw.fits: as turned to the image's phase centre */
    struct pc_leaf *leaf;
    int nleaf, cap;
    int64_t nslot; /* of all leaves */
};

struct pc_predicted {
    struct pc_sheet *sheet;
    int n, cap;
    struct pc_spool *spool;
};

/* src as for any filter. A block without model_vis.fits is 65, and says what makes it. */
int pc_predicted_open(struct pc_predicted *p, const char *src, int64_t mem_byte, const char *tmpdir,
                      struct pc_err *err) PC_MUST_CHECK;
void pc_predicted_close(struct pc_predicted *p);
/* Rows first .. first+n-1 of a leaf: vis_jy [n][nslot][ncorr][2], freq_hz [n or 1][nslot]. */
int pc_predicted_read(const struct pc_predicted *p, const struct pc_sheet *sheet, const struct pc_leaf *leaf,
                      int64_t first, int64_t n, float *vis_jy, double *freq_hz,
                      struct pc_err *err) PC_MUST_CHECK;

#endif
