/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_PANEL_H
#define PC_VIEW_PANEL_H

#include "image/image.h"

#include <stdbool.h>

/* What of an image is shown, how the panels lie on the page, and what is written on them. No drawing here. */

/* A rectangle of the image in pixels, edges: pixel i covers i-0.5 .. i+0.5. */
struct pc_crop {
    double x0, y0, width, height;
};

/* The square that holds what stands out: pixels of `peak` (the brightest of each pixel's spectrum) above 5
 * sigma in regions of at least half a beam, with room around; the part that is not blank when nothing does.
 */
int pc_crop_find(const float *peak, const struct pc_imhead *head, double sigma, const struct pc_beam *beam,
                 struct pc_crop *crop, struct pc_err *err) PC_MUST_CHECK;
/* The square of that width around the image's centre, or all of it when that is smaller. */
void pc_crop_centre(const struct pc_imhead *head, double size_rad, struct pc_crop *crop);

/* The plane within the crop as side x side values, first row in the north: averaged where pixels are smaller
 * than the picture's, interpolated where they are larger. Blank stays blank. */
void pc_panel_sample(const float *plane, int nx, int ny, const struct pc_crop *crop, float *out, int side);
/* The same for a mask: the nearest pixel, 0 or 1. */
void pc_panel_sample_mask(const float *mask, int nx, int ny, const struct pc_crop *crop, unsigned char *out,
                          int side);

/* n square panels on a page of about width_px: so many columns (0: chosen) and rows, `side` pixels each. */
struct pc_layout {
    int ncol, nrow, side, gap;
    int left, top, right, bottom; /* margins, for labels and the bar */
    int width, height;            /* of the page */
    double font_px;
};
void pc_layout_choose(int n, int ncol, int width_px, struct pc_layout *l);

/* "+12.3 km/s" when there is a rest frequency, else "268.5006 GHz"; step is the distance of the channels. */
void pc_channel_label(char *s, size_t cap, double freq_hz, double restfreq_hz, double step_hz);

/* A list of channels as CASA writes it: "3", "0~23", "0~20^5", and several of these with commas. Fills
 * chan[cap] (each below nchan) and returns how many; PC_EX_USAGE otherwise. NULL or "": all, or `cap` evenly
 * spread ones. */
int pc_channels_parse(const char *s, int nchan, int *chan, int cap, struct pc_err *err) PC_MUST_CHECK;

#endif
