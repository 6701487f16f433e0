/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_SPECTRUM_H
#define PC_VIEW_SPECTRUM_H

#include "view/cubein.h"
#include "view/output.h"

/* The spectrum of a part of a cube: its flux (sum over the beam's area), its mean or its peak in each
 * channel, as a picture or a table. Channels in the order of velocity, without one of frequency. */

enum pc_statistic { PC_STATISTIC_SUM, PC_STATISTIC_MEAN, PC_STATISTIC_PEAK };

struct pc_spectrum_conf {
    struct pc_cubein_conf cube;
    enum pc_statistic statistic;
    /* The part: mask[ny][nx] of one channel, whose head is given with freq_hz its own; freed with
     * pc_mem_free(). `where` says in words which it is. */
    int (*part)(void *ctx, const struct pc_imhead *head, int chan, unsigned char **mask, struct pc_err *err);
    void *ctx;
    const char *where;
    const char *title; /* NULL: the object's name */
    int width_px;
};

struct pc_spectrum_point {
    int chan;
    double freq_hz, velocity_kms; /* NaN: none */
    double value;                 /* NaN: all is blank */
    int64_t npx;                  /* not blank */
};

/* One channel. area_px: of the beam, for the sum; 1 when pixels are Jy/pixel. An empty part has the sum 0. */
void pc_spectrum_measure(const float *pix, const unsigned char *mask, int64_t n, enum pc_statistic statistic,
                         double area_px, struct pc_spectrum_point *p);

struct pc_spectrum_report {
    int nchan;
    double max;
};
int pc_spectrum_draw(const struct pc_spectrum_conf *conf, const struct pc_output *o,
                     struct pc_spectrum_report *report, struct pc_err *err) PC_MUST_CHECK;

#endif
