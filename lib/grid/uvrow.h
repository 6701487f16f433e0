/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_UVROW_H
#define PC_GRID_UVROW_H

#include <stdbool.h>
#include <stdint.h>

/* What is done to a row of pixels on its way between the padded image and the image, in single and in double
 * precision, and statistics of what comes out. */

/* Factors of the pixels of a row: corr f, times screen unless that is NULL. */
struct pc_row {
    const double *corr, *screen;
    double f;
    int n;
};
/* out = in factor, or added to what is there. */
void pc_row_put_f32(const struct pc_row *r, const float *in, bool add, float *out);
void pc_row_put_f64(const struct pc_row *r, const double *in, bool add, double *out);
/* The same from a model. */
void pc_row_take_f32(const struct pc_row *r, const float *in, float *out);
void pc_row_take_f64(const struct pc_row *r, const float *in, double *out);

/* out[i] = last[-i]. */
void pc_row_mirror_f32(int n, const float *last, float *out);
void pc_row_mirror_f64(int n, const double *last, double *out);

/* Who wants an image row by row, as it is made. */
enum { PC_ROW_BAND = 16 };
struct pc_row_taker {
    /* Rows y0 .. y0+nrow-1 of a plane, PC_ROW_BAND at most, of floats or doubles as the gridder makes them:
     * once each, in any order, by several threads. */
    void (*take)(void *of, int thread, int plane, int y0, int nrow, const void *rows);
    void *of;
    /* NULL; or called, by the thread that called the gridder, between the rows of a plane that lie about the
     * phase centre's and all others: up to `near` rows from it, and some more than that, fewer than
     * PC_ROW_BAND. */
    void (*near_taken)(void *of, int plane);
    int near;
};

/* What an image came out as. NaNs do not count. */
struct pc_tally {
    int64_t n;
    double sum_squares;
    double min, max; /* of none: infinity, -infinity */
};

/* The sums of some rows, in a fixed number of lanes: the same bits whatever the width of a vector. */
enum { PC_NLANE = 16 };
struct pc_lanes {
    double n[PC_NLANE], sum_squares[PC_NLANE], min[PC_NLANE], max[PC_NLANE];
};
void pc_lanes_clear(struct pc_lanes *l);
void pc_lanes_row_f32(struct pc_lanes *l, const float *row, int n);
void pc_lanes_row_f64(struct pc_lanes *l, const double *row, int n);
/* Of m, in order. */
void pc_lanes_sum(const struct pc_lanes *l, int64_t m, struct pc_tally *out);

#endif
