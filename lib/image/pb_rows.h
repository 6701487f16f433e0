/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_ROWS_H
#define PC_IMAGE_PB_ROWS_H

#include "image/pb.h"

/* The primary beam of one pointing, row by row: what pc_pb_fill() fills a plane with. */

struct pc_pb_rows {
    float *power;        /* [PC_PB_TABLE + 1]: the last is 0, and so is all beyond; NULL: 1 everywhere */
    double x0_px, y0_px; /* where the dishes look; a whole number where it is one but for rounding */
    double cell_rad[2];
    double per_rad; /* samples of the table */
    int nx, ny;
};

/* limit: what is not above it becomes 0; negative: none. */
int pc_pb_rows_init(struct pc_pb_rows *r, const struct pc_pb *pb, const struct pc_imhead *head,
                    double freq_hz, const double pointing_rad[2], double limit,
                    struct pc_err *err) PC_MUST_CHECK;
void pc_pb_rows_fini(struct pc_pb_rows *r);
/* Row y, or `scale` times it added. Thread-safe. */
void pc_pb_rows_fill(const struct pc_pb_rows *r, int y, float *row);
void pc_pb_rows_add(const struct pc_pb_rows *r, int y, double scale, float *row);
/* The row on the other side of the pointing that is the same to the bit; -1 where the image has none. */
int pc_pb_rows_twin(const struct pc_pb_rows *r, int y);

#endif
